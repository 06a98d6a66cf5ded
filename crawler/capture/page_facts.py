"""Read the facts of a rendered page from an isolated world, bounded in time and size."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import msgspec

from crawler.browser.cdp.commands import DevTools
from detector.model import SKETCH, PageFacts

FACTS_SECONDS = 6.0
"""The script is terminated after this; it examines no more elements after a third of it."""
SEEN, _READER, _SCRIPT = (
    files("crawler").joinpath("capture", "js", name).read_text(encoding="utf-8")
    for name in ("seen.js", "page_text.js", "page_facts.js")
)
"""Script of helpers that tell what a person can see; script that reads text; script that reads all facts with both."""
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

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
        msgspec.DecodeError: its answer is malformed.
    """
    limits = LIMITS | {"milliseconds": FACTS_SECONDS * 1000 / 3, "text": max_text, "sketch": SKETCH}
    answer = await devtools.evaluate(f"({_SCRIPT})({json.dumps(limits)}, ({SEEN})(), {_READER})", seconds=FACTS_SECONDS)
    facts = msgspec.json.decode(answer if isinstance(answer, str) else "", type=PageFacts)
    return replace(facts, resources=tuple(dict.fromkeys((*facts.resources, *resources))))
