// Finds the element to click next, scrolls it into view and returns its position; null where there is none.
// An expression: a function of ({labels, never, elsewhere, with, done, files}, seeing).  Runs in an isolated world; `seeing` (seen.js)
// reads properties through prototypes, because a page may shadow them by naming elements.
(given, seeing) => {
  "use strict";
  const started = performance.now();
  const late = () => performance.now() - started > 700;
  const { read, call, find, rectOf, opaque, placeOf, spread, IN_VIEW } = seeing;
  const attribute = call(Element.prototype, "getAttribute");
  const setAttribute = call(Element.prototype, "setAttribute");
  const hasAttribute = call(Element.prototype, "hasAttribute");
  const closest = call(Element.prototype, "closest");
  const contains = call(Node.prototype, "contains");
  const scrollTo = call(Element.prototype, "scrollIntoView");
  const nameOf = read(Element.prototype, "localName");
  const shadowOf = read(Element.prototype, "shadowRoot");
  const textOf = read(Node.prototype, "textContent");
  const baseOf = read(Node.prototype, "baseURI");
  const controlsOf = read(HTMLFormElement.prototype, "elements");
  const methodOf = read(HTMLFormElement.prototype, "method");
  const buttonForm = read(HTMLButtonElement.prototype, "form");
  const buttonType = read(HTMLButtonElement.prototype, "type");
  const inputForm = read(HTMLInputElement.prototype, "form");
  const inputType = read(HTMLInputElement.prototype, "type");
  const removeAttribute = call(Element.prototype, "removeAttribute");
  const hostOf = read(ShadowRoot.prototype, "host");
  const rootOf = call(Node.prototype, "getRootNode");
  const documentPoint = call(Document.prototype, "elementFromPoint");
  const shadowPoint = call(ShadowRoot.prototype, "elementFromPoint");
  // The element that a click at this place would hit; null where something outside the shadow root covers it.
  const fromPoint = (root, x, y) => {
    const top = documentPoint(document, x, y);
    if (root === document || !top) return top;
    let host = hostOf(root);
    while (rootOf(host) !== document && rootOf(host) instanceof ShadowRoot) host = hostOf(rootOf(host));
    return top === host || contains(host, top) ? shadowPoint(root, x, y) : null;
  };

  const BUTTONS = new Set(["submit", "button", "image", "reset"]);
  const MAX_LABEL = 60;
  const fold = (text) => text.normalize("NFKC").toLowerCase().replaceAll("\u2019", "'").replace(/\s+/g, " ").trim();
  const bare = (text) => fold(text).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, "");
  const wordsOf = (text) => text.split(/[^\p{L}\p{N}\p{M}']+/u).filter(Boolean);
  const spaced = (text) => /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}\p{P}\p{S}\p{Z}]+$/u.test(text);
  const never = given.never.map(fold);
  const elsewhere = new Set(given.elsewhere);
  const withWords = new Set(given.with);
  const phrases = Object.entries(given.labels).map(([kind, list]) => [kind, list.map(fold)]);

  const forbidden = (label) => {
    const words = wordsOf(label);
    if (never.some((word) => (spaced(word) ? words.includes(word) : label.includes(word)))) return true;
    return words.some((word, at) => withWords.has(word) && words.slice(at + 1).some((other) => elsewhere.has(other)));
  };
  // The position of the label's kind in the list of kinds; -1 where the label is not to be clicked.
  const ranks = new Map();
  const rank = (label) => {
    if (!ranks.has(label)) ranks.set(label, rankOf(label));
    return ranks.get(label);
  };
  const rankOf = (label) => {
    if (!label || label.length > MAX_LABEL || forbidden(label)) return -1;
    return phrases.findIndex(([kind, list]) =>
      list.some((phrase) => {
        if (label === phrase) return true;
        const rest = label.slice(phrase.length);
        if (!label.startsWith(phrase)) return false;
        if (kind === "cookies") return /cookie/u.test(rest);
        return spaced(phrase) ? /^[^\p{L}\p{N}]/u.test(rest) && wordsOf(rest).length <= 5 : rest.length <= 8;
      }),
    );
  };
  const labelOf = (element) => {
    if (nameOf(element) === "input") return attribute(element, "value") || attribute(element, "alt") || "";
    if (nameOf(element) === "img") return attribute(element, "alt") ?? "";
    const text = textOf(element);
    if (text.length > 400) return "";
    return text.trim() || attribute(element, "aria-label") || attribute(element, "title") || "";
  };

  const leadsSomewhere = (anchor) => {
    const href = attribute(anchor, "href");
    if (href === null || href.trim() === "") return true;
    if (hasAttribute(anchor, "download")) return false;
    if (/^\s*javascript:/i.test(href)) return true;
    try {
      const url = new URL(href, baseOf(anchor));
      return /^https?:$/.test(url.protocol) && !given.files.some((end) => url.pathname.toLowerCase().endsWith(end));
    } catch {
      return false;
    }
  };
  const nothingToFill = (form) =>
    Array.from(controlsOf(form)).every((control) => {
      const name = nameOf(control);
      if (name === "button" || name === "fieldset" || name === "output" || name === "object") return true;
      return name === "input" && (inputType(control) === "hidden" || BUTTONS.has(inputType(control)));
    });
  // A submit control is clicked only where nothing can be filled in and nothing would be posted.
  const submits = (form) => !form || (methodOf(form) === "get" && nothingToFill(form));
  const harmless = (element) => {
    if (closest(element, "[disabled], [aria-disabled='true'], [contenteditable='true'], select, textarea, option")) return false;
    const label = closest(element, "label");
    if (label) return false;
    const control = closest(element, "button, input");
    if (control && nameOf(control) === "button") {
      if (attribute(control, "formmethod") && attribute(control, "formmethod").toLowerCase() !== "get") return false;
      if (buttonType(control) === "submit") return submits(buttonForm(control));
      if (buttonType(control) === "reset") return false;
    } else if (control) {
      const type = inputType(control);
      if (type === "submit" || type === "image") {
        if (attribute(control, "formmethod") && attribute(control, "formmethod").toLowerCase() !== "get") return false;
        return submits(inputForm(control));
      }
      if (type !== "button") return false;
    }
    const anchor = closest(element, "a, area");
    if (anchor && !leadsSomewhere(anchor)) return false;
    if (anchor && /^\s*(https?:|[^#:\s][^:]*$)/i.test(attribute(anchor, "href") ?? "")) return true;
    // a link without an address runs a script, which in a form with fields may submit it
    const form = closest(element, "form");
    return !form || nothingToFill(form);
  };
  const stayHere = (element) => {
    const anchor = closest(element, "a, area");
    if (anchor && attribute(anchor, "href") !== null) setAttribute(anchor, "target", "_self");
    if (anchor) removeAttribute(anchor, "ping");
    const control = closest(element, "button, input");
    if (control) setAttribute(control, "formtarget", "_self");
  };

  const CLEAR = "a, button, input[type=button], input[type=submit], input[type=image], summary, [role=button], [role=link], [onclick]";
  const VAGUE = "div, span, p, li, td, img, h1, h2, h3, h4, b, strong, i, em, font, center, section";
  const found = [];
  // elements on the first screen come first, so that elements before them cannot use up the time or the limit
  const inOrder = (elements) => {
    const shown = elements.filter(opaque);
    const first = new Set(
      shown.filter((element) => {
        const { x, y, width, height } = rectOf(element);
        return placeOf([x, y, width, height], null) === IN_VIEW;
      }),
    );
    return [...first, ...shown.filter((element) => !first.has(element))];
  };
  const collect = (root, depth) => {
    for (const element of inOrder(find(root, CLEAR))) consider(element, root, true);
    for (const element of spread(inOrder(find(root, VAGUE)), 5000)) consider(element, root, false);
    if (depth > 4) return;
    for (const element of find(root, "*")) {
      const shadow = shadowOf(element);
      if (shadow && !late()) collect(shadow, depth + 1);
    }
  };
  const consider = (element, root, clear) => {
    if (found.length >= 200 || late()) return;
    const label = labelOf(element);
    if (label.length > 400) return;
    const place = rank(bare(label));
    if (place < 0 || given.done.includes(bare(label))) return;
    if (!clear && getComputedStyle(element).cursor !== "pointer") return;
    const { x, y, width, height } = rectOf(element);
    if (width < 8 || height < 8 || !harmless(element)) return;
    found.push({ element, root, label, place, clear, at: found.length, box: [x, y, width, height] });
  };

  collect(document, 0);
  found.sort((one, other) => one.place - other.place || other.clear - one.clear || one.at - other.at);
  for (const { element, root, label, box } of found.slice(0, 12)) {
    scrollTo(element, { block: "center", inline: "center", behavior: "instant" });
    const { x, y, width, height } = rectOf(element);
    const [atX, atY] = [x + width / 2, y + height / 2];
    if (atX < 0 || atY < 0 || atX >= innerWidth || atY >= innerHeight) continue;
    const hit = fromPoint(root, atX, atY);
    if (!hit || !(hit === element || contains(element, hit)) || !harmless(hit)) continue;
    stayHere(hit);
    return JSON.stringify({
      label: label.slice(0, 400).toWellFormed(),
      key: bare(label),
      box: box.map((value) => Math.round(value * 10) / 10),
      x: atX,
      y: atY,
    });
  }
  return null;
}
