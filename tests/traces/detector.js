// Looks for what gives an automated browser away; runs in windows and in workers, and knows nothing of how it is hidden.
// Gives {check: [passed, what was seen]}.
async function detect() {
  const found = {};
  const check = (name, look) => {
    try {
      const [passed, seen] = look();
      found[name] = [Boolean(passed), String(seen).slice(0, 200)];
    } catch (error) {
      found[name] = [false, `threw ${error}`.slice(0, 200)];
    }
  };
  const global = globalThis;
  const n = navigator;
  const isWindow = typeof document === "object";
  const ua = n.userAgent;
  const iphone = ua.includes("iPhone");
  const android = ua.includes("Android");
  const mobile = iphone || android;
  const proto = Object.getPrototypeOf(n);
  let foreign = false;
  try {
    foreign = isWindow && !top.document;
  } catch {
    foreign = true;
  }

  // --- who it says it is ---
  check("user agent", () => [/^Mozilla\/5\.0 /.test(ua) && !/headless|playwright|puppeteer|selenium|phantom/i.test(ua), ua]);
  check("user agent and appVersion", () => [`Mozilla/${n.appVersion}` === ua, n.appVersion]);
  check("platform", () => [(iphone ? /^iPhone$/ : android ? /^Linux arm/ : /^Win32$/).test(n.platform), n.platform]);
  check("languages", () => [
    n.languages.length && n.languages[0] === n.language && Object.isFrozen(n.languages) && n.languages === n.languages,
    n.languages,
  ]);
  check("languages and Intl", () => {
    const { locale } = Intl.DateTimeFormat().resolvedOptions();
    return [locale.split("-")[0] === n.language.split("-")[0], locale];
  });
  check("time zone and offset", () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const written = new Date(0).toLocaleString("en-US", { timeZone: zone });
    return [written === new Date(0).toLocaleString("en-US") && zone !== "UTC", zone];
  });
  check("cores", () => [n.hardwareConcurrency >= 4, n.hardwareConcurrency]);
  check("memory", () => [iphone ? !("deviceMemory" in n) : !isSecureContext || n.deviceMemory >= 4, n.deviceMemory]);
  check("connection", () => [iphone ? !("connection" in n) : n.connection.rtt > 0, n.connection && n.connection.rtt]);
  if (iphone) {
    check("client hints", () => [!("userAgentData" in n) && typeof NavigatorUAData === "undefined", n.userAgentData]);
  } else if (isSecureContext) {
    const high = await n.userAgentData.getHighEntropyValues(["platform", "fullVersionList", "uaFullVersion", "model", "bitness"]);
    const major = /Chrome\/(\d+)/.exec(ua)[1];
    const all = JSON.stringify([n.userAgentData, high]);
    check("client hints", () => [/Google Chrome/.test(all) && !/headless/i.test(all), all]);
    check("client hints and version", () => [
      n.userAgentData.brands.some((one) => one.brand === "Google Chrome" && one.version === major) && high.uaFullVersion.startsWith(major),
      all,
    ]);
    check("client hints and platform", () => [
      n.userAgentData.mobile === mobile && high.platform === (android ? "Android" : "Windows") && Boolean(high.model) === mobile, all,
    ]);
  }
  check("webdriver", () =>
    isWindow
      ? [n.webdriver === false && "webdriver" in n && "webdriver" in proto && !Object.getOwnPropertyNames(n).length, n.webdriver]
      : [!("webdriver" in n), n.webdriver],
  );
  check("globals", () => {
    const odd = /playwright|__pw|puppeteer|selenium|webdriver|phantom|cdc_|nightmare|domautomation|^_[0-9a-f]{6}|clonewatch/i;
    const names = [...Object.getOwnPropertyNames(global), ...(isWindow ? Object.getOwnPropertyNames(document) : [])];
    return [!names.some((name) => odd.test(name)), names.filter((name) => odd.test(name))];
  });
  check("graphics", () => {
    const canvas = new OffscreenCanvas(4, 4);
    const seen = [];
    for (const kind of ["webgl", "webgl2"]) {
      const gl = canvas.getContext(kind) ?? new OffscreenCanvas(4, 4).getContext(kind);
      gl.getExtension("WEBGL_debug_renderer_info");
      seen.push(gl.getParameter(37445), gl.getParameter(37446));
    }
    const fits = iphone ? /Apple GPU/ : android ? /Adreno|Mali/ : /Direct3D11/;
    return [!/swiftshader|llvmpipe|mesa|\(google\)/i.test(seen) && fits.test(seen), seen];
  });
  if (iphone) check("notifications", () => [typeof Notification === "undefined", typeof Notification]);
  else if (!foreign) {
    const { state } = await n.permissions.query({ name: "notifications" });
    check("notifications", () => [(Notification.permission === "default") === (state === "prompt"), `${Notification.permission} ${state}`]);
  }

  // --- an inspector that reads what is written to the console ---
  check("console", () => {
    const hits = [];
    const trap = (key, value) => ({ get: () => (hits.push(key), value), configurable: true });
    const error = Object.defineProperties(new Error("x"), { stack: trap("stack", ""), name: trap("name", "E"), message: trap("message", "") });
    const named = (thing, key) => Object.defineProperty(thing, "toString", { value: () => (hits.push(key), "") });
    const spy = new Proxy({}, {
      get: (_, key) => void hits.push(`get ${String(key)}`),
      ownKeys: () => (hits.push("keys"), []),
      getPrototypeOf: () => (hits.push("prototype"), null),
    });
    const things = [error, named(/./, "expression"), named(() => 1, "function"), named(new Date(0), "date"), spy, Object.create(spy)];
    for (const name of ["debug", "log", "info", "dir", "table", "trace", "groupEnd"]) for (const thing of things) console[name](thing);
    console.log("%s", "text", error);
    console.log("%o", error);
    return [!hits.length, hits];
  });

  // --- functions that were replaced ---
  const getter = (object, name) => Object.getOwnPropertyDescriptor(object, name)?.get;
  const functions = {
    toString: Function.prototype.toString, log: console.log, debug: console.debug, "get languages": getter(proto, "languages"),
    getParameter: WebGLRenderingContext.prototype.getParameter,
  };
  if (!iphone) functions["get deviceMemory"] = getter(proto, "deviceMemory");
  if (isWindow) {
    Object.assign(functions, {
      alert: window.alert, confirm: window.confirm, open: window.open, close: window.close, print: window.print,
      pushState: History.prototype.pushState, addEventListener: EventTarget.prototype.addEventListener,
      play: HTMLMediaElement.prototype.play, requestFullscreen: Element.prototype.requestFullscreen,
      createObjectURL: URL.createObjectURL, "get plugins": getter(proto, "plugins"), "get mimeTypes": getter(proto, "mimeTypes"),
      "get vendor": getter(proto, "vendor"), "get availHeight": getter(Screen.prototype, "availHeight"),
      "get webdriver": getter(proto, "webdriver"), item: PluginArray.prototype.item,
    });
    if (!iphone) functions["get permission"] = getter(Notification, "permission");
  }
  const each = (test) => {
    const bad = [];
    for (const [name, one] of Object.entries(functions)) {
      let why;
      try {
        why = one === undefined ? undefined : test(one, name);
      } catch (error) {
        why = `threw ${error}`;
      }
      if (why) bad.push(`${name}: ${why}`);
    }
    return [!bad.length, bad.join("; ")];
  };
  const native = (one, name, how) => {
    const text = how(one);
    return text === `function ${name}() { [native code] }` ? "" : text;
  };
  check("functions print as native", () => each((one, name) => native(one, name, (it) => it.toString())));
  check("functions print as native when asked twice", () =>
    each((one, name) => native(one, name, (it) => Function.prototype.toString.call(it)) || native(one, name, (it) => `${it}`)));
  check("functions have a native's keys", () => each((one, name) => {
    const keys = Reflect.ownKeys(one).join();
    return keys === "length,name" && one.name === name && Object.getPrototypeOf(one) === Function.prototype ? "" : keys;
  }));
  check("functions are no constructors", () => each((one) => {
    try {
      new one();
      return "constructed";
    } catch (error) {
      return error instanceof TypeError && /is not a constructor|Illegal/.test(error.message) ? "" : `${error}`;
    }
  }));
  check("functions refuse a cycle of prototypes", () => each((one) => {
    const before = Object.getPrototypeOf(one);
    try {
      Object.setPrototypeOf(one, Object.create(one));
      return "took it";
    } catch (error) {
      return error instanceof TypeError ? "" : `${error}`;
    } finally {
      Object.setPrototypeOf(one, before);
    }
  }));
  check("functions throw from where they were called", () => each((one, name) => {
    if (name === "log" || name === "debug") return "";
    const caller = () => one.call(Object.create(null));
    try {
      caller();
      return name === "createObjectURL" ? "nothing thrown" : "";
    } catch (error) {
      const lines = error.stack.split("\n").filter((line) => line.startsWith("    at "));
      const inside = lines.findIndex((line) => line.includes("caller"));
      return inside === 0 || (inside === 1 && /\(<anonymous>\)$/.test(lines[0])) ? "" : error.stack;
    }
  }));
  if (!isWindow) return found;

  // --- what only windows have ---
  check("functions print as native in another frame", () => {
    const frame = document.createElement("iframe");
    document.documentElement.append(frame);
    const { toString } = frame.contentWindow.Function.prototype;
    const result = each((one, name) => native(one, name, (it) => toString.call(it)));
    frame.remove();
    return result;
  });
  check("getters refuse their prototype", () => each((one, name) => {
    if (!name.startsWith("get ") || name === "get permission") return "";
    try {
      one.call(name === "get availHeight" ? Screen.prototype : proto);
      return "answered";
    } catch (error) {
      return error instanceof TypeError ? "" : `${error}`;
    }
  }));
  check("plugins", () => [n.plugins.length === (android ? 0 : 5) && n.mimeTypes.length === (android ? 0 : 2), [n.plugins.length, n.mimeTypes.length]]);
  check("plugins and viewer", () => [n.pdfViewerEnabled === !android, n.pdfViewerEnabled]);
  check("plugins are of their kinds", () => [
    n.plugins instanceof PluginArray && n.mimeTypes instanceof MimeTypeArray && String(n.plugins) === "[object PluginArray]" &&
      n.plugins === n.plugins && Array.from(n.plugins).every((one) => one instanceof Plugin && String(one) === "[object Plugin]"),
    n.plugins,
  ]);
  if (!android) {
    check("plugins hang together", () => {
      const first = n.plugins[0];
      const parts = [
        first.length === 2, first[0].enabledPlugin === first, n.plugins.item(4294967296) === first, n.plugins.item(99) === null,
        n.plugins.namedItem(first.name) === first, n.plugins[first.name] === first, n.plugins.namedItem("length") === null,
        n.mimeTypes["application/pdf"].suffixes === "pdf", n.mimeTypes.namedItem("text/pdf") === n.mimeTypes[1],
        Object.keys(n.plugins).join() === "0,1,2,3,4", first.filename === "internal-pdf-viewer", n.plugins.refresh() === undefined,
      ];
      return [parts.every(Boolean), parts];
    });
  }
  check("window.chrome", () => {
    if (iphone) return [typeof chrome === "undefined", typeof chrome];
    const native = [chrome.csi, chrome.loadTimes].every((one) => /^function \(\) \{ \[native code\] \}$/.test(one.toString()));
    return [native && chrome.loadTimes().requestTime > 0 && (android || chrome.app.isInstalled === false), Object.keys(chrome)];
  });
  check("vendor", () => [n.vendor === (iphone ? "Apple Computer, Inc." : "Google Inc."), n.vendor]);
  check("outer size", () => {
    const more = foreign ? [16, 95] : [outerWidth - top.innerWidth, outerHeight - top.innerHeight];
    return [outerWidth > 0 && (mobile || (more[0] >= 0 && more[0] < 40 && more[1] > 60 && more[1] < 160)), more];
  });
  check("window and screen", () => {
    const fits = screenX >= 0 && screenX + outerWidth <= screen.availWidth && screenY + outerHeight <= screen.availHeight;
    return [fits && screen.width >= screen.availWidth && (mobile || screen.availHeight < screen.height), [screenX, outerWidth, screen.width]];
  });
  check("screen and viewport", () => [screen.height > outerHeight && screen.colorDepth === 24, [screen.height, outerHeight]]);
  check("screen and media queries", () => [
    matchMedia(`(device-width: ${screen.width}px) and (device-height: ${screen.height}px)`).matches, screen.width,
  ]);
  check("pixel ratio", () => [
    (mobile ? devicePixelRatio > 2 : devicePixelRatio === 1) && matchMedia(`(resolution: ${devicePixelRatio}dppx)`).matches, devicePixelRatio,
  ]);
  check("orientation", () => [screen.orientation.type.startsWith(mobile ? "portrait" : "landscape"), screen.orientation.type]);
  check("touch", () => [
    n.maxTouchPoints === (mobile ? 5 : 0) && "ontouchstart" in window === mobile && matchMedia("(pointer: coarse)").matches === mobile &&
      matchMedia("(hover: hover)").matches !== mobile,
    n.maxTouchPoints,
  ]);
  check("focus", () => [document.visibilityState === "visible" && (foreign || top.document.hasFocus()), document.visibilityState]);
  check("codecs", () => {
    const video = document.createElement("video");
    const seen = ['video/mp4; codecs="avc1.42E01E"', 'audio/mp4; codecs="mp4a.40.2"', "audio/mpeg"].map((kind) => video.canPlayType(kind));
    return [seen.every(Boolean), seen];
  });
  check("speech", () => [typeof speechSynthesis === "object" && typeof speechSynthesis.speak === "function", typeof speechSynthesis]);
  check("what the device does not have", () => {
    const foreignNames = iphone
      ? ["chrome", "usb", "bluetooth", "serial", "hid", "getBattery", "showOpenFilePicker", "webkitRequestFileSystem", "EyeDropper", "PushManager"]
      : android ? ["EyeDropper", "hid", "documentPictureInPicture", "SharedWorker"] : [];
    const there = foreignNames.filter((name) => name in window || name in n);
    return [!there.length, there];
  });
  check("service workers", () => [!isSecureContext || foreign || "serviceWorker" in n, "serviceWorker" in n]);
  return found;
}
