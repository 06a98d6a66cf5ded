"""Triage on labelled names: what it selects, and names a second beside two common ways of scoring."""

from __future__ import annotations

import csv
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary
from detector.errors import UsageError
from detector.hosts import split_host, split_url, unicode_host
from detector.model import Brand
from detector.names.lures import LURES, is_everyday
from detector.names.skeleton import skeleton

BENIGN, PHISHING, LOOKALIKES = "benign_top50k.txt", "phishing_2019_2023.csv", "phishing_2026.csv"
FAMILIES = (
    {"microsoft", "office-365", "outlook", "onedrive", "teams", "azure", "sharepoint"},
    {"apple", "icloud"},
    {"google", "gmail"},
    {"facebook", "messenger", "meta"},
)
"""Brands of one owner, which labels do not tell apart."""
_NO_LETTER = re.compile(r"[^a-z0-9\u0080-\U0010ffff/]+")
_WORDS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One phishing URL."""

    url: str
    brand: str
    trace: str
    """``word``: the brand's name can be read in host or path; ``letters``: only its letters, within other words or an
    everyday word; empty: neither."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Share of URLs found and selected, of those with one kind of trace."""

    trace: str
    rows: int
    found: int
    """URLs with the right brand among the matches."""
    selected: int
    by_brand: dict[str, tuple[int, int]]
    """Brand: (rows, selected)."""


@dataclass(frozen=True, slots=True)
class Speed:
    """One way of scoring, on the same names and one core."""

    name: str
    names_a_second: float
    names: int
    selected: int


def read_benign(folder: Path) -> list[str]:
    """The names of ordinary sites.

    Raises:
        UsageError: the file is missing or cannot be read.
    """
    try:
        return (folder / BENIGN).read_text(encoding="utf-8").split()
    except OSError as error:
        raise UsageError(f"{folder / BENIGN}: cannot be read ({error.strerror})") from error


def read_phishing(folder: Path, library: BrandLibrary, file_name: str = PHISHING) -> list[Row]:
    """Read the phishing URLs of brands in the library, each with the kind of trace that its brand leaves in it.

    Of :data:`LOOKALIKES`, a trace of any brand of the family counts.

    Raises:
        UsageError: the file is missing, cannot be read, or lacks the columns url and brand.
    """
    own = {brand.id: _names(brand) for brand in library}
    names = own
    if file_name == LOOKALIKES:  # the others' figures are older than families
        names = {brand: sorted({name for each in family_of(brand) for name in own.get(each, ())}) for brand in own}
    path = folder / file_name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(row["url"], row["brand"]) for row in csv.DictReader(file)]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except KeyError as error:
        raise UsageError(f"{path}: has no column {error}") from error
    return [Row(url, brand, trace_of(url, names[brand])) for url, brand in rows if brand in names]


def family_of(brand: str | None) -> set[str]:
    """Return the brands of the same owner, ``brand`` among them; empty for None."""
    return next((family for family in FAMILIES if brand in family), {brand} if brand else set())


def rightly_selected(rows: Sequence[Row], triage: Triage) -> int:
    """Count the URLs that are selected with the right brand, or one of its family, as the first."""
    scores = ((row, triage.score_name(row.url)) for row in rows)
    return sum(score.selected and score.brand in family_of(row.brand) for row, score in scores)


def _names(brand: Brand) -> list[str]:
    spoken = (brand.id, brand.name, *brand.names, split_host(brand.domains[0]).label if brand.domains else "")
    return sorted({_NO_WORD.sub("", name.lower()) for name in spoken} - {""})


def trace_of(url: str, names: Sequence[str]) -> str:
    """Tell whether one of ``names`` (lower case, letters and digits) can be read in the host or path of ``url``.

    Hyphens are ignored, look-alike letters are folded.  A name of five letters or more that is not an everyday word counts
    anywhere as ``word``; any other name only where it is a whole word.
    """
    host, rest = split_url(url)
    text = f"{unicode_host(host.lower())}/{rest.partition('?')[0]}"
    words = {word.lower() for found in _WORDS.finditer(text) for word in (found[0], *_CAMEL.split(found[0]))}
    joined = _NO_LETTER.sub("", text.lower())
    folded = skeleton(joined)[0]
    letters = False
    for name in names:
        within = name in joined or (len(name) > 3 and skeleton(name)[0] in folded)
        if name in words or (within and len(name) > 4 and not is_everyday(name)):
            return "word"
        letters |= within and len(name) > 2
    return "letters" if letters else ""


