"""Fit the limits of rare names on half of the brands and try them on the others: what is fitted is not the brands.

    python -m benchmarks.name_split ../shared/bench/names

How rare a name is comes from ordinary names (:mod:`detector.names.ordinary_names`); the two limits up to which it counts as rare
are chosen here by the lookalikes and ordinary names of half of the brands (most of the former less the latter), and measured on
the other half, both ways, for several ways of halving.  Beside them: no such rule, no limits, and a keyword anywhere in the name,
as openSquat and dnstwist's dictionary do it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from benchmarks.name_triage import LOOKALIKES, family_of, read_benign, read_phishing
from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary, load_library
from detector.config import default_brands_dir
from detector.hosts import split_host, split_url
from detector.names import name_hit

BEGINNING, WITHIN = (0.0, 60.0, 120.0, 260.0, 520.0, 1e9), (0.0, 25.0, 100.0, 1e9)
"""Limits that are tried, in sightings in a million ordinary names."""
SEEDS = range(5)


@dataclass(frozen=True, slots=True)
class Selections:
    """Brands that are selected with a pair of limits: of each row (empty: not selected, or for another), of ordinary names."""

    right: list[str]
    benign: list[str]


@dataclass(frozen=True, slots=True)
class SplitResult:
    """Figures on brands that the limits were not chosen by."""

    limits: tuple[float, float]
    rows: int
    right: int
    benign: int


def selections(library: BrandLibrary, folder: Path, beginning: float, within: float) -> tuple[list[str], Selections]:
    """Select with other limits; returns the labels of the rows, and what is selected."""
    before = name_hit.SELDOM, name_hit.SELDOM_WITHIN
    name_hit.SELDOM, name_hit.SELDOM_WITHIN = beginning, within
    try:
        triage = Triage(library)
        rows = [row for row in read_phishing(folder, library, LOOKALIKES) if row.trace]
        scores = [triage.score_name(row.url) for row in rows]
        right = [
            row.brand if s.selected and s.brand in family_of(row.brand) else ""
            for row, s in zip(rows, scores, strict=True)
        ]
        benign = [score.brand or "" for _, score in triage.sift(read_benign(folder))]
    finally:
        name_hit.SELDOM, name_hit.SELDOM_WITHIN = before
    return [row.brand for row in rows], Selections(right, benign)


def split_results(labels: list[str], grid: dict[tuple[float, float], Selections]) -> Iterator[SplitResult]:
    """Choose limits on one half of the brands, each family in one, and yield the figures of the other half."""
    brands = sorted({*labels, *(brand for each in grid.values() for brand in each.benign)})
    families = sorted({min(family_of(brand)) for brand in brands})
    for seed in SEEDS:
        chosen = set(random.Random(seed).sample(families, len(families) // 2))
        for fit in (chosen, set(families) - chosen):
            limits = max(grid, key=lambda each: _merit(grid[each], fit))
            tried = grid[limits]
            rows = sum(min(family_of(label)) not in fit for label in labels)
            right = sum(bool(label) and min(family_of(label)) not in fit for label in tried.right)
            yield SplitResult(limits, rows, right, sum(min(family_of(brand)) not in fit for brand in tried.benign))


def _merit(selected: Selections, fit: set[str]) -> tuple[int, int]:
    right = sum(bool(label) and min(family_of(label)) in fit for label in selected.right)
    benign = sum(min(family_of(brand)) in fit for brand in selected.benign)
    return right - benign, -benign


def by_keyword(library: BrandLibrary, folder: Path) -> tuple[int, int]:
    """Count what a keyword anywhere in the host selects: (lookalikes with the right brand, ordinary names)."""
    words = {split_host(brand.domains[0]).label or brand.id: brand.id for brand in library if brand.domains}
    rows = [row for row in read_phishing(folder, library, LOOKALIKES) if row.trace]
    right = 0
    for row in rows:
        host = split_url(row.url)[0]
        right += any(word in host and brand in family_of(row.brand) for word, brand in words.items())
    return right, sum(any(word in name for word in words) for name in read_benign(folder))


def main(folder: Path) -> None:
    """Print the figures."""
    library = load_library([default_brands_dir()])
    names = len(read_benign(folder))
    grid: dict[tuple[float, float], Selections] = {}
    labels: list[str] = []
    for limits in product(BEGINNING, WITHIN):
        labels, grid[limits] = selections(library, folder, *limits)
    for what, limits in (
        ("no rare names", (0.0, 0.0)),
        ("any name is rare", (1e9, 1e9)),
        ("as shipped", (260.0, 25.0)),
    ):
        each = grid[limits]
        print(
            f"{what}: {sum(map(bool, each.right))}/{len(labels)} lookalikes, {len(each.benign)}/{names} ordinary names"
        )
    right, benign = by_keyword(library, folder)
    print(f"a keyword anywhere: {right}/{len(labels)} lookalikes, {benign}/{names} ordinary names")
    results = list(split_results(labels, grid))
    for result in results:
        print(
            f"limits {result.limits}: {result.right}/{result.rows} lookalikes, {result.benign} ordinary names of other brands"
        )
    rows, found = sum(result.rows for result in results), sum(result.right for result in results)
    wrong = sum(result.benign for result in results) / len(SEEDS)
    print(f"brands that were not fitted to: {found / rows:.1%} of lookalikes, {wrong / names:.3%} of ordinary names")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
