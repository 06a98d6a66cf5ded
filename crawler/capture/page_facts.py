"""Read the facts of a rendered page from an isolated world, bounded in time and size."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from importlib.resources import files

import msgspec

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError
from crawler.capture.inner_trees import CLOSED, SEEN, InnerFrame, PageTrees, enter, find_trees
from detector.model import SKETCH, FrameFacts, PageFacts

FACTS_SECONDS = 6.0
"""The script is terminated after this; it examines no more elements after a third of it."""
FRAME_DEPTH = 4
"""Frames from elsewhere within each other that are read."""
_READER, _SCRIPT = (
    files("crawler").joinpath("capture", "js", name).read_text(encoding="utf-8")
    for name in ("page_text.js", "page_facts.js")
)
"""Script that reads text; script that reads all facts."""
LIMITS = {
    "field": 500,
    "address": 2000,
    "images": 400,
    "picture": 14,
    "inputs": 200,
    "unseen": 10,
    "forms": 100,
    "links": 2000,
    "icons": 20,
    "telephones": 100,
    "marks": 20,
    "origins": 20,
    "depth": 12,
    "roots": 1000,
    "nodes": 50_000,
    "pseudo": 5_000,
    "tags": 60_000,
    "long": 20_000,
    "view": 10_000,
    "owners": 3,
}
"""Limits of what is read of each kind, in items, characters or CSS pixels.

They count visible items; where there are more than a limit, the first screen comes first, and every part of the page has its
share.  ``unseen``: invisible fields, beyond which only passwords are kept; ``nodes``: elements whose background is read,
anywhere on the page; ``long``: from this many characters of text on, the part on the first screen is recorded separately.
"""


async def read_facts(devtools: DevTools, *, max_text: int, resources: tuple[str, ...] = ()) -> PageFacts:
    """Read the facts of the page that ``devtools`` is attached to; ``resources`` seen on the network are added to its own.

    Frames and closed trees that could not be asked for in time are named among the limits.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
        msgspec.DecodeError: its answer is malformed.
    """
    until = asyncio.get_running_loop().time() + FACTS_SECONDS
    try:
        trees = await find_trees(devtools)
    except DevToolsError:  # too busy to be asked: what can be found by touch is
        trees = None
    facts = await _read_document(devtools, trees, max_text, until, 0)
    return replace(facts, resources=tuple(dict.fromkeys((*facts.resources, *resources))))


async def _read_document(
    devtools: DevTools, trees: PageTrees | None, max_text: int, until: float, depth: int
) -> PageFacts:
    """Read the facts of one document and, as far as time permits, of the frames in it that are from elsewhere."""
    clock = asyncio.get_running_loop().time
    frames: tuple[InnerFrame, ...] = ()
    reached: tuple[str, ...] = ()
    try:
        frames = await enter(devtools, trees)
    except DevToolsError:  # the document itself may still be read
        reached = ("frames",)
    seconds = FACTS_SECONDS if depth == 0 else max(0.0, until - clock())
    limits = LIMITS | {"milliseconds": seconds * 1000 / 3, "text": max_text, "sketch": SKETCH}
    script = f"({_SCRIPT})({json.dumps(limits)}, ({SEEN})({CLOSED}), {_READER})"
    answer = await devtools.evaluate(script, seconds=seconds)
    facts = msgspec.json.decode(answer if isinstance(answer, str) else "", type=PageFacts)
    inner = []
    for frame in frames if depth < FRAME_DEPTH else ():
        if not frame.id or clock() >= until:
            continue
        with suppress(
            DevToolsError, msgspec.DecodeError
        ):  # it may be gone, or in another process: the rest of the page counts
            part = await _read_document(devtools.of_frame(frame.id), trees, max_text, until, depth + 1)
            inner.append(FrameFacts(part.url, frame.box, part))
    return replace(facts, frames=tuple(inner), limits_reached=(*facts.limits_reached, *reached))
