// Helpers that decide what a person can see of a page, and which items are kept where there are too many.  An expression: a
// function that returns them; `closed` maps elements to their closed shadow trees, which scripts cannot reach by themselves.
//
// It runs in an isolated world, so the page cannot patch the prototypes used here.  What a page still controls are the
// names it gives its elements: <img name="body"> or <input name="action"> hide DOM properties of the same name.  Hence
// every property of a document or element is read through its prototype (`read`, `call`), never off the object.
(closed) => {
  "use strict";
  const read = (proto, name) => {
    const getter = Object.getOwnPropertyDescriptor(proto, name).get;
    return (object) => getter.call(object);
  };
  const call = (proto, name) => {
    const method = proto[name];
    return (object, ...values) => method.apply(object, values);
  };
  const rectOf = call(Element.prototype, "getBoundingClientRect");
  const checkVisibility = call(Element.prototype, "checkVisibility");
  const parentElementOf = read(Node.prototype, "parentElement");
  const offsetParentOf = read(HTMLElement.prototype, "offsetParent");
  const kindOf = read(Node.prototype, "nodeType");
  const findInDocument = call(Document.prototype, "querySelectorAll");
  const findInFragment = call(DocumentFragment.prototype, "querySelectorAll");
  const find = (root, selector) => Array.from((kindOf(root) === 9 ? findInDocument : findInFragment)(root, selector));
  const documentPoint = call(Document.prototype, "elementFromPoint");
  const shadowPoint = call(ShadowRoot.prototype, "elementFromPoint");
  const openShadow = read(Element.prototype, "shadowRoot");
  const shadowOf = (element) => openShadow(element) ?? closed?.get(element) ?? null;
  const documentOf = { iframe: HTMLIFrameElement, frame: HTMLFrameElement, object: HTMLObjectElement };
  for (const name of Object.keys(documentOf)) documentOf[name] = read(documentOf[name].prototype, "contentDocument");
  const nameOf = read(Element.prototype, "localName");
  // The document in a frame; null where it is from elsewhere, or there is none.
  const documentIn = (element) => {
    try {
      return documentOf[nameOf(element)]?.(element) ?? null;
    } catch {
      return null;
    }
  };

  // The place of an item: on the first screen, elsewhere on the page, or invisible.
  const IN_VIEW = 0, ON_PAGE = 1, UNSEEN = 2;
  const LEAST_SIDE = 3; // CSS pixels
  const OPAQUE = { opacityProperty: true, visibilityProperty: true };
  // The place of a box in the page's coordinates; `clip` is the box of the frame around it, null outside frames.
  const placeOf = ([x, y, width, height], clip) => {
    if (width < LEAST_SIDE || height < LEAST_SIDE || x + width <= 0 || y + height <= 0) return UNSEEN;
    const [left, top, right, bottom] = clip ?? [0, 0, innerWidth, innerHeight];
    const inside = x < Math.min(right, innerWidth) && y < Math.min(bottom, innerHeight);
    return inside && x + width > Math.max(left, 0) && y + height > Math.max(top, 0) ? IN_VIEW : ON_PAGE;
  };
  const opaque = (element) => checkVisibility(element, OPAQUE);

  // Tells whether a box of no size, with its content cut off, is around the element (CSS Overflow 3, section 3).
  const CLIPPED = /^(?:inset\((?:50|[6-9]\d|100)%|(?:circle|ellipse)\(0(?:px|%)?[ )])/;
  const cutOff = new WeakMap();
  const isCutOff = (element) => {
    const chain = [];
    let answer = false;
    for (let at = element; at; ) {
      if (cutOff.has(at)) {
        answer = cutOff.get(at);
        break;
      }
      chain.push(at);
      const style = getComputedStyle(at);
      const free = (style.position === "absolute" || style.position === "fixed") && at instanceof HTMLElement;
      at = free ? offsetParentOf(at) : parentElementOf(at);
    }
    for (const at of chain.reverse()) {
      if (!answer) {
        const { width, height } = rectOf(at);
        const { overflow, clipPath } = getComputedStyle(at);
        answer = (width < LEAST_SIDE || height < LEAST_SIDE) && /hidden|clip|scroll|auto/.test(overflow);
        answer ||= CLIPPED.test(clipPath);
      }
      cutOff.set(at, answer);
    }
    return answer;
  };

  // Of too many items, keeps equally many from the beginning, the middle and the end.
  const spread = (list, most) => {
    if (list.length <= most) return list;
    const part = Math.floor(most / 3);
    const first = most - 2 * part;
    const middle = Math.max(first, Math.floor((list.length - part) / 2));
    return [...list.slice(0, first), ...list.slice(middle, middle + part), ...list.slice(list.length - part)];
  };
  // Of too many items, keeps those of the lowest rank, and of equals by `spread`, in their order.  `lose` is called with the others.
  const choose = (list, most, rankOf, lose) => {
    if (list.length <= most) return list;
    const groups = new Map();
    list.forEach((item, index) => {
      const rank = rankOf(item);
      if (!groups.has(rank)) groups.set(rank, []);
      groups.get(rank).push(index);
    });
    const kept = new Set();
    for (const rank of Array.from(groups.keys()).sort((one, other) => one - other)) {
      for (const index of spread(groups.get(rank), most - kept.size)) kept.add(index);
    }
    lose(list.filter((_, index) => !kept.has(index)));
    return list.filter((_, index) => kept.has(index));
  };

  // Calls `tell` with each element that a visitor's finger would find on the first screen, from the outermost tree to the innermost:
  // at as many places, scattered over it, as there are milliseconds for.
  const STEP = 40; // CSS pixels
  const SCATTER = 7919; // a prime above the number of places
  const touch = (milliseconds, tell) => {
    const until = performance.now() + milliseconds;
    const columns = Math.max(1, Math.floor(innerWidth / STEP));
    const places = columns * Math.max(1, Math.floor(innerHeight / STEP));
    for (let count = 0; count < Math.min(places, SCATTER) && performance.now() < until; count += 1) {
      const at = (count * SCATTER) % places;
      let x = ((at % columns) + 0.5) * STEP;
      let y = (Math.floor(at / columns) + 0.5) * STEP;
      let hit = documentPoint(document, x, y);
      for (let depth = 0; hit && depth < 20; depth += 1) {
        tell(hit);
        const frame = documentIn(hit);
        if (frame) {
          const { x: left, y: top } = rectOf(hit);
          x -= left + hit.clientLeft;
          y -= top + hit.clientTop;
        }
        const inner = frame ? documentPoint(frame, x, y) : shadowOf(hit) && shadowPoint(shadowOf(hit), x, y);
        if (!inner || inner === hit) break;
        hit = inner;
      }
    }
  };
  // The elements on the first screen that a visitor's finger would find, with those around them.
  const onTop = (milliseconds) => {
    const found = new Set();
    touch(milliseconds, (hit) => {
      for (let at = hit; at && !found.has(at); at = parentElementOf(at)) found.add(at);
    });
    return found;
  };

  return {
    read, call, find, rectOf, nameOf, shadowOf, documentIn, checkVisibility, opaque, placeOf, isCutOff, spread, choose, touch, onTop,
    IN_VIEW, ON_PAGE, UNSEEN,
  };
}
