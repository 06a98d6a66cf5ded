"""The judge's weights as one vector, and the probabilities that they give to rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.fitting.rows import SIGNALS, Floats, Rows
from detector import weights

PRIOR_BASE = -5.0
PRIOR_WEIGHTS: dict[str, tuple[float, float]] = {
    "screenshot": (8.0, 0.0),
    "logo": (7.4, 0.0),
    "domain": (4.0, 0.0),
    "title": (4.8, -0.6),
    "words": (5.6, 0.0),
    "lettering": (4.5, 0.0),
    "prompt": (1.8, 0.0),
    "copyright": (2.5, -0.9),
    "links": (3.0, 0.0),
    "hotlinks": (3.5, 0.0),
    "favicon": (4.0, 0.0),
    "wording": (4.0, 0.0),
    "mirror": (4.0, 0.0),
    "site": (1.2, -0.3),
    "holder": (-2.0, 0.0),
    "software": (-9.0, 0.0),
    "context": (-2.6, 0.0),
}
"""The prior: log-odds of presence and absence, set by hand before any fit, so that fitting twice gives the same weights."""


@dataclass
class Table:
    """The numbers of ``detector/weights.py`` as one vector, and the probabilities that they give to rows."""

    base: float
    present: Floats
    absent: Floats
    none: float
    unknown: float

    @classmethod
    def current(cls) -> Table:
        table = weights.IDENTITY
        return cls(
            weights.BASE,
            np.asarray([w.present for w in table]),
            np.asarray([w.absent for w in table]),
            weights.INTENT_NONE,
            weights.INTENT_UNKNOWN,
        )

    @classmethod
    def prior(cls) -> Table:
        present, absent = zip(*(PRIOR_WEIGHTS[name] for name in SIGNALS), strict=True)
        return cls(PRIOR_BASE, np.asarray(present), np.asarray(absent), weights.INTENT_NONE, weights.INTENT_UNKNOWN)

    @property
    def vector(self) -> Floats:
        """The fitted numbers: base, present, absent."""
        return np.concatenate([[self.base], self.present, self.absent])

    def with_vector(self, vector: Floats) -> Table:
        """This table with other fitted numbers."""
        count = len(SIGNALS)
        return replace(
            self, base=float(vector[0]), present=vector[1 : 1 + count].copy(), absent=vector[1 + count :].copy()
        )

    def probabilities(self, rows: Rows) -> Floats:
        measured = ~np.isnan(rows.measures)
        m = np.nan_to_num(rows.measures)
        odds = self.base + (measured * (m * self.present + (1 - m) * self.absent)).sum(axis=1)
        intent = self.intent(rows)
        return np.asarray(intent / (1 + np.exp(-odds)))

    def intent(self, rows: Rows) -> Floats:
        excused = np.nan_to_num(rows.measures[:, SIGNALS.index(weights.EXCUSE)])
        none = self.none + excused * (weights.INTENT_EXCUSED - self.none)
        known = none + np.nan_to_num(rows.wants) * (weights.INTENT_FULL - none)
        stated = np.where(np.isnan(rows.wants), self.unknown, known)
        return np.asarray(np.maximum(stated, weights.INTENT_OF_A_COPY * rows.copies))
