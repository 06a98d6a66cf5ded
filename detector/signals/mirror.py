"""The signal ``mirror``: the page's source says that it was copied from one of the brand's pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from detector.brands import BrandLibrary
from detector.hosts import host_of, path_of
from detector.model import Finding, Origin, PageFacts
from detector.signals.capture_view import CaptureView
from detector.signals.links import MOST_RESOURCES, OwnershipSignal
from detector.signals.signal import keep_stronger
from detector.signals.text import SERVICE_OR_LIST, shared_index

STATED = {
    "canonical": "gives {} as its canonical address",
    "og:url": "gives {} as its address",
    "base": "gives {} as the base of its relative addresses",
}
COPIED, FOLDER, NAMED, SAVED = 1.0, 0.9, 0.7, 0.6
"""Measure of the mark of a copying tool, of a folder named after the brand's server, of a brand's address that the source still
gives as its own, and of a folder named after the brand's page."""
CODE_FILE = re.compile(r"\.(?:css|m?js)(?:$|[@?])", re.IGNORECASE)
"""Paths of scripts and styles; ``wget`` writes the ``?`` of an address as ``@`` or encodes it, and may repeat the ending."""
SAVED_FOLDER = re.compile(r"(.{3,200})_(?:files|fichiers|dateien|archivos|bestanden|file|ficheiros|arquivos)")
"""Name of the folder that a browser saves a page's files in: the page's title and this word (Firefox, Chrome)."""
WHERE = "The page's scripts and styles are in"


class MirrorSignal(OwnershipSignal):
    """Marks of tools that copy pages, and addresses that a copy forgot to change.

    HTTrack, SingleFile and others mark the source; ``wget`` and HTTrack store files in folders named after servers; "save as" of
    browsers stores them in ``TITLE_files``.
    """

    name = "mirror"
    version = 4
    nothing = "the page's source shows no sign of having been copied from {brand}"

    def __init__(self, library: BrandLibrary) -> None:
        super().__init__(library)
        self._index = shared_index(library)

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.facts else "the page's source is not known"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        assert view.facts is not None
        own = host_of(view.url)
        skip = self.own_family(view)
        found: dict[str, Finding] = {}
        for finding in (*self._by_origins(view.facts, own), *self._by_folders(view.facts, own)):
            if finding.brand not in skip:
                keep_stronger(found, finding)
        return found

    def _by_origins(self, facts: PageFacts, own: str) -> Iterator[Finding]:
        for origin in facts.origins[:50]:
            owned = self.owner(origin.url)
            if owned is not None and host_of(origin.url) != own:
                yield self.finding(owned[0], NAMED if origin.mark in STATED else COPIED, _sentence(origin))

    def _by_folders(self, facts: PageFacts, own: str) -> Iterator[Finding]:
        """Look at the folders of scripts and styles only: sites that list others keep pictures in folders named after them."""
        folders: dict[str, None] = {}
        for address in facts.resources[:MOST_RESOURCES]:
            path = unquote(path_of(address))
            if own and host_of(address) == own and CODE_FILE.search(path):
                # archives and proxies have the whole address that they show in the path
                folders.update(dict.fromkeys(path.partition(":/")[0].split("/")[1:-1]))
        for folder in folders:
            owned = self.owner(f"https://{folder}/") if "." in folder else None
            if owned is not None and owned[1] == folder.lower():
                how = f"a folder named {folder[:120]}, as wget and HTTrack name the folders of copied sites"
                yield self.finding(owned[0], FOLDER, f"{WHERE} {how}.")
            saved = SAVED_FOLDER.fullmatch(folder)
            for mention in self._index.find(saved.group(1)) if saved else ():
                if mention.manner not in SERVICE_OR_LIST:
                    how = f"“{folder[:120]}”, as browsers name the folder of a saved page"
                    yield self.finding(mention.brand, SAVED, f"{WHERE} {how}.")


def _sentence(origin: Origin) -> str:
    address = origin.url[:120]
    if origin.mark in STATED:
        return f"The page's source {STATED[origin.mark].format(address)}."
    how = "by saving it in a browser" if origin.mark == "saved from url" else f"by {origin.mark}"
    return f"The page's source says that it was copied from {address}, {how}."
