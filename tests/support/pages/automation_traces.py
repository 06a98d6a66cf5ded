"""The page that looks for traces of automation: in its window, in frames of three kinds, and in a worker of its own text."""

from __future__ import annotations

import json
from pathlib import Path

from crawler.capture.capturer import Capturer
from tests.support.pages.sites import Site, answer

DETECTOR = (Path(__file__).resolve().parents[2] / "traces" / "detector.js").read_text(encoding="utf-8")
_MAIN = """
const heard = (target) => new Promise((resolve) => {
  target.addEventListener("message", (event) => resolve(event.data), { once: true });
});
const framed = async (frame) => { const answer = heard(window); document.body.append(frame); return await answer };
const frame = (set) => { const made = document.createElement("iframe"); set(made); return made };
(async () => {
  const seen = { window: await detect() };
  const code = `${detect};detect().then((found) => (self.parent ?? self).postMessage(found, "*"))`;
  seen.srcdoc = await framed(frame((made) => { made.srcdoc = `<script>${code}<\\/script>` }));
  seen.other = await framed(frame((made) => { made.src = `http://localhost:${location.port}/frame` }));
  const bare = frame(() => undefined);
  document.body.append(bare);
  seen.bare = await bare.contentWindow.eval(`(${detect})()`);
  const text = `${detect};detect().then((found) => postMessage(found))`;
  const url = URL.createObjectURL(new Blob([text]));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  seen.worker = await heard(worker);
  const again = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  seen.module = await heard(new (class extends Worker {})(again, { type: "module" }));
  document.body.textContent = JSON.stringify(seen);
})().catch((error) => { document.body.textContent = JSON.stringify({ error: { [`${error.stack}`]: [false, ""] } }) });
"""
_HEAD = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>traces</title>'
DETECTOR_PAGE = f"{_HEAD}<body><script>{DETECTOR}</script><script>{_MAIN}</script></body>".encode()
FRAME_PAGE = (
    f"{_HEAD}<body><script>{DETECTOR};detect().then((found) => parent.postMessage(found, '*'))</script></body>"
).encode()
_WHO = """<script>
const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
document.body.textContent = JSON.stringify({
  languages: navigator.languages, locale, timeZone, referrer: document.referrer, offset: new Date(1e12).getTimezoneOffset(),
});
</script>"""
_SPEAKS = """<h1>Your computer is locked</h1><script>
speechSynthesis.speak(new SpeechSynthesisUtterance("call us"));
document.title = "spoken " + speechSynthesis.getVoices().length;
</script>"""
_TALL = """<h1>Welcome</h1><button onclick="document.forms[0].hidden = false; this.remove()">Continue</button>
<form hidden><input type="password"></form><div style="height:3000px"></div>"""
ROUTES = {
    "/traces": answer(DETECTOR_PAGE),
    "/frame": answer(FRAME_PAGE),
    **{
        path: answer(f"{_HEAD}<body>{body}</body>".encode())
        for path, body in (("/who", _WHO), ("/speaks", _SPEAKS), ("/tall", _TALL))
    },
}

Seen = dict[str, dict[str, tuple[bool, str]]]
"""Place -> check -> whether it passed, and what was seen."""


async def traces_seen(capturer: Capturer, site: Site, profile: str) -> Seen:
    """Traces that the detector found, as its page says them."""
    capture = await capturer.capture(site.url("/traces"), profile=profile)
    assert capture.facts is not None, capture.note
    return read_seen(capture.facts.text)


def read_seen(text: str) -> Seen:
    """Text that the page wrote."""
    assert text.startswith("{"), text[:500]
    seen: Seen = {
        place: {name: (bool(one[0]), one[1]) for name, one in checks.items()}
        for place, checks in json.loads(text).items()
    }
    return seen


def failures(seen: Seen) -> list[str]:
    """``place: check (what was seen)`` for each that failed."""
    return [
        f"{place}: {name} ({' '.join(what.split())})"
        for place, checks in seen.items()
        for name, (passed, what) in checks.items()
        if not passed
    ]
