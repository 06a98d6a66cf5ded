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
from detector.signals.text import ASIDE, shared_index

STATED = {
    "canonical": "names {} as its canonical address",
    "og:url": "names {} as its address",
    "base": "takes its links from {}",
}
COPIED, FOLDER, NAMED, SAVED = 1.0, 0.9, 0.7, 0.6
"""Measure of a copying tool's mark, of a folder named after the brand's server, of an address that the source still calls its
own, and of a folder named after the brand's page."""
CODE_FILE = re.compile(r"\.(?:css|m?js)(?:$|[@?])", re.IGNORECASE)
"""Scripts and styles; ``wget`` writes the ``?`` of an address as ``@`` or encodes it, and may append the kind once more."""
SAVED_FOLDER = re.compile(r"(.{3,200})_(?:files|fichiers|dateien|archivos|bestanden|file|ficheiros|arquivos)")
"""Folder of what a saved page needs, as browsers name it: by the page's title (Firefox, Chrome)."""
WHERE = "The page's scripts and styles lie in"


class MirrorSignal(OwnershipSignal):
    """Marks of tools that copy pages, and addresses that a copy forgot to change.

    HTTrack, SingleFile and others say so in the source; ``wget`` and HTTrack lay files out in folders named after servers;
    browsers' "save as" puts them into ``TITLE_files``.
    """

    name = "mirror"
    version = 3
    nothing = "the source names no page of {brand} as where it comes from"

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
        """From folders in which the site keeps the page's scripts and styles: pictures of lists and directories lie in such too."""
        folders: dict[str, None] = {}
        for address in facts.resources[:MOST_RESOURCES]:
            path = unquote(path_of(address))
            if own and host_of(address) == own and CODE_FILE.search(path):
                # archives and proxies name the whole address that they show
                folders.update(dict.fromkeys(path.partition(":/")[0].split("/")[1:-1]))
        for folder in folders:
            owned = self.owner(f"https://{folder}/") if "." in folder else None
            if owned is not None and owned[1] == folder.lower():
                how = f"a folder named {folder[:120]}, as wget and HTTrack lay out what they copy"
                yield self.finding(owned[0], FOLDER, f"{WHERE} {how}.")
            saved = SAVED_FOLDER.fullmatch(folder)
            for mention in self._index.find(saved.group(1)) if saved else ():
                if mention.manner not in ASIDE:
                    how = f"“{folder[:120]}”, as a browser names the folder of a page that it saves"
                    yield self.finding(mention.brand, SAVED, f"{WHERE} {how}.")


def _sentence(origin: Origin) -> str:
    address = origin.url[:120]
    if origin.mark in STATED:
        return f"The page's source {STATED[origin.mark].format(address)}."
    how = "as a browser saves pages" if origin.mark == "saved from url" else f"by {origin.mark}"
    return f"The page's source says that it was copied from {address}, {how}."
