(() => {
  const list = document.getElementById("cases");
  if (!list) return;
  const rows = Array.from(list.children, (node, at) => ({
    node, at,
    brand: node.dataset.brand, name: node.dataset.name, decision: node.dataset.decision, state: node.dataset.state,
    p: Number(node.dataset.p), t: Number(node.dataset.t),
    host: plain(node.querySelector(".host").textContent),
    text: plain([".host", ".url", ".title"].map((part) => node.querySelector(part).textContent).join("\n")),
  }));
  const field = (id) => document.getElementById(id);
  const controls = { q: field("q"), brand: field("brand"), decision: field("decision"), state: field("state"), sort: field("sort") };
  const initial = Object.fromEntries(Object.entries(controls).map(([key, node]) => [key, node.value]));
  const words = new Intl.Collator("en", { numeric: true });
  const orders = {
    probability: (a, b) => b.p - a.p || a.at - b.at,
    newest: (a, b) => b.t - a.t || b.node.dataset.id - a.node.dataset.id,
    brand: (a, b) => words.compare(a.name, b.name) || b.p - a.p || a.at - b.at,
    host: (a, b) => words.compare(a.host, b.host) || a.at - b.at,
  };
  let view = "rows";
  let shown = rows;
  let cursor = -1;

  function plain(text) {
    return text.toLowerCase().replace(/\[([.:@。．｡])\]/g, "$1").replace(/\bhxxp/g, "http");
  }
  function matches(row, needles) {
    const { brand, decision, state } = controls;
    return (!brand.value || row.brand === brand.value) && (!decision.value || row.decision === decision.value)
      && (!state.value || (state.value === "open" ? row.state !== "dismissed" : row.state === state.value))
      && needles.every((needle) => row.text.includes(needle));
  }
  function apply() {
    const needles = plain(controls.q.value).split(/\s+/).filter(Boolean);
    const sorted = [...rows].sort(orders[controls.sort.value] || orders.probability);
    shown = sorted.filter((row) => matches(row, needles));
    const keep = new Set(shown);
    for (const row of rows) row.node.hidden = !keep.has(row);
    if (sorted.some((row, at) => list.children[at] !== row.node)) list.append(...sorted.map((row) => row.node));
    cursor = -1;
    field("tally").textContent = `${shown.length} of ${rows.length}`;
    field("none").hidden = shown.length > 0;
    remember("order", shown.map((row) => row.node.dataset.id).join(","));
    save();
  }
  function save() {
    const state = new URLSearchParams();
    for (const [key, node] of Object.entries(controls)) if (node.value !== initial[key]) state.set(key, node.value);
    if (view !== "rows") state.set("view", view);
    const hash = state.toString();
    try { history.replaceState(null, "", hash ? `#${hash}` : "#"); } catch { /* the filter is just not in the address */ }
    remember("list", hash);
  }
  function load() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const [key, node] of Object.entries(controls)) {
      const value = state.get(key);
      if (value !== null && (key === "q" || Array.from(node.options).some((option) => option.value === value))) node.value = value;
      else node.value = initial[key];
    }
    look(state.get("view") === "grid" ? "grid" : "rows");
  }
  function look(name) {
    view = name;
    list.className = name;
    for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === name));
  }
  function step(by) {
    if (!shown.length) return;
    cursor = Math.min(Math.max(cursor + by, 0), shown.length - 1);
    const link = shown[cursor].node.querySelector(".host");
    link.focus();
    shown[cursor].node.scrollIntoView({ block: "nearest" });
  }
  for (const node of Object.values(controls)) node.addEventListener("input", apply);
  document.querySelector(".controls").addEventListener("submit", (event) => event.preventDefault());
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => { look(button.dataset.view); save(); });
  field("reset").addEventListener("click", () => {
    for (const [key, node] of Object.entries(controls)) node.value = initial[key];
    apply();
    controls.q.focus();
  });
  list.addEventListener("focusin", (event) => {
    const node = event.target.closest(".case");
    cursor = shown.findIndex((row) => row.node === node);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === controls.q) { controls.q.value = ""; apply(); controls.q.blur(); return; }
    if (typing(event)) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); }
    if (event.key === "/") { event.preventDefault(); controls.q.focus(); controls.q.select(); }
  });
  addEventListener("hashchange", () => { load(); apply(); });
  addEventListener("pageshow", () => { load(); apply(); });
})();
