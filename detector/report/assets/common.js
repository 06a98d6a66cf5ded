"use strict";
// Shared by both pages: the toast, copying, what counts as typing.
const toast = document.querySelector(".toast");
let toastTimer = 0;
function say(words) {
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, 2200);
}
function oldCopy(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "offscreen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return oldCopy(text);
  }
}
function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
}
// Where the reader stands in a filtered list; storage may be refused on file:, then the list's own order holds.
const folder = location.pathname.replace(/(cases\/)?[^/]*$/, "");
function remember(key, value) {
  try { sessionStorage.setItem(`clonewatch.${key}:${folder}`, value); } catch { /* the static links remain */ }
}
function recall(key) {
  try { return sessionStorage.getItem(`clonewatch.${key}:${folder}`) || ""; } catch { return ""; }
}
