// What the rendered page says of itself, as one JSON string.  An expression: a function of limits.
//
// It runs in an isolated world, so the page cannot patch the prototypes used here.  What a page still controls are the
// names it gives its elements: <img name="body"> or <input name="action"> hide DOM properties of the same name.  Hence
// every property of a document or element is read through its prototype (`read`, `call`), never off the object.
(limits) => {
  "use strict";
  const started = performance.now();
  const late = () => performance.now() - started > limits.milliseconds;
  const read = (proto, name) => {
    const getter = Object.getOwnPropertyDescriptor(proto, name).get;
    return (object) => getter.call(object);
  };
  const call = (proto, name) => {
    const method = proto[name];
    return (object, ...values) => method.apply(object, values);
  };
  const attribute = call(Element.prototype, "getAttribute");
  const rectOf = call(Element.prototype, "getBoundingClientRect");
  const visible = call(Element.prototype, "checkVisibility");
  const closest = call(Element.prototype, "closest");
  const shadowOf = read(Element.prototype, "shadowRoot");
  const nameOf = read(Element.prototype, "localName");
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
  const frameDocument = read(HTMLIFrameElement.prototype, "contentDocument");
  const inputType = read(HTMLInputElement.prototype, "type");
  const selectType = read(HTMLSelectElement.prototype, "type");
  const currentSource = read(HTMLImageElement.prototype, "currentSrc");
  const findInDocument = call(Document.prototype, "querySelectorAll");
  const findInFragment = call(DocumentFragment.prototype, "querySelectorAll");
  const find = (root, selector) => Array.from((kindOf(root) === 9 ? findInDocument : findInFragment)(root, selector));

  const clean = (value, length) => String(value ?? "").slice(0, length).toWellFormed().replaceAll("\0", "");
  const short = (value) => clean(value, limits.field).trim();
  const absolute = (value, base) => {
    try {
      return clean(new URL(value, base).href, limits.address);
    } catch {
      return "";
    }
  };

  const images = [];
  const inputs = [];
  const forms = [];
  const texts = [];
  const challengeMarks = [];
  const origins = [];
  const tags = [];
  const depths = new WeakMap();
  const links = new Set();
  const icons = new Set();
  const resources = new Set();
  const telephones = new Set();
  const pressure = { audio: 0, unloads: 0 };
  let room = limits.text;
  let nodes = 0;

  const addText = (value) => {
    if (value && room > 0) {
      const part = clean(value, room);
      texts.push(part);
      room -= part.length + 1;
    }
  };
  const add = (set, value, most) => {
    if (value && set.size < most) set.add(value);
  };
  const boxOf = (element, offset) => {
    const { x, y, width, height } = rectOf(element);
    return [x + offset.x, y + offset.y, width, height].map((value) => Math.round(value * 10) / 10);
  };
  const seen = (element, box, checks) => box[2] >= 1 && box[3] >= 1 && visible(element, checks);
  const addImage = (element, tag, offset, alt, src) => {
    const box = boxOf(element, offset);
    if (images.length < limits.images * 5 && seen(element, box, { opacityProperty: true, visibilityProperty: true })) {
      images.push({ tag, box, alt: short(alt), src: clean(src, limits.address) });
    }
  };
  const backgroundOf = (element, pseudo, view) => {
    const style = view.getComputedStyle(element, pseudo);
    if (!style || (pseudo && style.content === "none")) return "";
    return [style.backgroundImage, style.maskImage, pseudo ? style.content : ""].find((value) => value?.includes("url(")) ?? "";
  };

  // sound that the browser starts by itself; calls of play() are counted by hush.js
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
    object: (element, offset, base) => addImage(element, "img", offset, "", absolute(attribute(element, "data") ?? "", base)),
    embed: (element, offset, base) => addImage(element, "img", offset, "", absolute(attribute(element, "src") ?? "", base)),
    a: (element, offset, base) => {
      const href = attribute(element, "href");
      if (href === null) return;
      if (telephone.test(href)) add(telephones, short(href), limits.telephones);
      if (!/^\s*javascript:/i.test(href)) add(links, absolute(href, base), limits.links);
    },
    audio: (element) => addSound(element),
    body: (element) => {
      if (attribute(element, "onbeforeunload")) pressure.unloads += 1;
    },
    form: (element, offset, base) => {
      if (forms.length < limits.forms) {
        const method = (attribute(element, "method") ?? "get").trim().toLowerCase();
        const action = absolute(attribute(element, "action")?.trim() || baseOf(element), base);
        forms.push({ action, method: ["post", "dialog"].includes(method) ? method : "get" });
      }
    },
    script: (element, offset, base) => {
      const src = attribute(element, "src");
      if (src) add(resources, absolute(src, base), limits.links);
    },
    link: (element, offset, base) => {
      const relation = (attribute(element, "rel") ?? "").toLowerCase().split(/\s+/);
      const href = absolute(attribute(element, "href") ?? "", base);
      if (relation.includes("stylesheet")) add(resources, href, limits.links);
      if (relation.some((word) => ["icon", "apple-touch-icon", "apple-touch-icon-precomposed"].includes(word))) {
        add(icons, href, limits.icons);
      }
    },
    iframe: (element, offset, base, depth) => {
      const src = attribute(element, "src");
      if (src) add(resources, absolute(src, base), limits.links);
      const box = boxOf(element, offset);
      let inner = null;
      try {
        inner = frameDocument(element);
      } catch {
        return;
      }
      if (inner && depth < limits.depth && seen(element, box, { visibilityProperty: true })) {
        walk(inner, { x: box[0] + element.clientLeft, y: box[1] + element.clientTop }, depth + 1);
      }
    },
  };
  looks.area = looks.a;
  looks.frame = (element, offset, base) => {
    const src = attribute(element, "src");
    if (src) add(resources, absolute(src, base), limits.links);
  };
  const addInput = (element, offset, root, type) => {
    const box = boxOf(element, offset);
    if (type === "hidden" || inputs.length >= limits.inputs || !seen(element, box, { visibilityProperty: true })) return;
    const id = attribute(element, "id");
    const label = (id && find(root, `label[for="${CSS.escape(id)}"]`)[0]) || closest(element, "label");
    inputs.push({
      type,
      name: short(attribute(element, "name")),
      placeholder: short(attribute(element, "placeholder")),
      box,
      autocomplete: short(attribute(element, "autocomplete")),
      label: short(attribute(element, "aria-label") || (label ? innerText(label) : "")),
    });
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

  // The keys that a page hands to captcha services, and elements that are named after one.
  const KEYS = ["data-sitekey", "data-site-key", "data-pkey", "data-captcha-id", "data-gt"];
  const CHALLENGE_NAMES = ["captcha", "turnstile", "geetest", "arkose", "datadome", "sec-if-cpt", "cf-chl", "slide-verify"];
  const CHALLENGES = [
    ...KEYS.map((name) => `[${name}]`),
    ...CHALLENGE_NAMES.flatMap((name) => [`[class*="${name}" i]`, `[id*="${name}" i]`]),
  ].join();
  const addChallengeMarks = (root, offset) => {
    for (const element of find(root, CHALLENGES).slice(0, 20 - challengeMarks.length)) {
      const key = KEYS.map((name) => attribute(element, name)).find((value) => value?.trim()) ?? "";
      const named = `${attribute(element, "id") ?? ""} ${attribute(element, "class") ?? ""}`;
      const box = boxOf(element, offset);
      const shown = seen(element, box, { visibilityProperty: true });
      challengeMarks.push({ name: short(named), key: short(key), box: shown ? box : [0, 0, 0, 0] });
    }
  };

  // How the document is built, as the smallest hashes (FNV-1a) of all runs of five elements with the steps between their depths:
  // a sketch from which the likeness of two documents can be told (Broder 1997), whatever their text says.
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
  const UNSEEN = new Set(["script", "style", "link", "meta", "title", "base", "noscript", "template", "br"]);
  const addTag = (element) => {
    const above = depths.get(parentOf(element)) ?? 0;
    depths.set(element, above + 1);
    if (tags.length >= limits.tags || UNSEEN.has(nameOf(element))) return;
    if (element instanceof SVGElement && nameOf(element) !== "svg") return;
    tags.push([nameHash(nameOf(element)), above + 1]);
  };
  const sketch = () => {
    const hashes = new Set();
    for (let start = 0; start + 5 <= tags.length; start += 1) {
      let hash = 0x811c9dc5;
      for (let at = start; at < start + 5; at += 1) {
        hash = mix(mix(hash, tags[at][0]), tags[at][1] - tags[start][1]);
        hash = mix(hash, hash >>> 15);
      }
      hashes.add(hash);
    }
    return Array.from(hashes).sort((one, other) => one - other).slice(0, limits.sketch);
  };
  const lookAt = (element, offset, base, depth, root, view) => {
    const name = nameOf(element);
    if (element instanceof SVGElement || name === "svg") {
      if (name === "svg" && !closest(parentOf(element) ?? element, "svg")) {
        addImage(element, "svg", offset, attribute(element, "aria-label"), "");
      }
      return;
    }
    looks[name]?.(element, offset, base, depth, root);
    const background = backgroundOf(element, null, view);
    if (background) addImage(element, "background", offset, attribute(element, "aria-label"), background);
    if (nodes < limits.pseudo) {
      const painted = backgroundOf(element, "::before", view) || backgroundOf(element, "::after", view);
      if (painted) addImage(element, "background", offset, "", painted);
    }
    const shadow = shadowOf(element);
    if (shadow && depth < limits.depth) {
      for (const child of find(shadow, ":host > :not(style, script)")) addText(innerText(child));
      walk(shadow, offset, depth + 1, base, view);
    }
  };
  // What tools that copy pages leave in the source, and addresses that the source still calls its own.
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
    for (let count = 0; count < limits.comments && nextNode(comments); count += 1) {
      const text = clean(dataOf(currentNode(comments)), limits.address);
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
      for (const element of find(root, selector).slice(0, 3)) addOrigin(mark, attribute(element, name), base);
    }
  };
  const walk = (root, offset, depth, base, view) => {
    if (kindOf(root) === 9) {
      base = baseOf(root);
      view = viewOf(root) ?? window;
      const body = bodyOf(root);
      if (body) addText(innerText(body));
    }
    addChallengeMarks(root, offset);
    for (const element of find(root, '[onclick*="tel:" i], [onclick*="callto:" i]')) {
      const number = /(?:tel|callto):[^'"\s]{3,60}/i.exec(attribute(element, "onclick"));
      if (number) add(telephones, short(number[0]), limits.telephones);
    }
    for (const element of find(root, "*")) {
      nodes += 1;
      if (nodes > limits.nodes || (nodes % 64 === 0 && late())) return;
      if (root === document) addTag(element);
      try {
        lookAt(element, offset, base, depth, root, view);
      } catch {
        continue; // one odd element must not hide the others
      }
    }
  };

  walk(document, { x: 0, y: 0 }, 0);
  addOrigins(document, addressOf(document));
  const inView = ({ box: [x, y, width, height] }) =>
    x < innerWidth && y < innerHeight && x + width > 0 && y + height > 0;
  const ordered = [...images.filter(inView), ...images.filter((image) => !inView(image))];
  const root = rootOf(document);
  return JSON.stringify({
    title: clean(titleOf(document), limits.field).trim(),
    text: texts.join("\n"),
    images: ordered.slice(0, limits.images),
    inputs,
    forms,
    links: Array.from(links),
    icons: Array.from(icons),
    resources: Array.from(resources),
    telephones: Array.from(telephones),
    pressure,
    challenge_marks: challengeMarks,
    origins,
    structure: sketch(),
    language: root ? short(attribute(root, "lang")) : "",
  });
}
