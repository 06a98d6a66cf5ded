// Runs before a page's own scripts, in every frame.  A function of the channel's name and of the tools of native.js.
//
// It caps calls that freeze a browser or its driver (alert loops block the renderer, floods of pushState hang
// the browser's close, pop-ups and consoles cost memory elsewhere), and counts what a page does to hold or frighten its
// visitor.  The counts are reported through a function that the browser provides under a random name: it is saved and deleted
// here, before the page runs.  A page can raise a count by making calls; it has no way to lower one.
//
// All functions that are needed later are saved now, since a page may replace any method of any prototype.
(channel, tools) => {
  "use strict";
  const { replace, replaceClass } = tools;
  const { apply, getOwnPropertyDescriptor } = Reflect;
  const global = globalThis;
  const send = global[channel];
  delete global[channel];

  // --- counting: exact up to 16, then a report for each eighth more, so that a flood costs few messages ---
  const counts = { __proto__: null };
  const count = (mark) => {
    const entry = (counts[mark] ??= { __proto__: null, now: 0, told: 0, next: 1 });
    entry.now += 1;
    if (entry.now < entry.next || typeof send !== "function") return;
    send(`${mark} ${entry.now - entry.told}`);
    entry.told = entry.now;
    entry.next = entry.now + (entry.now < 16 ? 1 : entry.now >> 3);
  };

  // --- caps ---
  const cut = (values) => {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (typeof value === "string" && value.length > 5000) values[index] = apply(slice, value, [0, 5000]);
    }
    return values;
  };
  const { slice, toLowerCase } = String.prototype;
  const capped = (object, name, most, otherwise, mark) => {
    let calls = 0;
    replace(object, name, (target, self, values) => {
      calls += 1;
      if (mark) count(mark);
      return calls > most ? otherwise(calls) : apply(target, self, cut(values));
    });
  };
  const reject = Promise.reject;
  const catches = Promise.prototype.catch;
  const own = Promise;
  const quiet = (error) => {
    const promise = apply(reject, own, [error]);
    apply(catches, promise, [() => {}]);
    return promise;
  };
  // after some calls return the same promise: each new uncaught one would be a separate event for the driver
  const refusal = (make) => {
    const last = quiet(make());
    return (calls) => (calls > 20 ? last : apply(reject, own, [make()]));
  };
  const nothing = () => undefined;
  const Denied = TypeError;
  const Refused = DOMException;
  const denied = refusal(() => new Denied("Permissions check failed"));
  const refused = refusal(() => new Refused("The request is not allowed by the user agent.", "NotAllowedError"));

  // uncaught errors are reported to the driver: let some through, and suppress a flood of them
  const prevent = Event.prototype.preventDefault;
  const listen = EventTarget.prototype.addEventListener;
  for (const kind of ["error", "unhandledrejection"]) {
    let seen = 0;
    const silence = (event) => {
      seen += 1;
      if (seen > 50) apply(prevent, event, []);
    };
    apply(listen, global, [kind, silence, true]);
  }

  capped(global, "alert", 2, nothing, "dialogs");
  capped(global, "confirm", 2, () => false, "dialogs");
  capped(global, "prompt", 2, () => null, "dialogs");
  capped(global, "print", 0, nothing, "prints");
  capped(global, "open", 0, () => null, "popups");
  capped(global, "close", 0, nothing);
  for (const name of ["pushState", "replaceState", "go", "back", "forward"]) {
    capped(History.prototype, name, 50, nothing, "history");
  }
  for (const name of ["log", "info", "warn", "error", "debug", "trace", "table", "dir", "dirxml", "group", "count", "assert"]) {
    capped(console, name, 50, nothing);
  }
  capped(Element.prototype, "requestFullscreen", 0, denied, "fullscreen");
  capped(Element.prototype, "webkitRequestFullscreen", 0, nothing, "fullscreen");
  capped(Element.prototype, "webkitRequestFullScreen", 0, nothing, "fullscreen");
  capped(Element.prototype, "requestPointerLock", 0, refused, "pointer_lock");
  capped(global.Keyboard?.prototype, "lock", 0, refused, "keyboard_lock");
  const decided = own.resolve("denied");
  capped(global.Notification, "requestPermission", 0, () => decided, "notifications");
  capped(global.PushManager?.prototype, "subscribe", 0, refused, "notifications");
  // fail as for a visitor who blocks the site's data: a service worker would answer in place of the site, unrecorded
  const unwanted = "Failed to register a ServiceWorker: The user denied permission to use Service Worker.";
  capped(global.ServiceWorkerContainer?.prototype, "register", 0, refusal(() => new Refused(unwanted, "NotSupportedError")));
  capped(Navigator.prototype, "vibrate", 0, () => false, "vibrations");

  // --- requests: a flood of them drowns the driver long before the limit on requests can end it ---
  const bounded = (object, name, most, otherwise, kind) => {
    let calls = 0;
    const call = (target, self, values) => ((calls += 1) > most ? otherwise(calls) : apply(target, self, values));
    replace(object, name, call, kind);
  };
  bounded(global, "fetch", 300, refusal(() => new Denied("Failed to fetch")));
  bounded(global.XMLHttpRequest?.prototype, "send", 300, nothing);
  bounded(Navigator.prototype, "sendBeacon", 200, () => false);
  bounded(HTMLImageElement.prototype, "src", 1500, nothing, "set");
  let sockets = 0;
  replaceClass("WebSocket", (values) => {
    sockets += 1;
    if (sockets > 100) throw new Refused("Insufficient resources", "UnknownError");
    return values;
  });

  // --- only counted ---
  const counted = (object, name, mark, when) =>
    replace(object, name, (target, self, values) => {
      try {
        if (!when || when(self, values)) count(mark);
      } catch {
        // arguments that this check rejects are rejected by the browser too, with its own error
      }
      return apply(target, self, values);
    });
  const getter = (proto, name) => proto && getOwnPropertyDescriptor(proto, name)?.get;
  const muted = getter(HTMLMediaElement.prototype, "muted");
  counted(HTMLMediaElement.prototype, "play", "audio", (self) => !apply(muted, self, []));
  const contextOf = getter(global.AudioNode?.prototype, "context");
  const isLive = global.AudioContext?.prototype?.isPrototypeOf;
  const live = global.AudioContext?.prototype;
  // an OfflineAudioContext makes no sound: pages use it to tell browsers apart
  counted(global.AudioScheduledSourceNode?.prototype, "start", "audio", (self) => apply(isLive, live, [apply(contextOf, self, [])]));
  counted(global.AudioBufferSourceNode?.prototype, "start", "audio", (self) => apply(isLive, live, [apply(contextOf, self, [])]));
  counted(global.SpeechSynthesis?.prototype, "speak", "audio");
  for (const name of ["writeText", "write", "readText", "read"]) {
    counted(global.Clipboard?.prototype, name, "clipboard");
  }
  const commands = { __proto__: null, copy: "clipboard", cut: "clipboard", paste: "clipboard", print: "prints" };
  replace(Document.prototype, "execCommand", (target, self, values) => {
    const mark = typeof values[0] === "string" ? commands[apply(toLowerCase, values[0], [])] : undefined;
    if (mark) count(mark);
    return mark === "prints" ? false : apply(target, self, values);
  });
  counted(EventTarget.prototype, "addEventListener", "unloads", (self, values) => values[0] === "beforeunload");
  const watchSetter = (object) =>
    replace(
      object,
      "onbeforeunload",
      (target, self, values) => {
        if (typeof values[0] === "function") count("unloads");
        return apply(target, self, values);
      },
      "set",
    );
  for (const object of [global, HTMLBodyElement.prototype, HTMLFrameSetElement.prototype]) watchSetter(object);
}
