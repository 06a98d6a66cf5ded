"""Rows to fit weights to: one page and one suspected brand each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelled_pages import LabelledPage, Outcome, plain, same_brand
from detector import weights
from detector.brands import BrandLibrary

FOLDS = 5
LIKELY_ROWS = 3
"""Suspicions a page, best first, beyond which nothing is learned."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Arrays over rows: one page and one brand each."""

    measures: Floats
    """rows x signals; NaN where a signal abstained."""
    wants: Floats
    """The strongest signal of intent; NaN where it is not known."""
    copies: Floats
    true: NDArray[np.bool_]
    page: NDArray[np.int64]
    fold: NDArray[np.int64]
    weight: Floats


SIGNALS = [weight.signal for weight in weights.IDENTITY]


def rows_of(outcomes: Sequence[tuple[Outcome, str]], library: BrandLibrary, trust: dict[str, float]) -> Rows:
    measures, wants, copies, true, page, fold, source = [], [], [], [], [], [], []
    for number, (outcome, origin) in enumerate(outcomes):
        label = outcome.page.label
        ranked = outcome.suspicions[:LIKELY_ROWS]
        right = [s for s in outcome.suspicions if label and same_brand(library, s.brand, label)]
        for suspicion in dict.fromkeys([*ranked, *right]):
            kept = weights.kept_shares(suspicion.findings)
            by_name = {
                finding.signal: finding.measure if finding.measure is None else finding.measure * share
                for finding, share in zip(suspicion.findings, kept, strict=True)
            }
            measures.append([np.nan if by_name.get(name) is None else by_name[name] for name in SIGNALS])
            known = [measure for name in weights.INTENT if (measure := by_name.get(name)) is not None]
            wants.append(max(known) if known else np.nan)
            copies.append(by_name.get("screenshot") or 0.0)
            true.append(bool(label) and outcome.page.clone and same_brand(library, suspicion.brand, label or ""))
            page.append(number)
            fold.append(fold_of(outcome.page))
            source.append(origin)
    counts = {origin: source.count(origin) for origin in set(source)}
    mass = {origin: trust[origin] * count**0.5 for origin, count in counts.items()}
    weight = np.asarray([mass[origin] / counts[origin] for origin in source])
    return Rows(
        np.asarray(measures, float),
        np.asarray(wants, float),
        np.asarray(copies, float),
        np.asarray(true, bool),
        np.asarray(page),
        np.asarray(fold),
        weight / weight.sum() * len(weight),
    )


def fold_of(page: LabelledPage) -> int:
    """By brand where there is one, else by the page's own kind: near copies share either."""
    return crc32((plain(page.label) if page.label else page.picture.stem.split("__")[0]).encode()) % FOLDS
