"""Asks the rendered page for its facts from an isolated world, bounded in time and size."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import msgspec

from crawler.devtools import DevTools
from detector.model import SKETCH, PageFacts

FACTS_SECONDS = 4.0
"""After which the script's execution is terminated."""
_SCRIPT = files("crawler").joinpath("page_facts.js").read_text(encoding="utf-8")


async def read_facts(devtools: DevTools, *, max_text: int, resources: tuple[str, ...] = ()) -> PageFacts:
    """Facts of the page that ``devtools`` is attached to; ``resources`` seen on the network are added to the page's own.

    Raises:
        DevToolsError: the page did not answer in time, or is gone.
        msgspec.DecodeError: its answer is no list of facts.
    """
    limits = {
        "milliseconds": FACTS_SECONDS * 500,
        "text": max_text,
        "field": 500,
        "address": 2000,
        "images": 400,
        "inputs": 200,
        "forms": 100,
        "links": 2000,
        "icons": 20,
        "telephones": 100,
        "depth": 4,
        "nodes": 50_000,
        "comments": 500,
        "origins": 20,
        "tags": 3_000,
        "sketch": SKETCH,
        "pseudo": 5_000,
    }
    answer = await devtools.evaluate(f"({_SCRIPT})({json.dumps(limits)})", seconds=FACTS_SECONDS)
    facts = msgspec.json.decode(answer if isinstance(answer, str) else "", type=PageFacts)
    return replace(facts, resources=tuple(dict.fromkeys((*facts.resources, *resources))))


def clean(text: str) -> str:
    """Text without NUL and lone surrogates, which neither UTF-8 nor a database takes."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