def recall_of(rows: Sequence[Row], triage: Triage, trace: str) -> Recall:
    """Count the URLs with this trace that are found and selected."""
    chosen = [row for row in rows if row.trace == trace]
    by_brand: dict[str, list[int]] = {}
    found = selected = 0
    for row in chosen:
        score = triage.score_name(row.url)
        found += any(match.brand == row.brand for match in score.matches)
        selected += score.selected
        counts = by_brand.setdefault(row.brand, [0, 0])
        counts[0] += 1
        counts[1] += score.selected
    return Recall(
        trace, len(chosen), found, selected, {brand: (rows, hits) for brand, (rows, hits) in by_brand.items()}
    )


def grown(library: BrandLibrary, names: Sequence[str], size: int) -> BrandLibrary:
    """Return the library with more brands, up to ``size``: ``names`` at regular distances, each the domain of an invented brand.

    Raises:
        UsageError: there are too few names.
    """
    brands = list(library)
    taken = {brand.id for brand in brands}
    wanted = max(0, size - len(brands))
    for name in names[:: max(1, len(names) // (2 * wanted or 1))]:
        label = split_host(name).label
        if len(brands) < size and 5 <= len(label) <= 14 and label.isalpha() and label not in taken:
            taken.add(label)
            brands.append(Brand(id=label, name=label.capitalize(), domains=(name,)))
    if len(brands) < size:
        raise UsageError(f"{len(names)} names are too few for {size} brands")
    return BrandLibrary(brands)


def speed_of(name: str, score: Callable[[Sequence[str]], int], names: Sequence[str]) -> Speed:
    """Measure ``score``, which returns the number of names that it selects."""
    started = time.process_time()
    selected = score(names)
    return Speed(name, len(names) / max(1e-9, time.process_time() - started), len(names), selected)


def sifted(triage: Triage) -> Callable[[Sequence[str]], int]:
    """Our method for sources that report all new names: only selected names are returned."""
    return lambda names: sum(1 for _ in triage.sift(names))


def scored(triage: Triage) -> Callable[[Sequence[str]], int]:
    """Our method with a score and reasons for every single name."""
    return lambda names: sum(triage.score_name(name).selected for name in names)


def per_keyword_distance(library: BrandLibrary) -> Callable[[Sequence[str]], int]:
    """openSquat's method: every keyword against every name; at most two edits to the first label, or the keyword within the name.

    Its edit distance is written in Python; here a compiled one replaces it, so that the method is measured and not the language.
    """
    keywords = [split_host(brand.domains[0]).label or brand.id for brand in library if brand.domains]

    def score(names: Sequence[str]) -> int:
        selected: set[str] = set()
        for keyword in keywords:
            for name in names:
                near = Levenshtein.distance(keyword, name.partition(".")[0], score_cutoff=2) <= 2
                if near or keyword in name:
                    selected.add(name)
        return len(selected)

    return score


def summed_points(library: BrandLibrary) -> Callable[[Sequence[str]], int]:
    """phishing_catcher's method: points for endings, words, keywords, near keywords, hyphens, dots, entropy; 80 is suspicious."""
    strong = [split_host(brand.domains[0]).label or brand.id for brand in library if brand.domains]
    keywords = dict.fromkeys(LURES, 30) | dict.fromkeys(strong, 70)
    endings = (
        ".ga",
        ".gq",
        ".ml",
        ".cf",
        ".tk",
        ".xyz",
        ".top",
        ".club",
        ".work",
        ".click",
        ".link",
        ".online",
        ".site",
        ".icu",
    )

    def points(name: str) -> int:
        total = 20 * name.endswith(endings)
        shown = name.removeprefix("*.")
        head = split_host(shown)
        domain = f"{head.subdomain}.{head.label}" if head.subdomain else head.label
        words = re.split(r"\W+", domain)
        total += 10 * (bool(words) and words[0] in {"com", "net", "org"})
        total += sum(worth for word, worth in keywords.items() if word in domain)
        for keyword in strong:
            for word in words:
                if word not in {"email", "mail", "cloud"} and Levenshtein.distance(word, keyword, score_cutoff=1) == 1:
                    total += 70
        total += round(10 * _entropy(shown))
        hyphens, dots = domain.count("-"), domain.count(".")
        return total + (3 * hyphens if hyphens >= 4 else 0) + (3 * dots if dots >= 3 else 0)

    return lambda names: sum(points(name) >= 80 for name in names)


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
