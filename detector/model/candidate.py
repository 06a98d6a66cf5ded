"""What is worth a look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from detector.model.json import utcnow


@dataclass(frozen=True, slots=True)
class Candidate:
    """A URL worth a look."""

    url: str
    source: str
    """The spider's name, and the feed's where there is one: ``feeds:openphish``."""
    brands: tuple[str, ...] = ()
    """Ids of the brands it is suspected of; empty when nobody knows."""
    priority: float = 0.0
    """0 (whenever) to 1 (now)."""
    due: datetime = field(default_factory=utcnow)
    reasons: tuple[str, ...] = ()
    """Why, in short sentences."""
