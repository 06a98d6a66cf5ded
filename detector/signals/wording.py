"""The signal ``wording``: the page repeats the text, the form fields or the structure of one of the brand's own pages.

Texts are compared by shingles of four words (Broder, "On the resemblance and containment of documents", 1997): the share of the
official page's shingles that the page has, so that additions do not hide what was copied.  The structure of documents is compared
by sketches (the same paper): a copy keeps its elements when its text is translated.

What many sites share is left out of official pages: dialogs that ask for consent, pages in the place of others
(:mod:`detector.brands.shared_texts`), and runs of words that official pages of several owners have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.brands import BrandLibrary, asks_for_consent, page_fault, without_consent
from detector.index import kept
from detector.index.postings import hash64, inverted, shared
from detector.index.search import Arrays
from detector.model import SKETCH, Brand, Finding, InputField, PageFacts, from_json
from detector.signals.capture_view import CaptureView
from detector.signals.lure import ASKING_NOTHING
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.signal import SurveySignal, keep_stronger, listed, share_between

VERSION = 3
WORDS = 4
MOST_SHINGLES = 5000
"""Of an official page."""
MOST_SHOWN = 40_000
"""Of a page that may repeat one: what was put before the copied text does not hide it."""
FEW, MANY = 12, 40
"""Shingles of an official page: below the first its text is not compared, from the second on it counts in full."""
OTHER, SAME = 0.25, 0.65
"""Share of them that a page has: up to the first it may be chance, from the second on it is a copy."""
SAME_BUILD, OTHER_BUILD = 0.9, 0.6
"""Similarity of two documents' structure: from the first on one is a copy of the other, up to the second it may be chance."""
BUILT_ALIKE = 0.6
"""Measure of a document with the same structure: sites share templates, too."""
LEAST_BUILD = 40
"""Hashes of a sketch below which a document is too simple to be compared."""
SAME_FIELDS = 0.6
"""Measure of a form with the same field names as no other brand's."""
COMMON_FIELDS = frozenset(
    [
        "email", "mail", "password", "pass", "passwd", "pwd", "pw", "username", "user", "userid", "userpass", "login",
        "loginid", "id", "name", "q", "query", "search", "s", "phone", "tel", "mobile", "otp", "code", "pin",
        "remember", "rememberme", "token", "csrf", "csrftoken", "card", "cardnumber", "cvv", "cvc", "exp", "expiry",
        "holder", "firstname", "lastname", "fullname", "address", "city", "zip", "postcode", "country", "state",
        "message", "subject", "comment", "newsletter", "company", "account", "field", "input", "text",
        "",
    ]
)  # fmt: skip
"""Names of fields, letters only, that any form may have; a form of these alone is not compared."""
MAX_BYTES = 20_000_000
log = structlog.get_logger(__name__)
Shingles = NDArray[np.uint64]


class _Official(NamedTuple):
    """Page ``i`` of ``brands[i]``; shingles of all pages in one sorted array, ``owners`` beside them."""

    brands: NDArray[np.str_]
    names: NDArray[np.str_]
    counts: NDArray[np.int64]
    forms: NDArray[np.uint64]
    """Hash of the names of the fields; 0 where a form has none of its own."""
    shingles: Shingles
    owners: NDArray[np.int64]
    sketch_hashes: Shingles
    """Hashes of all pages' structure, sorted; ``sketch_owners`` are their pages."""
    sketch_owners: NDArray[np.int64]
    sketch_sizes: NDArray[np.int64]


