"""Name matching on the labelled names: the figures of docs/discovery.md, with room for small changes of the brands."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from detector.brands import BrandLibrary
from detector.names import SELECT, NameMatcher

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def matcher(shipped_library: BrandLibrary) -> NameMatcher:
    return NameMatcher(shipped_library)


def phishing(folder: Path, library: BrandLibrary) -> Iterator[tuple[str, str]]:
    with (folder / "names" / "phishing_2019_2023.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["brand"] in library:
                yield row["url"], row["brand"]


def test_few_benign_names_are_selected(bench_folder: Path, matcher: NameMatcher) -> None:
    names = (bench_folder / "names" / "benign_top50k.txt").read_text(encoding="utf-8").split()
    selected = [name for name in names if (found := matcher.match(name)) and found[0].score >= SELECT]
    assert len(selected) / len(names) <= 0.002, selected


def test_most_names_with_the_brand_in_the_host_are_selected(
    bench_folder: Path, matcher: NameMatcher, shipped_library: BrandLibrary
) -> None:
    # everyday words (line, apple) need a lure beside them: they are measured, not asserted
    rows = [
        (url, brand)
        for url, brand in phishing(bench_folder, shipped_library)
        if brand in (urlsplit(url).hostname or "") and not shipped_library[brand].ambiguous and len(brand) > 4
    ]
    matches = [next((match for match in matcher.match(url) if match.brand == brand), None) for url, brand in rows]
    found = sum(match is not None for match in matches) / len(rows)
    selected = sum(match is not None and match.score >= SELECT for match in matches) / len(rows)
    print(f"{len(rows)} URLs: brand found in {found:.1%}, selected {selected:.1%}")
    assert found >= 0.95
    assert selected >= 0.6
