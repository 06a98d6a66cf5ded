// Replaces functions of the browser with ones that look like them.  A function of two secrets; returns the tools.
//
// A replacement has the name, length and own keys of its original, is not a constructor, and prints as native, also in the
// frames of other realms: a realm finds the table of its parent with the first secret, which no page knows.  The stack of an
// error that the browser throws through a replacement shows none of our frames: they are recognised by the second secret, the
// name of the script; where these lines are put before a worker's own script, it is their number instead.
//
// All functions that are needed later are saved now, since a page may replace any method of any prototype.
(secret, source) => {
  "use strict";
  const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { get, set } = WeakMap.prototype;
  const { includes, indexOf, slice, split } = String.prototype;
  const { join } = Array.prototype;
  const global = globalThis;

  const inherited = () => {
    if (global.parent === global) return undefined;
    try {
      // of another origin: throws; replaced by the page: gives anything
      const table = apply(global.parent.Function.prototype.toString, secret, []);
      apply(get, table, [secret]);
      return table;
    } catch {
      return undefined;
    }
  };
  const originals = (global.window && inherited()) || new WeakMap();

  const before = typeof source === "number" ? `${global.location.href}:` : "";
  const number = parseInt;
  const isOurs = (line) => {
    if (!before) return apply(includes, line, [source]);
    const at = apply(indexOf, line, [before]);
    return at >= 0 && number(apply(slice, line, [at + before.length])) <= source;
  };

  // from the first of our lines to the last
  const scrub = (error) => {
    try {
      const descriptor = getOwnPropertyDescriptor(error, "stack");
      const stack = descriptor && ("value" in descriptor ? descriptor.value : error.stack);
      if (typeof stack !== "string") return;
      const lines = apply(split, stack, ["\n"]);
      let first = lines.length;
      let last = -1;
      for (let index = lines.length - 1; index >= 0; index -= 1) {
        if (!isOurs(lines[index])) continue;
        first = index;
        if (last < 0) last = index;
      }
      if (last < 0) return;
      // by which it was called
      if (apply(includes, lines[first - 1], ["at Reflect.apply "])) first -= 1;
      const kept = { __proto__: null, length: 0 };
      for (let index = 0; index < lines.length; index += 1) {
        if (index < first || index > last) kept[kept.length++] = lines[index];
      }
      error.stack = apply(join, kept, ["\n"]);
    } catch {
      // a stack that cannot be read cannot reveal anything either
    }
  };

  // `original` is the replaced function; `trap` is called with it, `this` and the arguments
  const disguise = (original, trap) => {
    const { standIn } = {
      standIn(...values) {
        try {
          return trap(original, this, values);
        } catch (error) {
          scrub(error);
          throw error;
        }
      },
    };
    for (const key of ["length", "name"]) defineProperty(standIn, key, getOwnPropertyDescriptor(original, key));
    // the replacement of a replacement has the original of that one
    apply(set, originals, [standIn, apply(get, originals, [original]) ?? original]);
    return standIn;
  };

  const replace = (object, name, trap, key = "value") => {
    const descriptor = object ? getOwnPropertyDescriptor(object, name) : undefined;
    const original = descriptor?.[key];
    if (typeof original !== "function" || !descriptor.configurable) return;
    descriptor[key] = disguise(original, trap);
    defineProperty(object, name, descriptor);
  };

  // a class: it is called with the arguments that `prepare` returns
  const replaceClass = (name, prepare) => {
    const original = global[name];
    if (typeof original !== "function") return;
    const proxy = new Proxy(original, {
      __proto__: null,
      construct: (target, values, newTarget) => construct(target, prepare(values), newTarget),
    });
    apply(set, originals, [proxy, original]);
    for (const [object, key] of [[global, name], [original.prototype, "constructor"]]) {
      defineProperty(object, key, { ...getOwnPropertyDescriptor(object, key), value: proxy });
    }
  };

  replace(Function.prototype, "toString", (target, self, values) => {
    if (self === secret) return originals;
    return apply(target, (typeof self === "function" && apply(get, originals, [self])) || self, values);
  });

  return { __proto__: null, replace, replaceClass };
}
