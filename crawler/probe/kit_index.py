"""Index of phishing kits from confirmed cases: recognises the same kit on another name without a browser."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detector.hosts import host_of, path_of
from detector.index.postings import hash64, inverted, shared
from detector.model import CONFIRMED_STATES, SKETCH, Capture, PageFacts
from detector.store import Store

MOST_KITS = 20_000
SAME_FILES, FEWEST_FILES = 0.6, 4
"""Share of common files from which two pages come from one kit, and the smallest number of files for that."""
SAME_BUILD, SMALLEST_BUILD = 0.85, 40
"""Structural similarity from which two documents come from one kit, and the smallest number of hashes for that."""
_USUAL = frozenset(
    (
        "favicon.ico", "index.html", "index.php", "logo.png", "logo.svg", "style.css", "styles.css", "main.css", "app.css",
        "all.min.css", "custom.css", "normalize.css", "animate.css", "bootstrap.css", "bootstrap.min.css",
        "font-awesome.min.css", "fontawesome.min.css",
        "app.js", "main.js", "script.js", "scripts.js", "custom.js", "jquery.js", "jquery.min.js", "bootstrap.min.js",
        "bootstrap.bundle.min.js",
    )
)  # fmt: skip
"""Names of files that all kinds of pages have."""
_ANYBODYS = re.compile(
    r"/(?:wp-includes|wp-content|_next|cdn-cgi|sites/all|media/(?:jui|system)|core/assets|static/version\d+)/"
)
"""Folders of widely used software."""
_MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class KitMatch:
    """The confirmed case from whose kit a page is made."""

    brand: str
    case_id: int
    sentence: str


@dataclass(frozen=True)
class KitIndex:
    """Kits of confirmed cases as arrays, which are cheap to send to another process."""

    brands: tuple[str, ...]
    cases: tuple[int, ...]
    sites: tuple[str, ...]
    hashes: NDArray[np.uint64]
    """Hashes of the structure of all kits, sorted; ``hash_owners`` names the kit of each."""
    hash_owners: NDArray[np.int64]
    hash_counts: NDArray[np.int64]
    files: NDArray[np.uint64]
    """Hashes of the file names of all kits, sorted; ``file_owners`` names the kit of each."""
    file_owners: NDArray[np.int64]
    file_counts: NDArray[np.int64]

    @classmethod
    def of_store(cls, store: Store) -> KitIndex:
        """Build the index from the cases that analysts confirmed."""
        kits: list[tuple[str, int, str, PageFacts]] = []
        for case in store.cases.stream(states=CONFIRMED_STATES):
            kits += [(case.brand, case.id, case.site, facts) for facts in _views(case.capture)]
            if len(kits) >= MOST_KITS:
                break
        return cls.build(kits)

    @classmethod
    def build(cls, kits: Iterable[tuple[str, int, str, PageFacts]]) -> KitIndex:
        """Build the index from (brand, case, site, facts) of each case."""
        listed = list(kits)
        hashes, hash_owners, hash_counts = inverted([list(facts.structure[:SKETCH]) for *_, facts in listed])
        files, file_owners, file_counts = inverted([files_of(facts) for *_, facts in listed])
        brands, cases, sites = tuple(k[0] for k in listed), tuple(k[1] for k in listed), tuple(k[2] for k in listed)
        return cls(brands, cases, sites, hashes, hash_owners, hash_counts, files, file_owners, file_counts)

    def match(self, facts: PageFacts) -> KitMatch | None:
        """Return the kit that the page is most similar to; None where it is not similar enough to any."""
        if not self.brands:
            return None
        mine = files_of(facts)
        alike, kit, common = _likest(mine, self.files, self.file_owners, self.file_counts, FEWEST_FILES)
        how = f"loads {common} files with the same names as" if alike >= SAME_FILES else ""
        sketch = sorted(set(facts.structure[:SKETCH]))
        built, other, _ = _likest(sketch, self.hashes, self.hash_owners, self.hash_counts, SMALLEST_BUILD)
        if built >= max(SAME_BUILD, alike if how else 0.0):
            kit, how = other, "has the same structure as"
        if not how:
            return None
        sentence = f"The page {how} the page of case {self.cases[kit]} ({self.sites[kit]}), which was confirmed."
        return KitMatch(self.brands[kit], self.cases[kit], sentence)


def files_of(facts: PageFacts) -> list[int]:
    """Return hashes of the names of the page's own files and form targets, each once; common names are left out."""
    host = host_of(facts.url)
    named = chain(
        facts.resources, (image.src for image in facts.images), facts.icons, (form.action for form in facts.forms)
    )
    names: dict[str, None] = {}
    for address in named:
        if host_of(address) != host:
            continue
        path = path_of(address)
        parts = path.rsplit("/", 2)
        name = posixpath.join(*parts[-2:]).lstrip("/") if len(parts) > 1 else ""
        if name and not _ANYBODYS.search(path) and parts[-1].lower() not in _USUAL and len(names) < _MOST_FILES:
            names.setdefault(name.lower())
    return sorted(hash64(name) for name in names)


def _views(capture: Capture) -> Iterator[PageFacts]:
    for view in (capture, *capture.others):
        if view.facts is not None and view.outcome == "ok" and (view.facts.inputs or view.facts.text):
            facts = view.facts
            yield facts if facts.url else replace(facts, url=view.final_url or view.url)


def _likest(
    mine: list[int], known: NDArray[np.uint64], owners: NDArray[np.int64], counts: NDArray[np.int64], fewest: int
) -> tuple[float, int, int]:
    """Return (similarity, kit, common hashes) of the most similar kit; similarity 0 where either has too few hashes."""
    if len(mine) < fewest:
        return 0.0, -1, 0
    common = shared(mine, known, owners, len(counts))
    together = np.maximum(counts + len(mine) - common, 1)
    likeness = np.where(counts >= fewest, common / together, 0.0)
    kit = int(likeness.argmax())
    return float(likeness[kit]), kit, int(common[kit])
