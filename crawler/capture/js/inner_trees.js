// Returns the elements whose inner trees no script of the page can enter: those that may hold a closed shadow tree (on the first screen
// what a finger would find, further down what is large and shows nothing of its own), then visible frames from elsewhere; `told` of the
// array has the boxes of the frames.
// An expression: a function of (limits, seeing); see seen.js.
(limits, seeing) => {
  "use strict";
  const { read, find, rectOf, nameOf, shadowOf, documentIn, checkVisibility: visible, placeOf, choose, touch, UNSEEN } = seeing;
  const kindOf = read(Node.prototype, "nodeType");
  const firstOf = read(Node.prototype, "firstChild");
  const nextOf = read(Node.prototype, "nextSibling");
  const FRAMES = "iframe, frame, object, embed";
  // https://dom.spec.whatwg.org/#valid-shadow-host-name
  const HOSTS = new Set(
    "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split(" "),
  );
  const mayHost = (element) => (HOSTS.has(nameOf(element)) || nameOf(element).includes("-")) && !shadowOf(element);

  const found = new Set();
  const searches = limits.hosts > 0;
  const add = (element) => {
    if (mayHost(element)) found.add(element);
  };
  if (searches) touch(limits.milliseconds, add);
  // Whether the box of an element is filled by none of its children: a tree without a slot hides them.
  const showsNothing = (element) => {
    for (let child = firstOf(element), count = 0; child && count < limits.children; child = nextOf(child), count += 1) {
      if (kindOf(child) === 3 ? /\S/.test(child.data) : kindOf(child) === 1 && rectOf(child).height > 0) return false;
    }
    return true;
  };
  const frames = [];
  const collect = (root, offset, depth) => {
    const all = find(root, "*");
    for (const element of all) {
      const shadow = shadowOf(element);
      if (shadow && depth < limits.depth) collect(shadow, offset, depth + 1);
      if (!searches || !mayHost(element)) continue;
      const { y, width, height } = rectOf(element);
      if (y + height > innerHeight && width >= limits.width && height >= limits.height && showsNothing(element)) add(element);
    }
    for (const element of find(root, FRAMES)) {
      const { x, y, width, height } = rectOf(element);
      const box = [x + offset.x, y + offset.y, width, height];
      if (placeOf(box, null) === UNSEEN || !visible(element, { visibilityProperty: true })) continue;
      const inner = documentIn(element);
      const corner = { x: box[0] + element.clientLeft, y: box[1] + element.clientTop };
      if (inner && depth < limits.depth) collect(inner, corner, depth + 1);
      else if (!inner) frames.push({ element, box: [corner.x, corner.y, width, height] });
    }
  };
  collect(document, { x: 0, y: 0 }, 0);
  const hosts = choose(Array.from(found), limits.hosts, () => 0, () => {});
  const area = ({ box: [, , width, height] }) => -Math.floor(Math.log2(1 + width * height));
  const kept = choose(frames, limits.frames, area, () => {});
  const elements = [...hosts, ...kept.map(({ element }) => element)];
  elements.told = kept.map(({ box }) => box);
  return elements;
}
