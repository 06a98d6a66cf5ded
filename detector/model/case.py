"""Cases: impersonating sites over their life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from detector.model.capture import Capture
from detector.model.verdict import Verdict


class CaseState(StrEnum):
    """State of a case."""

    NEW = "new"
    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    TAKEDOWN_REQUESTED = "takedown_requested"
    DOWN = "down"
    RELAPSED = "relapsed"


@dataclass(frozen=True, slots=True)
class Case:
    """One impersonating site over its life, with its latest capture and verdict."""

    id: int
    site: str
    """The host (and port where it is not the default): there is one case for each site and brand."""
    brand: str
    state: CaseState
    opened: datetime
    updated: datetime
    capture_id: int
    capture: Capture
    verdict: Verdict
    sources: tuple[str, ...] = ()
