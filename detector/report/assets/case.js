(() => {
  const main = document.getElementById("content");
  const id = main.dataset.id;

  // Follow the filtered list where the reader came from one; ids only, so nothing else can get into an address.
  const order = recall("order").split(",");
  const at = order.indexOf(id);
  if (at >= 0 && order.every((other) => /^\d+$/.test(other))) {
    link("before", order[at - 1]);
    link("after", order[at + 1]);
  }
  const filter = recall("list");
  if (filter) document.getElementById("up").hash = filter;

  function link(name, target) {
    const node = document.getElementById(name);
    node.classList.toggle("off", !target);
    if (target) { node.href = `${target}.html`; node.removeAttribute("aria-disabled"); node.removeAttribute("role"); }
    else { node.removeAttribute("href"); node.setAttribute("aria-disabled", "true"); }
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const done = await copy(button.dataset.copy);
      const what = "live" in button.dataset ? "Live address copied: handle with care" : "Copied";
      say(done ? what : "The browser refused to copy");
    });
  }

  // A finding and its region light up together; a click holds the light.
  const stage = document.querySelector(".suspect .stage");
  let held = "";
  function light(number) {
    const chosen = number || held;
    for (const node of document.querySelectorAll("[data-finding]")) node.classList.toggle("lit", node.dataset.finding === chosen);
    if (stage) stage.classList.toggle("dim", Boolean(chosen));
  }
  function hold(number, scroll) {
    held = held === number ? "" : number;
    for (const node of document.querySelectorAll(".finding[data-finding]")) node.setAttribute("aria-pressed", String(node.dataset.finding === held));
    light("");
    if (held && scroll) scroll.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }
  for (const node of document.querySelectorAll("[data-finding]")) {
    const number = node.dataset.finding;
    const inText = node.classList.contains("finding");
    const partner = inText ? stage : document.querySelector(`.finding[data-finding="${CSS.escape(number)}"]`);
    node.addEventListener("pointerenter", () => light(number));
    node.addEventListener("pointerleave", () => light(""));
    node.addEventListener("focus", () => light(number));
    node.addEventListener("blur", () => light(""));
    node.addEventListener("click", () => hold(number, partner));
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); hold(number, partner); }
    });
  }

  document.addEventListener("keydown", (event) => {
    if (typing(event)) return;
    const go = { j: "after", ArrowRight: "after", k: "before", ArrowLeft: "before", u: "up" }[event.key];
    const node = go && document.getElementById(go);
    if (node && node.hasAttribute("href")) { event.preventDefault(); node.click(); }
    if (event.key === "Escape") { held = ""; light(""); }
  });

  // Paper shows everything.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const node of closed) node.open = true;
  });
  addEventListener("afterprint", () => { for (const node of closed) node.open = false; });
})();
