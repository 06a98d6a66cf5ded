// Hides the differences between an automated browser on a server and the device that it imitates, in windows and in workers.
// A function of the device's traits and of the tools of native.js.
//
// Settings of the browser (user agent, client hints, languages, time zone, sizes, cores, network) are set over the DevTools
// protocol, and repeated here only where those have no effect.  Each replaced getter calls the original first, so that a call
// which throws still throws.
(traits, tools) => {
  "use strict";
  const { replace } = tools;
  const { apply, deleteProperty } = Reflect;
  const global = globalThis;
  const inWorker = typeof global.window === "undefined";
  const proto = (name) => global[name]?.prototype;
  const navigator = proto("Navigator") ?? proto("WorkerNavigator");
  const answer = (object, name, value) =>
    replace(object, name, (target, self, values) => (apply(target, self, values), value), "get");

  // --- navigator ---
  const languages = Object.freeze(traits.languages);
  answer(navigator, "languages", languages);
  if (inWorker) {
    answer(navigator, "language", languages[0]);
    answer(navigator, "platform", traits.platform);
    answer(navigator, "hardwareConcurrency", traits.hardware_concurrency);
  }
  if (traits.vendor) answer(navigator, "vendor", traits.vendor);
  if (traits.device_memory) answer(navigator, "deviceMemory", traits.device_memory);

  // --- graphics: the renderer of a server is a software one ---
  const UNMASKED = { __proto__: null, 37445: traits.webgl_vendor, 37446: traits.webgl_renderer };
  for (const name of ["WebGLRenderingContext", "WebGL2RenderingContext"]) {
    replace(proto(name), "getParameter", (target, self, values) => {
      const said = apply(target, self, values);
      return (typeof said === "string" && UNMASKED[values[0]]) || said;
    });
  }

  // --- permissions: a headless browser has denied notifications without being asked ---
  let asked = false;
  const isOwn = () => {
    try {
      return global.isSecureContext && (inWorker || Boolean(global.top.document));
    } catch {
      return false; // in a frame of another origin they are denied everywhere
    }
  };
  const mayAsk = isOwn();
  replace(
    global.Notification,
    "permission",
    (target, self, values) => {
      const said = apply(target, self, values);
      return said === "denied" && mayAsk && !asked ? "default" : said;
    },
    "get",
  );
  replace(global.Notification, "requestPermission", (target, self, values) => {
    asked = true;
    return apply(target, self, values);
  });

  // permissions that need a secure context of the own origin: a page without TLS, or a frame of another origin, has none
  const { get: nameOf } = Reflect.getOwnPropertyDescriptor(proto("PermissionStatus"), "name") ?? {};
  const ASKED = { __proto__: null, notifications: 1, geolocation: 1, camera: 1, microphone: 1, midi: 1 };
  ASKED.audio_capture = ASKED.video_capture = 1;
  replace(
    proto("PermissionStatus"),
    "state",
    (target, self, values) => {
      const said = apply(target, self, values);
      return said === "prompt" && !mayAsk && nameOf && ASKED[apply(nameOf, self, [])] ? "denied" : said;
    },
    "get",
  );

  // --- the console: an open inspector reads the arguments, a closed one does not; only those that must be read are passed on ---
  const { exec } = RegExp.prototype;
  const unread = (value) => ((typeof value === "object" && value !== null) || typeof value === "function" ? "" : value);
  const plain = (values) => {
    let index = 0;
    if (typeof values[0] === "string" && values.length > 1) {
      const format = /%([sdifoOc%])/g;
      index = 1;
      for (let found = apply(exec, format, [values[0]]); found && index < values.length; found = apply(exec, format, [values[0]])) {
        if (found[1] === "%") continue;
        if (found[1] === "o" || found[1] === "O" || found[1] === "c") values[index] = unread(values[index]);
        index += 1;
      }
    }
    for (; index < values.length; index += 1) values[index] = unread(values[index]);
    return values;
  };
  for (const name of [
    "log", "info", "warn", "error", "debug", "trace", "table", "dir", "dirxml", "group", "groupCollapsed", "groupEnd", "clear",
  ]) {
    replace(console, name, (target, self, values) => apply(target, self, plain(values)));
  }
  replace(console, "assert", (target, self, values) => {
    values[0] = Boolean(values[0]);
    for (let index = 1; index < values.length; index += 1) values[index] = unread(values[index]);
    return apply(target, self, values);
  });

  // --- features that the device does not have ---
  for (const name of traits.absent) {
    deleteProperty(global, name);
    deleteProperty(navigator, name);
    if (!inWorker) deleteProperty(Document.prototype, name);
  }
}
