"""The signal ``wording``: the page repeats the text of one of the brand's own pages, or asks for the same fields.

Texts are compared by shingles of four words (Broder, "On the resemblance and containment of documents", 1997): what share of the
official page's shingles stands on the page in question, so that what was added does not hide what was copied.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.brands import BrandLibrary
from detector.index import kept
from detector.index.base import Arrays
from detector.model import Brand, Finding, InputField, PageFacts, from_json
from detector.signals.base import SurveySignal
from detector.signals.lure import ASKING_NOTHING
from detector.signals.mentions import TOKEN, fold
from detector.signals.view import View

VERSION = 1
WORDS = 4
MOST_SHINGLES = 5000
FEW, MANY = 12, 40
"""Shingles of an official page: with fewer it says nothing of its own, from the second on its text counts in full."""
OTHER, SAME = 0.25, 0.65
"""Share of them on a page: up to the first others have it, too; from the second on it is a copy."""
SAME_FIELDS = 0.6
"""Measure of a form with the same field names as no other brand's."""
COMMON_FIELDS = frozenset(
    [
        "email",
        "mail",
        "password",
        "pass",
        "passwd",
        "pwd",
        "pw",
        "username",
        "user",
        "userid",
        "userpass",
        "login",
        "loginid",
        "id",
        "name",
        "q",
        "query",
        "search",
        "s",
        "phone",
        "tel",
        "mobile",
        "otp",
        "code",
        "pin",
        "remember",
        "rememberme",
        "token",
        "csrf",
        "csrftoken",
        "card",
        "cardnumber",
        "cvv",
        "cvc",
        "exp",
        "expiry",
        "holder",
        "firstname",
        "lastname",
        "fullname",
        "address",
        "city",
        "zip",
        "postcode",
        "country",
        "state",
        "message",
        "subject",
        "comment",
        "newsletter",
        "company",
        "account",
        "field",
        "input",
        "text",
    ]
) | {""}
"""Names of fields, letters only, that any form may have."""
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


class WordingSignal(SurveySignal):
    """How much of an official page's text stands on the page, and whether its form has the same fields."""

    name = "wording"
    version = 1
    nothing = "the page repeats no captured page of {brand}"

    @cached_property
    def official(self) -> _Official:
        name = f"wording-v{VERSION}-{self.library.fingerprint[:32]}"
        return _Official(**kept(name, lambda: _build(self.library)))

    @cached_property
    def _brands(self) -> frozenset[str]:
        return frozenset(self.official.brands.tolist())

    def abstains(self, view: View) -> str | None:
        return None if view.said else f"the page's text is not known ({view.unsaid_reason})"

    def look(self, view: View, brand: Brand) -> Finding:
        if self.abstains(view) is None and brand.answer not in self._brands:
            reason = f"no official page of {brand.name} has been captured with its text"
            return Finding(self.name, brand.id, None, f"Could not compare: {reason}.", abstained=reason)
        return super().look(view, brand)

    def survey(self, view: View) -> Mapping[str, Finding]:
        official, facts = self.official, view.said
        if facts is None or not len(official.brands):
            return {}
        shared = self._shared(shingles_of(facts.text))
        form = form_of(facts.inputs)
        findings: dict[str, Finding] = {}
        for page in np.flatnonzero((shared > 0) | ((official.forms == form) & (form > 0))).tolist():
            share = float(shared[page] / official.counts[page]) if official.counts[page] >= FEW else 0.0
            text = (share - OTHER) / (SAME - OTHER) * min(1.0, float(official.counts[page]) / MANY)
            fields = SAME_FIELDS if form and official.forms[page] == form else 0.0
            measure = max(min(1.0, text), fields)
            brand = str(official.brands[page])
            if measure > 0.0 and measure > (findings[brand].measure or 0.0 if brand in findings else 0.0):
                findings[brand] = self.finding(brand, measure, self._sentence(brand, page, share, text > 0, fields > 0))
        return findings

    def _shared(self, mine: Shingles) -> NDArray[np.int64]:
        """How many shingles of each official page stand on this one."""
        official = self.official
        first, last = (np.searchsorted(official.shingles, mine, side) for side in ("left", "right"))
        found = [
            official.owners[begin:end] for begin, end in zip(first.tolist(), last.tolist(), strict=True) if end > begin
        ]
        owners = np.concatenate(found) if found else np.zeros(0, np.int64)
        return np.bincount(owners, minlength=len(official.brands)).astype(np.int64)

    def _sentence(self, brand: str, page: int, share: float, text: bool, fields: bool) -> str:
        shown = self.library.get(brand)
        of = f"{shown.name if shown else brand}'s page “{self.official.names[page]}”"
        said = [f"repeats {share:.0%} of the text of {of}"] if text else []
        said += [f"asks for the same fields{'' if text else f' as {of}'}"] if fields else []
        return f"The page {' and '.join(said)}."


def shingles_of(text: str) -> Shingles:
    """Sorted 64-bit hashes of all runs of four folded words, each once."""
    words = TOKEN.findall(fold(text[:200_000]))[: MOST_SHINGLES + WORDS]
    runs = {" ".join(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)}
    return np.asarray(sorted(_hash(run) for run in runs), np.uint64)


def form_of(inputs: Iterable[InputField]) -> int:
    """A hash of the names of the fields that can be filled in; 0 where fewer than two have a name, or any form might have them."""
    names = sorted({field.name for field in inputs if field.name and field.type not in ASKING_NOTHING})
    own = [name for name in names if re.sub(r"[^a-z]", "", name.casefold()) not in COMMON_FIELDS]
    return _hash("\0".join(names)) if len(names) >= 2 and own else 0


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def _build(library: BrandLibrary) -> Arrays:
    pages = list(_pages(library))
    forms = [form_of(facts.inputs) for _, _, facts in pages]
    # a form that several brands have (a name and a password) tells none of them apart
    users = Counter(form for form, _ in {(form, brand) for form, (brand, _, _) in zip(forms, pages, strict=True)})
    parts = [shingles_of(facts.text) for _, _, facts in pages]
    shingles = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts]).astype(np.int64)
    order = np.argsort(shingles, kind="stable")
    return {
        "brands": np.asarray([brand for brand, _, _ in pages], np.str_),
        "names": np.asarray([name for _, name, _ in pages], np.str_),
        "counts": np.asarray([len(part) for part in parts], np.int64),
        "forms": np.asarray([form if users[form] == 1 else 0 for form in forms], np.uint64),
        "shingles": shingles[order],
        "owners": owners[order],
    }


def _pages(library: BrandLibrary) -> Iterable[tuple[str, str, PageFacts]]:
    for brand in library:
        for page in brand.pages:
            if page.facts is None:
                continue
            try:
                data = Path(page.facts).read_bytes()
                if len(data) > MAX_BYTES:
                    raise ValueError(f"{len(data)} bytes")
                yield brand.answer, page.name, from_json(data, PageFacts)
            except (OSError, ValueError) as error:
                log.warning("official page's text left out", brand=brand.id, page=page.name, error=str(error))
