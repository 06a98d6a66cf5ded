// Hides the traits of an automated browser that only windows show: no plugins, no `chrome`, a screen without a task bar.  Also
// puts the worker script before that of each worker.
// A function of the device's traits and of the tools of native.js.
(traits, tools) => {
  "use strict";
  const { replace, replaceClass } = tools;
  const { apply, defineProperty } = Reflect;
  const { create } = Object;
  const global = globalThis;
  const { get, has, set } = WeakMap.prototype;
  const answer = (object, name, value) =>
    replace(object, name, (target, self, values) => (apply(target, self, values), value), "get");

  answer(Screen.prototype, "availWidth", traits.available[0]);
  answer(Screen.prototype, "availHeight", traits.available[1]);

  // --- plugins: browsers with a viewer for PDF name these five, whatever it is called (HTML standard, section 8.10.1.6) ---
  const showPlugins = () => {
    const known = new WeakMap();
    const make = (kind, facts) => {
      const made = create(global[kind].prototype);
      apply(set, known, [made, facts]);
      return made;
    };
    const fill = (list, entries, nameOf) => {
      for (let index = 0; index < entries.length; index += 1) {
        defineProperty(list, index, { value: entries[index], enumerable: true, configurable: true });
        defineProperty(list, nameOf(entries[index]), { value: entries[index], configurable: true });
      }
    };
    const fact = (thing, key) => apply(get, known, [thing])[key];
    const types = ["application/pdf", "text/pdf"];
    const titles = ["PDF Viewer", "Chrome PDF Viewer", "Chromium PDF Viewer", "Microsoft Edge PDF Viewer", "WebKit built-in PDF"];
    const description = "Portable Document Format";
    const plugins = titles.map((name) => {
      const facts = { __proto__: null, name, description, filename: "internal-pdf-viewer", length: 2 };
      const plugin = make("Plugin", facts);
      facts.entries = types.map((type) =>
        make("MimeType", { __proto__: null, type, suffixes: "pdf", description, enabledPlugin: plugin }),
      );
      fill(plugin, facts.entries, (entry) => fact(entry, "type"));
      return plugin;
    });
    const list = (kind, entries, nameOf) => {
      const made = make(kind, { __proto__: null, length: entries.length, entries });
      fill(made, entries, nameOf);
      return made;
    };
    const allPlugins = list("PluginArray", plugins, (plugin) => fact(plugin, "name"));
    const allTypes = list("MimeTypeArray", fact(plugins[0], "entries"), (type) => fact(type, "type"));

    const own = (kind, name, trap, key) =>
      replace(
        global[kind].prototype,
        name,
        (target, self, values) =>
          (typeof self === "object" || typeof self === "function") && self !== null && apply(has, known, [self])
            ? trap(apply(get, known, [self]), values, self)
            : apply(target, self, values),
        key,
      );
    const getters = {
      __proto__: null,
      Plugin: ["name", "description", "filename", "length"],
      MimeType: ["type", "suffixes", "description", "enabledPlugin"],
      PluginArray: ["length"],
      MimeTypeArray: ["length"],
    };
    for (const kind in getters) {
      for (const name of getters[kind]) own(kind, name, (facts) => facts[name], "get");
    }
    const { hasOwn } = Object;
    for (const kind of ["Plugin", "PluginArray", "MimeTypeArray"]) {
      own(kind, "item", (facts, values) => facts.entries[values[0] >>> 0] ?? null);
      own(kind, "namedItem", (facts, values, self) => (hasOwn(self, `${values[0]}`) ? self[`${values[0]}`] : null));
    }
    own("PluginArray", "refresh", () => undefined);
    answer(Navigator.prototype, "plugins", allPlugins);
    answer(Navigator.prototype, "mimeTypes", allTypes);
    answer(Navigator.prototype, "pdfViewerEnabled", true);
  };
  if (traits.pdf_viewer && typeof PluginArray === "function") showPlugins();

  // --- window.chrome: made by the browser's extensions, whose functions print without a name ---
  const showChrome = () => {
    const { bind } = Function.prototype;
    const bare = (does) => {
      const made = apply(bind, does, [undefined]);
      defineProperty(made, "name", { value: "", configurable: true });
      return made;
    };
    const { round } = Math;
    const time = performance;
    const clock = time.now;
    const started = Date.now() - apply(clock, time, []);
    const seconds = (later) => (started + later) / 1000;
    const chrome = {
      loadTimes: bare(() => ({
        requestTime: seconds(3), startLoadTime: seconds(3), commitLoadTime: seconds(61), finishDocumentLoadTime: seconds(140),
        finishLoadTime: seconds(190), firstPaintTime: seconds(122), firstPaintAfterLoadTime: 0, navigationType: "Other",
        wasFetchedViaSpdy: true, wasNpnNegotiated: true, npnNegotiatedProtocol: "h2", wasAlternateProtocolAvailable: false,
        connectionInfo: "h2",
      })),
      csi: bare(() => ({
        startE: round(started), onloadT: round(started + 190), pageT: apply(clock, time, []), tran: 15,
      })),
    };
    if (!traits.mobile) {
      chrome.app = {
        isInstalled: false,
        getDetails: bare(() => null),
        getIsInstalled: bare(() => false),
        installState: bare((tell) => void (typeof tell === "function" && tell("not_installed"))),
        runningState: bare(() => "cannot_run"),
        InstallState: { DISABLED: "disabled", INSTALLED: "installed", NOT_INSTALLED: "not_installed" },
        RunningState: { CANNOT_RUN: "cannot_run", READY_TO_RUN: "ready_to_run", RUNNING: "running" },
      };
    }
    defineProperty(global, "chrome", { value: chrome, writable: true, enumerable: true });
  };
  if (traits.engine === "chrome" && !("chrome" in global)) showChrome();

  // --- workers that a page creates from its own text get these lines before it ---
  const texts = { __proto__: null };
  let count = 0;
  const Text = Blob;
  const size = Reflect.getOwnPropertyDescriptor(Blob.prototype, "size").get;
  const isText = (value) => {
    try {
      return apply(size, value, []) < 20_000_000;
    } catch {
      return false; // a MediaSource
    }
  };
  const { createObjectURL, revokeObjectURL } = URL;
  const URLs = URL;
  const later = global.setTimeout;
  replace(URL, "createObjectURL", (target, self, values) => {
    const url = apply(target, self, values);
    if (count < 1000 && isText(values[0])) {
      texts[url] = values[0];
      count += 1;
    }
    return url;
  });
  replace(URL, "revokeObjectURL", (target, self, values) => {
    if (typeof values[0] === "string" && texts[values[0]]) {
      delete texts[values[0]];
      count -= 1;
    }
    return apply(target, self, values);
  });
  replaceClass("Worker", (values) => {
    // an object may be a trusted URL, which a string of ours cannot replace
    const text = typeof values[0] === "string" ? texts[values[0]] : undefined;
    if (text === undefined) return values;
    const url = apply(createObjectURL, URLs, [new Text([traits.prelude, text], { type: "text/javascript" })]);
    later(() => apply(revokeObjectURL, URLs, [url]), 60_000);
    values[0] = url;
    return values;
  });
}
