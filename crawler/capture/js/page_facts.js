// Returns the facts of the rendered page as one JSON string.  An expression: a function of (limits, seeing, reader).
//
// It runs in an isolated world; `seeing` (seen.js) reads properties so that names in the page cannot hide them, and decides what is
// kept where there is more than a limit: first what a person can see, from every part of the page.  `reader`: page_text.js.
(limits, seeing, reader) => {
  "use strict";
  const started = performance.now();
  const late = () => performance.now() - started > limits.milliseconds;
  const { read, call, find, rectOf, nameOf, shadowOf, documentIn, checkVisibility: visible, opaque, placeOf, spread, choose, onTop } = seeing;
  const { IN_VIEW, UNSEEN } = seeing;
  const { piecesOf, withWritten, joined, shortened, glimpse } = reader(seeing, limits, () => performance.now() - started > limits.milliseconds / 2);
  const attribute = call(Element.prototype, "getAttribute");
  const closest = call(Element.prototype, "closest");
  const parentOf = read(Node.prototype, "parentNode");
  const kindOf = read(Node.prototype, "nodeType");
  const viewOf = read(Document.prototype, "defaultView");
  const baseOf = read(Node.prototype, "baseURI");
  const innerText = read(HTMLElement.prototype, "innerText");
  const bodyOf = read(Document.prototype, "body");
  const rootOf = read(Document.prototype, "documentElement");
  const titleOf = read(Document.prototype, "title");
  const addressOf = read(Document.prototype, "URL");
  const treeWalker = call(Document.prototype, "createTreeWalker");
  const nextNode = call(TreeWalker.prototype, "nextNode");
  const currentNode = read(TreeWalker.prototype, "currentNode");
  const dataOf = read(CharacterData.prototype, "data");
  const inputType = read(HTMLInputElement.prototype, "type");
  const inputForm = read(HTMLInputElement.prototype, "form");
  const selectType = read(HTMLSelectElement.prototype, "type");
  const currentSource = read(HTMLImageElement.prototype, "currentSrc");

  const clean = (value, length) => String(value ?? "").slice(0, length).toWellFormed().replaceAll("\0", "");
  const short = (value) => clean(value, limits.field).trim();
  const absolute = (value, base) => {
    try {
      return clean(new URL(String(value).slice(0, 5 * limits.address), base).href, limits.address);
    } catch {
      return "";
    }
  };

  const images = [];
  const inputs = [];
  const forms = [];
  const anchors = new Map();
  const telephones = new Map();
  const texts = [];
  const pieces = [];
  const unreadable = [];
  const written = [];
  let wordsSpoiled = false;
  const challengeMarks = [];
  const origins = [];
  const tags = [];
  const icons = new Set();
  const resources = new Set();
  const reached = new Set();
  const pressure = { audio: 0, unloads: 0 };
  // Where the element that is looked at stands in the order of the document, those around its frame or shadow tree first.
  let here = [];
  const inOrder = (things) => things.sort((one, other) => {
    const at = one.at.findIndex((place, depth) => place !== other.at[depth]);
    return at < 0 ? one.at.length - other.at.length : one.at[at] - (other.at[at] ?? -1);
  });
  let unseenText = 0;
  let textsWhole = true;
  let roots = 0;

  const boxOf = (element, offset) => {
    const { x, y, width, height } = rectOf(element);
    return [x + offset.x, y + offset.y, width, height].map((value) => Math.round(value * 10) / 10);
  };
  const seen = (element, box, checks) => box[2] >= 1 && box[3] >= 1 && visible(element, checks);
  const OPAQUE = { opacityProperty: true, visibilityProperty: true };
  const addImage = (element, tag, offset, alt, src, known = null) => {
    const box = known ?? boxOf(element, offset);
    if (known || seen(element, box, OPAQUE)) images.push({ tag, box, alt, src, place: placeOf(box, offset.clip), at: here });
  };
  const urlIn = (style, more) => [style.backgroundImage, style.maskImage, more].find((value) => value?.includes("url(")) ?? "";
  const backgroundOf = (element, view) => urlIn(view.getComputedStyle(element), "");
  const addPseudo = (element, view, offset, box) => {
    let painted = "";
    for (const pseudo of ["::before", "::after"]) {
      const style = view.getComputedStyle(element, pseudo);
      if (!style || style.content === "none") continue;
      addWritten(element, pseudo, style.content);
      painted ||= urlIn(style, style.content);
    }
    if (painted) addImage(element, "background", offset, "", painted, box);
  };
  // Words that a style sheet writes before or after an element.
  const WRITTEN = /"((?:[^"\\]|\\.)*)"|attr\(([\w-]+)[^)]*\)/g;
  const addWritten = (element, pseudo, content) => {
    if (!/[\p{L}\p{N}]{2}/u.test(content) || /^(normal|counters?\()/.test(content) || written.length >= limits.marks) return;
    const parts = Array.from(content.matchAll(WRITTEN), ([, said, name]) => said ?? attribute(element, name) ?? "");
    const text = short(parts.join(""));
    if (/[\p{L}\p{N}]{2}/u.test(text)) written.push({ text, element, after: pseudo === "::after" });
  };

  // sound that the browser starts by itself; calls of play() are counted by page_pressure.js
  const addSound = (element) => {
    if (attribute(element, "autoplay") !== null && attribute(element, "muted") === null) pressure.audio += 1;
  };
  const telephone =
    /^\s*(?:(?:tel|callto|sms|smsto|mms|facetime|facetime-audio|whatsapp|viber|skype):|(?:https?:)?\/\/(?:www\.|api\.|web\.)?(?:wa\.me|whatsapp\.com)\/)/i;

  const looks = {
    img: (element, offset) => addImage(element, "img", offset, attribute(element, "alt"), currentSource(element)),
    canvas: (element, offset) => addImage(element, "canvas", offset, attribute(element, "aria-label"), ""),
    video: (element, offset, base) => {
      addSound(element);
      const poster = attribute(element, "poster");
      if (poster) addImage(element, "img", offset, "", absolute(poster, base));
    },
    object: (element, offset, base, depth, root, within) => {
      addImage(element, "img", offset, "", absolute(attribute(element, "data") ?? "", base));
      walkInto(element, offset, depth, within);
    },
    embed: (element, offset, base) => addImage(element, "img", offset, "", absolute(attribute(element, "src") ?? "", base)),
    a: (element, offset, base) => {
      const href = attribute(element, "href");
      if (href === null) return;
      const link = { element, offset, href, base };
      if (telephone.test(href) && !telephones.has(href)) telephones.set(href, link);
      const key = `${base} ${href}`;
      if (!anchors.has(key) && !/^\s*javascript:/i.test(href)) anchors.set(key, link);
    },
    audio: (element) => addSound(element),
    body: (element) => {
      if (attribute(element, "onbeforeunload")) pressure.unloads += 1;
    },
    form: (element, offset, base) => forms.push({ element, base, at: here }),
    script: (element, offset, base) => {
      const src = attribute(element, "src");
      if (src) resources.add(absolute(src, base));
    },
    link: (element, offset, base) => {
      const relation = (attribute(element, "rel") ?? "").toLowerCase().split(/\s+/);
      const href = absolute(attribute(element, "href") ?? "", base);
      if (relation.includes("stylesheet")) resources.add(href);
      if (relation.some((word) => ["icon", "apple-touch-icon", "apple-touch-icon-precomposed"].includes(word))) icons.add(href);
    },
    iframe: (element, offset, base, depth, root, within) => {
      const src = attribute(element, "src");
      if (src) resources.add(absolute(src, base));
      walkInto(element, offset, depth, within);
    },
  };
  const walkInto = (frame, offset, depth, within) => {
    const box = boxOf(frame, offset);
    if (!within.has(frame) || !seen(frame, box, { visibilityProperty: true })) return;
    const clip = [box[0], box[1], box[0] + box[2], box[1] + box[3]];
    walk(documentIn(frame), { x: box[0] + frame.clientLeft, y: box[1] + frame.clientTop, clip }, depth + 1);
  };
  looks.frame = looks.iframe;
  looks.area = looks.a;
  const addInput = (element, offset, root, type) => {
    const box = boxOf(element, offset);
    if (type === "hidden" || !seen(element, box, { visibilityProperty: true })) return;
    inputs.push({ element, root, type, box, place: opaque(element) ? placeOf(box, offset.clip) : UNSEEN, at: here });
  };
  looks.input = (element, offset, base, depth, root) => {
    const type = inputType(element);
    if (type === "image") {
      addImage(element, "input", offset, attribute(element, "alt"), absolute(attribute(element, "src") ?? "", base));
    }
    addInput(element, offset, root, type);
  };
  looks.textarea = (element, offset, base, depth, root) => addInput(element, offset, root, "textarea");
  looks.select = (element, offset, base, depth, root) => addInput(element, offset, root, selectType(element));

  // The keys that a page gives to captcha services, and elements that are named after one.
  const KEYS = ["data-sitekey", "data-site-key", "data-pkey", "data-captcha-id", "data-gt"];
  const CHALLENGE_NAMES = ["captcha", "turnstile", "geetest", "arkose", "datadome", "sec-if-cpt", "cf-chl", "slide-verify"];
  const CHALLENGES = [
    ...KEYS.map((name) => `[${name}]`),
    ...CHALLENGE_NAMES.flatMap((name) => [`[class*="${name}" i]`, `[id*="${name}" i]`]),
  ].join();
  const addChallengeMarks = (root, offset) => {
    for (const element of spread(find(root, CHALLENGES), 50 * limits.marks)) {
      const box = boxOf(element, offset);
      challengeMarks.push({ element, box: seen(element, box, { visibilityProperty: true }) ? box : [0, 0, 0, 0] });
    }
  };
  const describeMark = ({ element, box }) => {
    const key = KEYS.map((name) => attribute(element, name)).find((value) => value?.trim()) ?? "";
    return { name: short(`${attribute(element, "id") ?? ""} ${attribute(element, "class") ?? ""}`), key: short(key), box };
  };

  // How the document is built, as the smallest hashes (FNV-1a) of all runs of five elements with the steps between their depths:
  // a sketch that estimates the similarity of two documents (Broder 1997), independent of their text.
  const names = new Map();
  const mix = (hash, value) => Math.imul(hash ^ value, 0x01000193) >>> 0;
  const nameHash = (name) => {
    if (!names.has(name)) {
      let hash = 0x811c9dc5;
      for (let index = 0; index < Math.min(name.length, 40); index += 1) hash = mix(hash, name.charCodeAt(index));
      names.set(name, hash);
    }
    return names.get(name);
  };
  const UNSEEN_TAGS = new Set(["script", "style", "link", "meta", "title", "base", "noscript", "template", "br"]);
  const depths = new WeakMap();
  const addTags = (elements) => {
    for (const element of elements) {
      depths.set(element, (depths.get(parentOf(element)) ?? 0) + 1);
      if (UNSEEN_TAGS.has(nameOf(element)) || (element instanceof SVGElement && nameOf(element) !== "svg")) continue;
      tags.push([nameHash(nameOf(element)), depths.get(element)]);
      if (tags.length % 4096 === 0 && late()) return;
    }
  };
  const sketch = () => {
    const hashes = new Set();
    const listed = spread(tags, limits.tags);
    for (let start = 0; start + 5 <= listed.length; start += 1) {
      let hash = 0x811c9dc5;
      for (let at = start; at < start + 5; at += 1) {
        hash = mix(mix(hash, listed[at][0]), listed[at][1] - listed[start][1]);
        hash = mix(hash, hash >>> 15);
      }
      hashes.add(hash);
    }
    return Array.from(hashes).sort((one, other) => one - other).slice(0, limits.sketch);
  };
  // Whether a box may have a background worth asking for: of few elements each, of many those that a person can see.
  const mayShow = (box, offset) => {
    if (nodes <= limits.pseudo) return true;
    const place = placeOf(box, offset.clip);
    return nodes <= limits.nodes ? place !== UNSEEN : place === IN_VIEW && Math.min(box[2], box[3]) >= limits.picture;
  };
  const lookAt = (element, offset, base, depth, root, view, within) => {
    const name = nameOf(element);
    if (element instanceof SVGElement || name === "svg") {
      if (name === "svg" && !closest(parentOf(element) ?? element, "svg")) {
        addImage(element, "svg", offset, attribute(element, "aria-label"), "");
      }
      return;
    }
    looks[name]?.(element, offset, base, depth, root, within);
    nodes += 1;
    const box = opaque(element) ? boxOf(element, offset) : [0, 0, 0, 0];
    if (box[2] >= 1 && box[3] >= 1 && mayShow(box, offset)) {
      const background = backgroundOf(element, view);
      if (background) addImage(element, "background", offset, attribute(element, "aria-label"), background, box);
      if (nodes <= limits.pseudo || within.has(element)) addPseudo(element, view, offset, box);
    }
    if (within.has(element) && shadowOf(element)) walk(shadowOf(element), offset, depth + 1, base, view);
  };
  // Traces in the source of tools that copy pages, and addresses that the source still names as its own.
  const MARKS = [
    ["saved from url", /saved from url=\(\d+\)\s*(\S+)/i],
    ["HTTrack", /mirrored from (\S+) by HTTrack/i],
    ["SingleFile", /page saved with SingleFile[\s\S]*?url:\s*(\S+)/i],
  ];
  const addOrigin = (mark, value, base) => {
    const address = value && absolute(mark === "HTTrack" && !/^https?:/i.test(value) ? `http://${value}` : value, base);
    if (address && /^https?:/.test(address) && origins.length < limits.origins) origins.push({ mark, url: address });
  };
  const addOrigins = (root, base) => {
    const comments = treeWalker(root, root, NodeFilter.SHOW_COMMENT);
    for (let count = 1; nextNode(comments) && (count % 64 !== 0 || !late()); count += 1) {
      const text = clean(dataOf(currentNode(comments)), limits.address);
      if (!/sav|mirror/i.test(text)) continue;
      for (const [mark, pattern] of MARKS) addOrigin(mark, pattern.exec(text)?.[1], base);
    }
    const named = {
      "WebScrapBook": ["html[data-scrapbook-source]", "data-scrapbook-source"],
      "Save Page WE": ['meta[name="savepage-url" i]', "content"],
      "canonical": ['link[rel="canonical" i]', "href"],
      "og:url": ['meta[property="og:url" i]', "content"],
      "base": ["base[href]", "href"],
    };
    for (const [mark, [selector, name]] of Object.entries(named)) {
      for (const element of spread(find(root, selector), 3)) addOrigin(mark, attribute(element, name), base);
    }
  };

  // The frames and shadow trees of a root that are read: those on the first screen first.
  const innerOf = (all, offset, depth) => {
    const inner = all.filter((element) => shadowOf(element) || documentIn(element));
    const place = (element) => placeOf(boxOf(element, offset), offset.clip);
    const lose = (lost) => {
      if (lost.some((element) => place(element) !== UNSEEN && visible(element, OPAQUE))) reached.add("frames");
    };
    const most = depth < limits.depth ? Math.max(0, limits.roots - roots) : 0;
    const kept = choose(inner, most, place, lose);
    roots += kept.length;
    return kept;
  };
  // The elements in the order in which they are looked at: of many those on the first screen and those that ask for something first,
  // then those that show something by what they are.
  const listed = (root, all, inner) => {
    if (all.length <= limits.pseudo) return all;
    const first = [...(root === document ? topmost() : []), ...find(root, FIELDS), ...inner];
    return Array.from(new Set(first.concat(find(root, SHOWING), all)));
  };
  const FIELDS = "form, input, select, textarea";
  const SHOWING = [...Object.keys(looks), "svg"].join();
  let hit = null;
  const topmost = () => (hit ??= onTop(limits.milliseconds / 10));
  let nodes = 0;
  const readText = (root, offset) => {
    const parts = kindOf(root) === 9 ? [bodyOf(root)].filter(Boolean) : find(root, ":host > :not(style, script)");
    for (const part of parts) texts.push(innerText(part) ?? "");
    const part = piecesOf(kindOf(root) === 9 ? bodyOf(root) ?? root : root, offset);
    for (const piece of part.pieces) pieces.push(piece);
    for (const text of part.hidden) unreadable.push(text);
    unseenText += part.unseen;
    wordsSpoiled ||= part.spoiled;
    textsWhole &&= part.complete;
    if (!part.complete) reached.add("time");
  };
  const walk = (root, offset, depth, base, view) => {
    if (kindOf(root) === 9) {
      base = baseOf(root);
      view = viewOf(root) ?? window;
    }
    readText(root, offset);
    addChallengeMarks(root, offset);
    for (const element of find(root, '[onclick*="tel:" i], [onclick*="callto:" i]')) {
      const number = /(?:tel|callto):[^'"\s]{3,60}/i.exec(attribute(element, "onclick"));
      if (number) telephones.set(number[0], { element, offset, href: number[0] });
    }
    const all = find(root, "*");
    const inner = innerOf(all, offset, depth);
    const within = new Set([...inner, ...(all.length > limits.pseudo ? topmost() : [])]);
    const around = here;
    const placeIn = new Map(all.map((element, at) => [element, at]));
    let count = 0;
    for (const element of listed(root, all, inner)) {
      count += 1;
      here = [...around, placeIn.get(element) ?? -1];
      if (count % 64 === 0 && late()) {
        reached.add("time");
        break;
      }
      try {
        lookAt(element, offset, base, depth, root, view, within);
      } catch {
        continue; // one odd element must not hide the others
      }
    }
    here = around;
    if (root === document) addTags(all);
  };

  // --- what is kept of it ---

  const sizeOf = ([, , width, height]) => Math.floor(Math.log2(Math.max(1, width * height)));
  const keptImages = () => {
    const inView = ({ box: [x, y, width, height] }) => x < innerWidth && y < innerHeight && x + width > 0 && y + height > 0;
    const lose = (lost) => {
      const matters = lost.some(({ place, box }) => place === IN_VIEW && Math.min(box[2], box[3]) >= limits.picture);
      reached.add(matters ? "pictures" : "pictures further down");
    };
    const rank = ({ place, box }) => 100 * place - sizeOf(box);
    const shown = images.length > limits.images ? images.filter(({ place }) => place !== UNSEEN) : images;
    const kept = choose(shown, limits.images, rank, lose);
    return [...kept.filter(inView), ...kept.filter((image) => !inView(image))].map(({ tag, box, alt, src }) => {
      return { tag, box, alt: short(alt), src: clean(src, limits.address) };
    });
  };

  const IDLE = new Set(["submit", "button", "checkbox", "radio", "image", "reset", "range", "color", "file"]);
  const keptInputs = () => {
    const unseen = inputs.filter(({ place }) => place === UNSEEN);
    const secret = new Set(spread(unseen.filter(({ type }) => type === "password"), 3));
    const shown = unseen.length > limits.unseen ? inputs.filter((input) => input.place !== UNSEEN || secret.has(input)) : inputs;
    const rank = ({ type, place }) => (type === "password" ? 0 : IDLE.has(type) ? 10 : 1) + place;
    const lose = (lost) => reached.add(lost.some(({ type }) => !IDLE.has(type)) ? "fields" : "buttons");
    return choose(shown, limits.inputs, rank, lose);
  };
  const labelsOf = new Map();
  const labelFor = (root, id) => {
    if (!labelsOf.has(root)) {
      const known = new Map();
      for (const label of find(root, "label[for]")) {
        const named = attribute(label, "for");
        if (!known.has(named)) known.set(named, label);
      }
      labelsOf.set(root, known);
    }
    return labelsOf.get(root).get(id);
  };
  const labelTexts = new Map();
  const textOfLabel = (label) => {
    if (!labelTexts.has(label)) labelTexts.set(label, late() ? "" : innerText(label));
    return labelTexts.get(label);
  };
  const describeInput = ({ element, root, type, box }) => {
    const id = attribute(element, "id");
    const label = (id && labelFor(root, id)) || closest(element, "label");
    return {
      type,
      name: short(attribute(element, "name")),
      placeholder: short(attribute(element, "placeholder")),
      box,
      autocomplete: short(attribute(element, "autocomplete")),
      label: short(attribute(element, "aria-label") || (label ? textOfLabel(label) : "")),
    };
  };
  const keptForms = (fields) => {
    const asking = new Set(fields.map(({ element }) => (nameOf(element) === "input" ? inputForm(element) : closest(element, "form"))));
    const rank = ({ element }) => (asking.has(element) ? 0 : 1);
    const lose = (lost) => reached.add(lost.some((form) => rank(form) === 0) ? "forms" : "empty forms");
    return choose(forms, limits.forms, rank, lose).map(({ element, base }) => {
      const method = (attribute(element, "method") ?? "get").trim().toLowerCase();
      const action = absolute(attribute(element, "action")?.trim() || baseOf(element), base);
      return { action, method: ["post", "dialog"].includes(method) ? method : "get" };
    });
  };
  const keptLinks = (found, most, name) => {
    const place = ({ element, offset }) => (opaque(element) ? placeOf(boxOf(element, offset), offset.clip) : UNSEEN);
    const shown = found.length > most ? found.filter((link) => place(link) !== UNSEEN) : found;
    return choose(shown, most, place, () => reached.add(name));
  };
  const keptAddresses = (set, most, name) => {
    set.delete("");
    if (set.size > most) reached.add(name);
    return spread(Array.from(set), most);
  };
  // The time was too short to separate readable text from unreadable text everywhere.
  const hurriedText = (whole) => {
    const part = Math.floor(limits.text / 4);
    const parts = spread(Array.from({ length: Math.ceil(whole.length / 1000) }, (_, at) => whole.slice(1000 * at, 1000 * (at + 1))), part / 1000);
    const asking = forms.slice(0, limits.forms).map(({ element }) => innerText(element) ?? "").join("\n");
    const view_text = clean(`${joined(glimpse(pieces))}\n${asking}`, 2 * limits.view);
    return { text: clean([view_text, ...parts].join("\n"), limits.text), unseen_text: 0, view_text };
  };
  const keptText = () => {
    // of words that are not drawn as they are written, what is drawn; what nobody can read stands after it
    const readable = withWritten(pieces, written);
    const drawn = wordsSpoiled || written.length > 0;
    const behind = drawn ? unreadable.filter((text) => /\p{L}/u.test(text)).join("\n").slice(0, 4 * limits.field) : "";
    const whole = (drawn ? [joined(readable), behind] : texts).filter(Boolean).join("\n");
    const unseen = drawn ? behind.length : unseenText;
    const length = readable.reduce((sum, piece) => sum + piece.text.length, 0);
    if (!textsWhole) return hurriedText(whole);
    const view_text = length > limits.long ? clean(joined(glimpse(readable)), 2 * limits.view) : null;
    if (whole.length <= limits.text && unseen <= limits.long) return { text: clean(whole, limits.text), unseen_text: unseen, view_text };
    if (length > limits.text) reached.add("text");
    return { text: clean(joined(length > limits.text ? shortened(readable, limits.text) : readable), limits.text), unseen_text: 0, view_text };
  };

  walk(document, { x: 0, y: 0, clip: null }, 0);
  addOrigins(document, addressOf(document));
  for (const things of [images, inputs, forms]) inOrder(things);
  const fields = keptInputs();
  const root = rootOf(document);
  const facts = {
    title: clean(titleOf(document), limits.field).trim(),
    ...keptText(),
    images: keptImages(),
    inputs: fields.map(describeInput),
    forms: keptForms(fields),
    links: [...new Set(keptLinks(Array.from(anchors.values()), limits.links, "links").map(({ href, base }) => absolute(href, base)))].filter(Boolean),
    icons: keptAddresses(icons, limits.icons, "icons"),
    resources: keptAddresses(resources, limits.links, "resources"),
    telephones: keptLinks(Array.from(telephones.values()), limits.telephones, "telephones").map(({ href }) => short(href)),
    pressure,
    challenge_marks: choose(challengeMarks, limits.marks, ({ box }) => (box[2] > 0 ? 0 : 1), () => {}).map(describeMark),
    origins,
    structure: sketch(),
    language: root ? short(attribute(root, "lang")) : "",
    url: clean(addressOf(document), limits.address),
  };
  return JSON.stringify({ ...facts, limits_reached: Array.from(reached) });
}