class WordingSignal(SurveySignal):
    """Compare the page's text, form fields and structure with those of the official pages."""

    name = "wording"
    version = 3
    nothing = "the page repeats no captured page of {brand}"

    @cached_property
    def official(self) -> _Official:
        name = f"wording-v{VERSION}-{self.library.fingerprint[:32]}"
        return _Official(**kept(name, lambda: _build(self.library)))

    def prepare(self) -> None:
        """Open the index of official pages' texts; build it where this machine has none for these brands yet."""
        _ = self.official

    @cached_property
    def _brands(self) -> frozenset[str]:
        return frozenset(self.official.brands.tolist())

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.text_facts else f"the page's text is not known ({view.no_text_reason})"

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        if self.abstains(view) is None and brand.answer not in self._brands:
            reason = f"no official page of {brand.name} has been captured with its text"
            return self.abstention(brand, reason)
        return super().look(view, brand)

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        official, facts = self.official, view.text_facts
        if facts is None or not len(official.brands):
            return {}
        common = shared(shingles_of(facts.text, MOST_SHOWN), official.shingles, official.owners, len(official.brands))
        form = form_of(facts.inputs)
        alike = self._built_alike(sketch_of(facts))
        findings: dict[str, Finding] = {}
        for page in np.flatnonzero(
            (common > 0) | (alike > OTHER_BUILD) | ((official.forms == form) & (form > 0))
        ).tolist():
            share = float(common[page] / official.counts[page]) if official.counts[page] >= FEW else 0.0
            text = (share - OTHER) / (SAME - OTHER) * min(1.0, float(official.counts[page]) / MANY)
            fields = SAME_FIELDS if form and official.forms[page] == form else 0.0
            built = BUILT_ALIKE * share_between(float(alike[page]), OTHER_BUILD, SAME_BUILD)
            measure = max(min(1.0, text), fields, built)
            if measure <= 0.0:
                continue
            brand = str(official.brands[page])
            sentence = self._sentence(
                brand,
                page,
                share if text > 0 else 0.0,
                fields > 0,
                float(alike[page]) if built > 0 else 0.0,
            )
            keep_stronger(findings, self.finding(brand, measure, sentence))
        return findings

    def _built_alike(self, mine: Shingles) -> NDArray[np.float64]:
        """Estimate the similarity of each official page's structure, 0 to 1, from the smallest hashes of both."""
        official = self.official
        alike = np.zeros(len(official.brands))
        if len(mine) < LEAST_BUILD:
            return alike
        both = shared(mine, official.sketch_hashes, official.sketch_owners, len(official.brands))
        for page in np.flatnonzero(
            (both >= OTHER_BUILD * LEAST_BUILD) & (official.sketch_sizes >= LEAST_BUILD)
        ).tolist():
            theirs = official.sketch_hashes[official.sketch_owners == page]
            smallest = np.union1d(mine, theirs)[:SKETCH]
            alike[page] = np.isin(smallest, np.intersect1d(mine, theirs)).mean()
        return alike

    def _sentence(self, brand: str, page: int, share: float, fields: bool, alike: float) -> str:
        of = f"{self.display(brand)}'s page “{self.official.names[page]}”"
        said = [f"repeats {share:.0%} of the text"] if share else []
        said += ["asks for the same fields"] if fields else []
        said += [f"has {alike:.0%} of the structure"] if alike else []
        return f"The page {listed(said)} {'as' if said == ['asks for the same fields'] else 'of'} {of}."


def sketch_of(facts: PageFacts) -> Shingles:
    """The hashes of the page's structure, sorted, each once; values that are not 32-bit numbers are left out."""
    return np.asarray(sorted({value for value in facts.structure[:SKETCH] if 0 <= value < 1 << 32}), np.uint64)


def shingles_of(text: str, most: int = MOST_SHINGLES) -> Shingles:
    """Hash all runs of four folded words to 64 bits; sorted, each once."""
    words = tokens_of(fold(text[:200_000]))[: most + WORDS]
    runs = {" ".join(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)}
    return np.asarray(sorted(hash64(run) for run in runs), np.uint64)


def form_of(inputs: Iterable[InputField]) -> int:
    """Hash the names of the fields that can be filled in; 0 where fewer than two have a name, or any form may have them."""
    names = sorted({field.name for field in inputs if field.name and field.type not in ASKING_NOTHING})
    own = [name for name in names if re.sub(r"[^a-z]", "", name.casefold()) not in COMMON_FIELDS]
    return hash64("\0".join(names)) if len(names) >= 2 and own else 0


def _build(library: BrandLibrary) -> Arrays:
    pages = list(_pages(library))
    forms = [form_of(facts.inputs) for _, _, facts in pages]
    # a form that several brands have (a name and a password) identifies none of them
    users = Counter(form for form, _ in {(form, brand) for form, (brand, _, _) in zip(forms, pages, strict=True)})
    texts = _own_texts(library, pages)
    shingles, owners, counts = inverted(texts)
    # most of such a document may be the dialog's
    sketches = [[] if asks_for_consent(facts.text) else sketch_of(facts).tolist() for _, _, facts in pages]
    hashes, hash_owners, sizes = inverted(sketches)
    return {
        "brands": np.asarray([brand for brand, _, _ in pages], np.str_),
        "names": np.asarray([name for _, name, _ in pages], np.str_),
        "counts": counts,
        "forms": np.asarray([form if users[form] == 1 else 0 for form in forms], np.uint64),
        "shingles": shingles,
        "owners": owners,
        "sketch_hashes": hashes,
        "sketch_owners": hash_owners,
        "sketch_sizes": sizes,
    }


def _own_texts(library: BrandLibrary, pages: Sequence[tuple[str, str, PageFacts]]) -> list[list[int]]:
    """Return the shingles of each page that no other owner's official page has."""
    texts = [shingles_of(without_consent(facts.text)).tolist() for _, _, facts in pages]
    owners: dict[int, frozenset[str]] = {}
    shared_ones: set[int] = set()
    for (brand, _, _), text in zip(pages, texts, strict=True):
        family = library.family(brand)
        for shingle in text:
            if owners.setdefault(shingle, family) != family:
                shared_ones.add(shingle)
    return [[shingle for shingle in text if shingle not in shared_ones] for text in texts]


def _pages(library: BrandLibrary) -> Iterable[tuple[str, str, PageFacts]]:
    for brand in library:
        for page in brand.pages:
            if page.facts is None:
                continue
            try:
                data = Path(page.facts).read_bytes()
                if len(data) > MAX_BYTES:
                    raise ValueError(f"{len(data)} bytes")
                facts = from_json(data, PageFacts)
                if fault := page_fault(facts):
                    raise ValueError(f"it is {fault}")
                yield brand.answer, page.name, facts
            except (OSError, ValueError) as error:
                log.warning("official page's text left out", brand=brand.id, page=page.name, error=str(error))
