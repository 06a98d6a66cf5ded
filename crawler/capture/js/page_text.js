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
  const kindOf = read(Node.prototype, "nodeType");
  const positionOf = call(Node.prototype, "compareDocumentPosition");
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

  // The position of the words of a text node, the share of them on the first screen, and the box of their first line.
  const placeOfText = (node, parent, range, offset) => {
    selectContents(range, node);
    const lines = rangeRects(range);
    if (!lines.length || lines[0].height < LEAST_TYPE) return [UNSEEN, 0];
    const { x, y, width } = lines[0];
    const height = lines[lines.length - 1].bottom - y;
    const box = [x + offset.x, y + offset.y, Math.max(width, LEAST_TYPE), Math.max(height, LEAST_TYPE)];
    const place = placeOf(box, offset.clip);
    if (place === UNSEEN || isCutOff(parent) || inkOf(parent) === "none") return [UNSEEN, 0];
    return [place, place === IN_VIEW ? Math.min(1, (innerHeight - box[1]) / box[3]) : 0, [x, y, width, lines[0].height]];
  };

  // How the letters of an element are drawn: not at all ("none"), from right to left against their script ("reversed"), or as usual.
  // Colours, shadows and gradients come from the elements around it too: some are asked, since pages nest few for one word.
  const AROUND = 4;
  const inks = new WeakMap();
  const inkOf = (parent) => {
    if (!inks.has(parent)) inks.set(parent, findInk(parent));
    return inks.get(parent);
  };
  const findInk = (parent) => {
    const own = getComputedStyle(parent);
    if (own.direction === "ltr" && own.webkitTextFillColor.startsWith("rgb(")) return "";
    let drawn = !/^rgba\(.*, 0\)$/.test(own.webkitTextFillColor) || own.textShadow !== "none" || parseFloat(own.webkitTextStrokeWidth) > 0;
    let reversed = false;
    for (let at = parent, count = 0; at && count < AROUND && !(drawn && own.direction === "ltr"); count += 1) {
      const style = getComputedStyle(at);
      drawn ||= /text/.test(style.webkitBackgroundClip);
      reversed ||= style.direction === "rtl" && /override/.test(style.unicodeBidi);
      at = parentElementOf(at);
    }
    return drawn ? (reversed ? "reversed" : "") : "none";
  };
  const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
  const turned = (text) => (RIGHT_TO_LEFT.test(text) ? text : Array.from(text).reverse().join(""));
  const OVERRIDDEN = /\u202e([^\u202c\n]+)\u202c?/g;

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
  const followsBreak = (node, parent) => {
    const block = blockOf(parent);
    let at = node;
    let above = parent;
    while (!previousOf(at) && above && above !== block) [at, above] = [above, parentElementOf(above)];
    const before = previousOf(at);
    return before !== null && kindOf(before) === 1 && nameOf(before) === "br";
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
  // All readable text of a root, in pieces, and what of it cannot be read; as much as time permits.  `spoiled`: letters that nobody can
  // read stand in words that can be read, or words are drawn against their order, so that programs read other words than people.
  const piecesOf = (root, offset) => {
    const owner = ownerOf(root) ?? root;
    const walker = treeWalker(owner, root, NodeFilter.SHOW_TEXT);
    const range = rangeOf(owner);
    const pieces = [];
    const hidden = [];
    let unseen = 0;
    let complete = true;
    let spoiled = false;
    let end = null; // the text before, where nothing but letters that nobody can read stands after it
    let between = "";
    for (let count = 1; nextNode(walker); count += 1) {
      if (count % 64 === 0 && late()) {
        complete = false;
        break;
      }
      const node = currentNode(walker);
      const parent = parentElementOf(node);
      const data = dataOf(node);
      if (!parent || SILENT.has(nameOf(parent))) continue;
      if (!/\S/.test(data)) {
        end = null;
        continue;
      }
      const [place, share, box] = opaque(parent) ? placeOfText(node, parent, range, offset) : [UNSEEN, 0];
      if (place === UNSEEN) {
        if (!rendered(parent, RENDERED)) continue;
        unseen += data.length;
        hidden.push(data.slice(0, PIECE).replace(/\s+/g, " "));
        spoiled ||= end !== null && LETTER_LAST.test(end) && LETTER_FIRST.test(data);
        between = data;
        continue;
      }
      spoiled ||= end !== null && LETTER_LAST.test(between) && LETTER_FIRST.test(data);
      [end, between] = [data, ""];
      const inView = Math.ceil(share * data.length);
      const reversed = inkOf(parent) === "reversed" || data.includes("\u202e");
      for (let at = 0; at < data.length; at += PIECE) {
        const written = data.slice(at, at + PIECE).replace(/\s+/g, " ");
        const drawn = reversed ? written.replace(OVERRIDDEN, (_, inner) => turned(inner)) : written;
        const text = reversed && drawn === written ? turned(written) : drawn;
        spoiled ||= text !== written;
        const starts = at === 0 && followsBreak(node, parent);
        pieces.push({ text, node, parent, starts, box, place: at < inView ? IN_VIEW : ON_PAGE });
      }
    }
    const ordered = inVisualOrder(pieces);
    return { pieces: ordered, unseen, complete, hidden, spoiled: spoiled || ordered !== pieces };
  };
  const LETTER_FIRST = /^[\p{L}\p{N}]/u;
  const LETTER_LAST = /[\p{L}\p{N}]$/u;

  // Puts parts of words that are drawn side by side in the order in which they are drawn, and joins them; the same list where none is moved.
  const PART = 12; // characters
  const PARTS = 40;
  const CLOSE = 0.12; // of the height of the line
  const mayMove = ({ text }) => text.length <= PART && /^\S+$/.test(text) && !RIGHT_TO_LEFT.test(text);
  const onLine = (one, other) => Math.abs(one.box[1] - other.box[1]) < one.box[3] / 2;
  const touching = (left, right) => Math.abs(right.box[0] - left.box[0] - left.box[2]) < CLOSE * left.box[3];
  const inVisualOrder = (pieces) => {
    const ordered = [];
    let moved = false;
    for (let at = 0; at < pieces.length; ) {
      let next = at + 1;
      if (mayMove(pieces[at])) {
        while (next < pieces.length && next - at < PARTS && mayMove(pieces[next]) && onLine(pieces[at], pieces[next])) next += 1;
      }
      const run = pieces.slice(at, next);
      const drawn = run.length > 1 ? joinedParts(run) : run;
      moved ||= drawn !== run;
      for (const piece of drawn) ordered.push(piece);
      at = next;
    }
    return moved ? ordered : pieces;
  };
  const joinedParts = (run) => {
    const drawn = run.slice().sort((one, other) => one.box[0] - other.box[0]);
    const joins = drawn.map((piece, at) => at > 0 && touching(drawn[at - 1], piece));
    const swapped = joins.some((joins, at) => joins && run.indexOf(drawn[at]) < run.indexOf(drawn[at - 1]));
    const apart = joins.filter((joins, at) => joins && drawn[at].text.length <= 2 && blockOf(drawn[at].parent) !== blockOf(drawn[at - 1].parent));
    if (apart.length < 3 && !(swapped && getComputedStyle(run[0].parent).direction === "ltr")) return run;
    return drawn.map((piece, at) => ({ ...piece, starts: piece.starts && !joins[at], joins: joins[at] }));
  };

  const joined = (pieces) => {
    let text = "";
    let before = null;
    for (const piece of pieces) {
      const block = blockOf(piece.parent);
      if (before !== null && !piece.joins && (block !== before || piece.starts)) text += "\n";
      before = block;
      text += piece.text;
    }
    return text.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
  };
  // Puts words that a style sheet writes ({ text, element, after }) where they stand among the pieces.
  const withWritten = (pieces, words) => {
    const all = pieces.slice();
    for (const { text, element, after } of words) {
      const follows = ({ node }) => {
        const position = positionOf(element, node);
        return !(position & Node.DOCUMENT_POSITION_DISCONNECTED)
          && position & Node.DOCUMENT_POSITION_FOLLOWING && !(after && position & Node.DOCUMENT_POSITION_CONTAINED_BY);
      };
      const at = all.findIndex(follows);
      all.splice(at < 0 ? all.length : at, 0, { text, node: element, parent: element, place: ON_PAGE });
    }
    return all;
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
  return { piecesOf, withWritten, joined, shortened, glimpse };
}
