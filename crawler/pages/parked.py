"""Recognise parked, for-sale and default pages by what they show and load (``crawler/data/parking-pages.toml``).

Conservative: a page that asks for anything a thief wants, or has more text than such pages do, never counts as parked.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.net.parking_lists import parked_address
from crawler.pages.phrases import PhrasePattern
from detector.hosts import host_of, is_address
from detector.model import NetworkEntry, PageFacts
from detector.signals.lure import strongest_lure

MAX_TEXT = 5000
"""Characters of visible text; a page with more is a real one."""
MAX_LANDER_TEXT = 2000
"""The same, where a file of a parking service is the only hint."""
MAX_LURE = 0.5
"""Measure of the signal ``lure`` from which a page asks for something."""
MAX_URLS = 1000


@dataclass(frozen=True, slots=True)
class _Knowledge:
    services: frozenset[str]
    files: PhrasePattern
    certain: PhrasePattern
    likely: PhrasePattern
    default: PhrasePattern


def parked_sentence(
    facts: PageFacts,
    network: Sequence[NetworkEntry],
    *,
    final_url: str = "",
    address: str | None = None,
    lure: float | None = None,
) -> str:
    """Return why a page counts as parked, in a sentence; empty where it does not.

    ``final_url`` is the address of the page, ``address`` the IP address that served it, ``lure`` the measure of the signal
    ``lure`` where that is known already.
    """
    if len(facts.text) > MAX_TEXT:
        return ""
    if (strongest_lure(facts)[0] if lure is None else lure) >= MAX_LURE:
        return ""
    known = _knowledge()
    text = _fold(f"{facts.title} {facts.text}")
    default = known.default.search(text[:1500])
    if default is not None:
        return f"the page is a server's or hoster's default page: “{_quote(default)}”"
    said = known.certain.search(text)
    if said is not None:
        return f"the page says that its name is parked or for sale: “{_quote(said)}”"
    service = _service(known, final_url, (*facts.resources, *(entry.url for entry in network)))
    hints = list(dict.fromkeys(found[0] for found in known.likely.finditer(text)))
    if service and (hints or len(facts.text) <= MAX_LANDER_TEXT):
        return f"the page comes from the parking service {service}"
    parked_there = address is not None and is_address(address) and parked_address(address)
    if len(hints) >= 2 or (hints and parked_there):
        return f"the page looks parked: “{'”, “'.join(hints[:2])}”" + (" on a parking service's address" * parked_there)
    return ""


def _service(known: _Knowledge, final_url: str, urls: Iterable[str]) -> str:
    """Return the parking service whose domain the page is on, or loads from; empty where there is none."""
    for url in list(dict.fromkeys((final_url, *urls)))[:MAX_URLS]:
        labels = host_of(url).split(".")
        for start in range(len(labels) - 1):
            domain = ".".join(labels[start:])
            if domain in known.services:
                return domain
        if known.files.search(url[:2000]):
            return host_of(url)
    return ""


def _quote(found: re.Match[str]) -> str:
    return found[0][:80].strip()


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold().split())


@cache
def _knowledge() -> _Knowledge:
    data = tomllib.loads(files("crawler").joinpath("data", "parking-pages.toml").read_text(encoding="utf-8"))
    return _Knowledge(
        frozenset(data["services"]),
        PhrasePattern(data["files"]),
        PhrasePattern(data["words"]["certain"]),
        PhrasePattern(data["words"]["likely"]),
        PhrasePattern(data["default_pages"]["certain"]),
    )
