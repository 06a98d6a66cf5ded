"""The settings of an ordeal of workers, and its outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ordeal:
    """Candidates, workers, and the faults that they meet."""

    candidates: int
    workers: int
    database: str = "sqlite"
    pause: tuple[float, float] = (2.0, 8.0)
    """Seconds between two faults."""
    seed: int = 1
    lease_seconds: float = 40.0
    broker: bool = False
    """Candidates come as messages of a RabbitMQ, which is killed too; so are the dispatchers, of which there are two."""
    disk: str = ""
    """Size of a disk of its own, which is filled now and then; empty: none."""
    only: tuple[str, ...] | None = None
    """Faults that are done; None: all that can be done here; none at all: workers that are left in peace."""
    seconds: float = 7200.0
    """After which the ordeal counts as failed."""


@dataclass
class Outcome:
    """The captures and cases after an ordeal, and the faults that were made."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of the captures."""
    twice: int = 0
    """Candidates with more than one capture."""
    flagged: int = 0
    problems: list[str] = field(default_factory=list)
    """Of the chain of evidence."""


def is_whole(ordeal: Ordeal, outcome: Outcome) -> bool:
    """Return True if every candidate ended captured or quarantined, and once."""
    ended = outcome.counts["done"] + outcome.counts["quarantined"]
    return (
        ended == ordeal.candidates
        and outcome.counts["captures"] == outcome.counts["done"]
        and outcome.twice == 0
        and not outcome.problems
    )
