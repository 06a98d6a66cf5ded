"""The signal ``mirror``: the page's source says that it was copied from one of the brand's pages."""

from __future__ import annotations

from collections.abc import Mapping

from detector.hosts import host_of
from detector.model import Finding, Origin
from detector.signals.links import OwnershipSignal
from detector.signals.view import View

STATED = {
    "canonical": "names {} as its canonical address",
    "og:url": "names {} as its address",
    "base": "takes its links from {}",
}
COPIED, NAMED = 1.0, 0.7
"""Measure of a copying tool's mark, and of an address that the source still calls its own."""


class MirrorSignal(OwnershipSignal):
    """Marks of tools that copy pages (HTTrack, SingleFile, browsers' "save as"), and addresses that a copy forgot to change."""

    name = "mirror"
    version = 1
    nothing = "the source names no page of {brand} as where it comes from"

    def abstains(self, view: View) -> str | None:
        return None if view.facts else "the page's source is not known"

    def survey(self, view: View) -> Mapping[str, Finding]:
        assert view.facts is not None
        own = host_of(view.url)
        skip = self.own_family(view)
        found: dict[str, tuple[float, Origin]] = {}
        for origin in view.facts.origins[:50]:
            owned = self.owner(origin.url)
            if owned is None or owned[0] in skip or host_of(origin.url) == own:
                continue
            measure = NAMED if origin.mark in STATED else COPIED
            if measure > found.get(owned[0], (0.0, origin))[0]:
                found[owned[0]] = (measure, origin)
        return {brand: self.finding(brand, measure, _sentence(origin)) for brand, (measure, origin) in found.items()}


def _sentence(origin: Origin) -> str:
    address = origin.url[:120]
    if origin.mark in STATED:
        return f"The page's source {STATED[origin.mark].format(address)}."
    how = "as a browser saves pages" if origin.mark == "saved from url" else f"by {origin.mark}"
    return f"The page's source says that it was copied from {address}, {how}."
