"""Make harmless clicks that may lead to a form: "Continue", "Sign in", "Accept cookies", "View document" in many languages.

Nothing is typed and nothing is submitted.  ``clicks.js`` decides by the labels of ``crawler/data/click-labels.toml`` what may be
clicked: links and buttons that only lead on, never the submit control of a form with fields, never one that pays, calls,
downloads or installs.  While clicks are made, no request but GET, HEAD and OPTIONS leaves the browser, so that a script
behind a button cannot post either.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError, Event
from crawler.capture.inner_trees import SEEN
from crawler.capture.request_hold import RequestHold
from crawler.pages.text import clean
from detector.model import Box, Click, PageFacts
from detector.signals.lure import strongest_lure

FORM_LURE = 0.7
"""From this measure of the signal ``lure`` on, a page asks for what a thief wants: there is no need to click."""
FIND_SECONDS = 2.0
MAX_LABEL = 80
KINDS = ("sign_in", "go_on", "open", "cookies")
"""Kinds in the order in which they are tried; covered elements are skipped, which leaves the buttons of an overlay."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NO_PAGES = (
    *(
        ".exe",
        ".msi",
        ".apk",
        ".dmg",
        ".pkg",
        ".deb",
        ".rpm",
        ".appx",
        ".msix",
        ".jar",
        ".bat",
        ".cmd",
        ".ps1",
        ".vbs",
        ".js",
    ),
    *(".scr", ".hta", ".lnk", ".crx", ".xpi", ".mobileconfig", ".zip", ".rar", ".7z", ".gz", ".iso", ".ics", ".vcf"),
    *(".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".png", ".jpg", ".jpeg", ".gif", ".mp3", ".mp4"),
)
"""Endings of addresses that do not show a page."""
_SCRIPT = files("crawler").joinpath("capture", "js", "clicks.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class ClickTarget:
    """An element that may be clicked: its label, its key, its box on the unscrolled page, and its position now."""

    label: str
    key: str
    box: Box
    x: float
    y: float

    def clicked(self, url: str) -> Click:
        """Return the record of a click that led to ``url``."""
        return Click(clean(" ".join(self.label.split()))[:MAX_LABEL], self.box, clean(url))


def asks_for_something(facts: PageFacts) -> bool:
    """Tell whether the page asks for credentials, card data or a call, so that no click is needed."""
    return strongest_lure(facts)[0] >= FORM_LURE


async def find_target(devtools: DevTools, done: Sequence[str] = ()) -> ClickTarget | None:
    """Find the element to click next, scrolled into view and uncovered, or None.  ``done``: keys of earlier elements.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
    """
    answer = await devtools.evaluate(f"({_SCRIPT})({_given(tuple(done))}, ({SEEN})())", seconds=FIND_SECONDS)
    if not isinstance(answer, str):
        return None
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(answer, type=ClickTarget)
    return None


async def click(devtools: DevTools, target: ClickTarget) -> None:
    """Press and release the left mouse button at the target.

    Raises:
        DevToolsError: the page did not handle it in time, or is gone.
    """
    place = {"x": target.x, "y": target.y}
    await devtools.send("Input.dispatchMouseEvent", {"type": "mouseMoved", **place}, seconds=2)
    for kind in ("mousePressed", "mouseReleased"):
        event = {"type": kind, **place, "button": "left", "clickCount": 1}
        await devtools.send("Input.dispatchMouseEvent", event, seconds=2)


@asynccontextmanager
async def nothing_submitted(hold: RequestHold, note: Callable[[str], None]) -> AsyncIterator[None]:
    """Block requests that could send data (POST and the like) while the context is open.

    Raises:
        DevToolsError: the page does not answer, or is gone.
    """

    def harmless(request: Event) -> bool:
        if str(request["request"]["method"]).upper() in SAFE_METHODS:
            return True
        note("a click would have submitted something: the request was not sent")
        return False

    await hold.guard(harmless)
    try:
        yield
    finally:
        with suppress(DevToolsError):
            await hold.open()


def _given(done: tuple[str, ...]) -> str:
    return json.dumps(_labels() | {"done": done, "files": NO_PAGES})


@cache
def _labels() -> dict[str, object]:
    data = tomllib.loads(files("crawler").joinpath("data", "click-labels.toml").read_text(encoding="utf-8"))
    return {
        "labels": {kind: data[kind] for kind in KINDS},
        "never": data["never"],
        "elsewhere": data["elsewhere"],
        "with": data["with"],
    }
