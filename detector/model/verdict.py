"""Findings of the signals, and the verdict on one capture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from detector.model.page import Box


@dataclass(frozen=True, slots=True)
class Finding:
    """One signal's answer about one capture and one brand.

    Either ``measure`` (0 = nothing of the brand, 1 = beyond doubt) or ``abstained`` (the reason why it could not measure) is
    set, never both.
    """

    signal: str
    brand: str
    measure: float | None
    sentence: str
    abstained: str | None = None
    region: Box | None = None

    def __post_init__(self) -> None:
        if (self.measure is None) == (self.abstained is None):
            raise ValueError(f"finding of {self.signal}: exactly one of measure and abstained must be set")
        if self.measure is not None and not 0.0 <= self.measure <= 1.0:
            raise ValueError(f"finding of {self.signal}: measure {self.measure} is outside [0, 1]")


class Decision(StrEnum):
    """Decision of a verdict."""

    FLAGGED = "flagged"
    REVIEW = "review"
    CLEAR = "clear"
    OWNED = "owned"
    UNSEEN = "unseen"
    """Nothing of the page could be examined: never the same as clear."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one capture."""

    decision: Decision
    brand: str | None = None
    probability: float | None = None
    """Calibrated probability that the page impersonates ``brand``; None where nothing was seen."""
    findings: tuple[Finding, ...] = ()
    sentence: str = ""
    """The reason in one sentence."""
    judge: str = ""
    """Version of the judge, its weights and its signals."""

    @property
    def is_suspect(self) -> bool:
        """Tell whether it opens a case."""
        return self.decision in (Decision.FLAGGED, Decision.REVIEW)
