"""Serialise the rendered document as HTML, after its scripts have run, open shadow roots included."""

from __future__ import annotations

from contextlib import suppress

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError

MAX_CHARACTERS = 10_000_000
DOCUMENT_SECONDS = 3.0
_SCRIPT = """(() => {
  const roots = [], waiting = [document];
  while (waiting.length && roots.length < 2000) {
    for (const element of waiting.pop().querySelectorAll("*")) {
      if (element.shadowRoot) { roots.push(element.shadowRoot); waiting.push(element.shadowRoot); }
    }
  }
  const root = document.documentElement;
  if (!root) return "";
  const shell = root.cloneNode(false).outerHTML;
  const end = shell.lastIndexOf("</");
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\\n" : "";
  const inner = typeof root.getHTML === "function" ? root.getHTML({shadowRoots: roots}) : root.innerHTML;
  return (type + shell.slice(0, end) + inner + shell.slice(end)).slice(0, LIMIT);
})()""".replace("LIMIT", str(MAX_CHARACTERS))


async def serialised(devtools: DevTools) -> bytes | None:
    """Return the main frame's document in UTF-8, cut at :data:`MAX_CHARACTERS`; None where the page does not answer."""
    with suppress(DevToolsError):
        text = await devtools.evaluate(_SCRIPT, seconds=DOCUMENT_SECONDS)
        if isinstance(text, str) and text:
            return text.encode("utf-8", "replace")
    return None
