// Reads the text that a person can read on a page.  An expression: a function of (seeing, limits, late) that gives a reader.
(seeing, limits, late) => {
  "use strict";
  const { read, call, opaque, checkVisibility: rendered, placeOf, isCutOff, spread, IN_VIEW, ON_PAGE, UNSEEN } = seeing;
  const treeWalker = call(Document.prototype, "createTreeWalker");
  const nextNode = call(TreeWalker.prototype, "nextNode");
  const currentNode = read(TreeWalker.prototype, "currentNode");
  const dataOf = read(CharacterData.prototype, "data");
  const parentElementOf = read(Node.prototype, "parentElement");
  const ownerOf = read(Node.prototype, "ownerDocument");
  const previousOf = read(Node.prototype, "previousSibling");
  const findIn = call(Element.prototype, "querySelector");
  const nameOf = read(Element.prototype, "localName");
  const closest = call(Element.prototype, "closest");
  const rangeOf = call(Document.prototype, "createRange");
  const selectContents = call(Range.prototype, "selectNodeContents");
  const rangeRects = call(Range.prototype, "getClientRects");

  const LEAST_TYPE = 5; // CSS pixels; lines of a smaller height are unreadable
  const PIECE = 2000; // characters
  const RENDERED = { visibilityProperty: true };
  const SILENT = new Set(["script", "style", "noscript", "textarea", "select", "option", "optgroup", "title"]);

  // The position of the words of a text node, and the share of them on the first screen.
  const placeOfText = (node, parent, range, offset) => {
    selectContents(range, node);
    const lines = rangeRects(range);
    if (!lines.length || lines[0].height < LEAST_TYPE) return [UNSEEN, 0];
    const { x, y, width } = lines[0];
    const height = lines[lines.length - 1].bottom - y;
    const box = [x + offset.x, y + offset.y, Math.max(width, LEAST_TYPE), Math.max(height, LEAST_TYPE)];
    const place = placeOf(box, offset.clip);
    if (place === UNSEEN || isCutOff(parent)) return [UNSEEN, 0];
    return [place, place === IN_VIEW ? Math.min(1, (innerHeight - box[1]) / box[3]) : 0];
  };

  const blocks = new WeakMap();
  const blockOf = (element) => {
    const above = [];
    let at = element;
    while (at && !blocks.has(at) && /^(inline|contents|ruby)/.test(getComputedStyle(at).display)) {
      above.push(at);
      at = parentElementOf(at);
    }
    const block = at ? blocks.get(at) ?? at : null;
    for (const one of [...above, ...(at ? [at] : [])]) blocks.set(one, block);
    return block;
  };
  const followsBreak = (node) => {
    const before = previousOf(node);
    return before instanceof Element && nameOf(before) === "br";
  };

  const formsThatAsk = () => {
    const known = new Map();
    return (parent) => {
      const form = closest(parent, "form");
      if (form && !known.has(form)) known.set(form, opaque(form) && findIn(form, "input:not([type=hidden]), textarea") !== null);
      return form !== null && known.get(form);
    };
  };
  const asks = formsThatAsk();
  // All readable text of a root, in pieces, and the number of characters that cannot be read; as much as time permits.
  const piecesOf = (root, offset) => {
    const owner = ownerOf(root) ?? root;
    const walker = treeWalker(owner, root, NodeFilter.SHOW_TEXT);
    const range = rangeOf(owner);
    const pieces = [];
    let unseen = 0;
    let complete = true;
    for (let count = 1; nextNode(walker); count += 1) {
      if (count % 64 === 0 && late()) {
        complete = false;
        break;
      }
      const node = currentNode(walker);
      const parent = parentElementOf(node);
      const data = dataOf(node);
      if (!parent || SILENT.has(nameOf(parent)) || !/\S/.test(data)) continue;
      const [place, share] = opaque(parent) ? placeOfText(node, parent, range, offset) : [UNSEEN, 0];
      if (place === UNSEEN) {
        if (rendered(parent, RENDERED)) unseen += data.length;
        continue;
      }
      const inView = Math.ceil(share * data.length);
      for (let at = 0; at < data.length; at += PIECE) {
        const text = data.slice(at, at + PIECE).replace(/\s+/g, " ");
        const starts = at === 0 && followsBreak(node);
        pieces.push({ text, parent, starts, place: at < inView ? IN_VIEW : ON_PAGE });
      }
    }
    return { pieces, unseen, complete };
  };

  const joined = (pieces) => {
    let text = "";
    let before = null;
    for (const piece of pieces) {
      const block = blockOf(piece.parent);
      if (before !== null && (block !== before || piece.starts)) text += "\n";
      before = block;
      text += piece.text;
    }
    return text.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
  };
  const within = (pieces, most) => {
    const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
    return length <= most ? pieces : spread(pieces, Math.max(3, Math.floor((pieces.length * most) / length)));
  };

  // Shortens a text that is too long: keeps first screen and forms, and of the rest the beginning, the middle and the end.
  const inFront = (pieces) => pieces.filter(({ place, parent }) => place === IN_VIEW || asks(parent));
  const shortened = (pieces, most) => {
    const front = within(inFront(pieces), most / 2);
    const known = new Set(front);
    const rest = within(pieces.filter((piece) => !known.has(piece)), most / 2);
    for (const piece of rest) known.add(piece);
    return pieces.filter((piece) => known.has(piece));
  };
  // The text that a visitor sees first, with forms and the lines that say who runs the page.
  const OWNER = /©|\(c\)|copyright|all rights reserved/i;
  const glimpse = (pieces) => {
    const front = within(inFront(pieces), limits.view);
    const owners = spread(pieces.filter(({ text }) => text.length <= limits.field && OWNER.test(text)), limits.owners);
    const known = new Set([...front, ...owners]);
    return pieces.filter((piece) => known.has(piece));
  };
  return { piecesOf, joined, shortened, glimpse };
}
