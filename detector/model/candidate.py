"""Candidates: URLs worth a capture."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from detector.model.json import utcnow


@dataclass(frozen=True, slots=True)
class Candidate:
    """A URL worth a capture."""

    url: str
    source: str
    """The spider's name, and the feed's where there is one: ``feeds:openphish``."""
    brands: tuple[str, ...] = ()
    """Ids of the brands that it is suspected of imitating; empty where that is not known."""
    priority: float = 0.0
    """0 (whenever) to 1 (now)."""
    due: datetime = field(default_factory=utcnow)
    reasons: tuple[str, ...] = ()
    """Reasons for the suspicion, in short sentences."""
