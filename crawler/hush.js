// Runs before a page's own scripts, in every frame: takes the teeth out of what freezes a browser or its driver.
// Alert loops block the renderer; floods of pushState hang the browser's close; pop-ups and consoles cost memory elsewhere.
(() => {
  const capped = (object, name, most, otherwise) => {
    const original = object?.[name];
    if (typeof original !== "function") return;
    let count = 0;
    const replacement = {
      [name](...values) {
        count += 1;
        if (count > most) return otherwise;
        const cut = values.map((value) => (typeof value === "string" ? value.slice(0, 5000) : value));
        return Reflect.apply(original, this, cut);
      },
    }[name];
    try {
      Object.defineProperty(object, name, { value: replacement, configurable: true, enumerable: true, writable: true });
    } catch {
      return;
    }
  };
  const never = Promise.reject(new TypeError("Permission denied"));
  never.catch(() => {});
  for (const [name, answer] of [["alert", undefined], ["confirm", false], ["prompt", null]]) capped(window, name, 2, answer);
  capped(window, "print", 0, undefined);
  capped(window, "open", 0, null);
  capped(window, "close", 0, undefined);
  for (const name of ["pushState", "replaceState", "go", "back", "forward"]) capped(History.prototype, name, 50, undefined);
  for (const name of ["log", "info", "warn", "error", "debug", "trace", "table", "dir", "dirxml", "group", "count", "assert"]) {
    capped(console, name, 50, undefined);
  }
  capped(Element.prototype, "requestFullscreen", 0, never);
  capped(Element.prototype, "webkitRequestFullscreen", 0, undefined);
  capped(Element.prototype, "requestPointerLock", 0, never);
  capped(window.Keyboard?.prototype, "lock", 0, never);
  capped(window.Notification, "requestPermission", 0, Promise.resolve("denied"));
})();
