(() => {
  const list = document.getElementById("cases");
  if (!list) return;
  // All rows are here as data; nodes are made of those that somebody scrolls to, after the pattern of the first.
  const STEP = 200;
  const nodes = new Map(Array.from(list.children, (node) => [Number(node.dataset.id), node]));
  const pattern = list.firstElementChild;
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows.map((values, at) => {
    const row = Object.fromEntries(data.names.map((name, place) => [name, values[place]]));
    row.at = at;
    row.host = plain(row.site);
    row.text = plain([row.site, row.url, row.title].join("\n"));
    return row;
  });
  const field = (id) => document.getElementById(id);
  const controls = { q: field("q"), brand: field("brand"), decision: field("decision"), state: field("state"), sort: field("sort") };
  const initial = Object.fromEntries(Object.entries(controls).map(([key, node]) => [key, node.value]));
  const words = new Intl.Collator("en", { numeric: true });
  const likely = (a, b) => (b.probability ?? -1) - (a.probability ?? -1) || a.at - b.at;
  const orders = {
    probability: likely,
    newest: (a, b) => b.opened_stamp - a.opened_stamp || b.id - a.id,
    brand: (a, b) => words.compare(a.brand_name.toLowerCase(), b.brand_name.toLowerCase()) || likely(a, b),
    host: (a, b) => words.compare(a.host, b.host) || a.at - b.at,
  };
  let view = "rows";
  let shown = rows;
  let limit = Number(recall("limit")) || STEP;
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
  function chip(kind, text) {
    return Object.assign(document.createElement("span"), { className: `chip ${kind}`, textContent: text });
  }
  function picture(row) {
    if (!row.thumb) return Object.assign(document.createElement("span"), { className: "noshot", textContent: "No screenshot" });
    return Object.assign(document.createElement("img"), { width: 480, height: 300, loading: "lazy", decoding: "async", alt: "", src: `images/${row.thumb}` });
  }
  function made(row) {
    const node = pattern.cloneNode(true);
    const part = (name) => node.querySelector(name);
    node.dataset.id = row.id;
    node.className = row.state === "dismissed" ? "case dismissed" : "case";
    for (const link of node.querySelectorAll("a")) link.href = `cases/${row.id}.html`;
    part(".shot").replaceChildren(picture(row));
    part(".host bdi").textContent = row.site;
    part(".title bdi").textContent = row.title || "(no title)";
    part(".url bdi").textContent = row.url;
    part(".why").textContent = row.sentence;
    part("strong").textContent = row.brand_name;
    part(".chips").replaceChildren(
      chip(`decision-${row.decision}`, row.decision_label), chip(`state-${row.state}`, row.state_label), ...(row.cloaked ? [chip("warn", "Cloaked")] : []));
    part(".much").className = `much of-${row.decision}`;
    part(".p").textContent = row.probability_text;
    part(".meter").setAttribute("aria-label", `Probability ${row.probability_text}`);
    part(".fill").setAttribute("width", (100 * (row.probability ?? 0)).toFixed(1));
    Object.assign(part("time"), { title: `Opened ${row.opened}`, textContent: row.opened.slice(0, 16) });
    nodes.set(row.id, node);
    return node;
  }
  function draw() {
    const wanted = shown.slice(0, limit).map((row) => nodes.get(row.id) || made(row));
    // what is there already in this order stays where it is: a focus, and pictures that load, are not lost
    let kept = 0;
    while (kept < wanted.length && wanted[kept] === list.children[kept]) kept += 1;
    while (list.children.length > kept) list.lastElementChild.remove();
    list.append(...wanted.slice(kept));
    field("more").hidden = shown.length <= limit;
    remember("limit", limit);
  }
  function apply() {
    const needles = plain(controls.q.value).split(/\s+/).filter(Boolean);
    shown = rows.filter((row) => matches(row, needles)).sort(orders[controls.sort.value] || orders.probability);
    draw();
    cursor = -1;
    field("tally").textContent = `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    field("none").hidden = shown.length > 0;
    remember("order", shown.map((row) => row.id).join(","));
    save();
  }
  function again() {
    limit = STEP;
    apply();
  }
  function more() {
    limit += STEP;
    draw();
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
    if (cursor >= limit) more();
    const node = nodes.get(shown[cursor].id);
    node.querySelector(".host").focus();
    node.scrollIntoView({ block: "nearest" });
  }
  for (const node of Object.values(controls)) node.addEventListener("input", again);
  document.querySelector(".controls").addEventListener("submit", (event) => event.preventDefault());
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => { look(button.dataset.view); save(); });
  field("more").querySelector("button").addEventListener("click", more);
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) more(); }, { rootMargin: "1200px" }).observe(field("more"));
  field("reset").addEventListener("click", () => {
    for (const [key, node] of Object.entries(controls)) node.value = initial[key];
    again();
    controls.q.focus();
  });
  list.addEventListener("focusin", (event) => {
    const id = Number(event.target.closest(".case").dataset.id);
    cursor = shown.findIndex((row) => row.id === id);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === controls.q) { controls.q.value = ""; again(); controls.q.blur(); return; }
    if (typing(event)) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); }
    if (event.key === "/") { event.preventDefault(); controls.q.focus(); controls.q.select(); }
  });
  addEventListener("hashchange", () => { load(); again(); });
  addEventListener("pageshow", () => { load(); apply(); });
})();
