"""Counts of captures by verdict and outcome; counted once, then only what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from detector.model import Capture, Verdict


class CaptureReader(Protocol):
    """The part of :class:`detector.store.Captures` that counting needs."""

    def stream(self) -> Iterator[tuple[int, Capture, Verdict]]:
        """Id, capture and verdict, highest id first, read as they are asked for."""
        ...


class CaptureSource(Protocol):
    """The part of :class:`detector.store.Store` that counting needs."""

    @property
    def captures(self) -> CaptureReader:
        """The stored captures."""
        ...

    def counts(self) -> dict[str, int]:
        """Rows of each kind; ``captures`` is the number of captures."""
        ...


@dataclass(slots=True)
class CaptureTally:
    """Captures up to the id ``last``, by decision and by outcome."""

    last: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Captures counted."""
        return sum(self.decisions.values())


def count_captures(store: CaptureSource, former: CaptureTally) -> CaptureTally:
    """Bring ``former`` up to date; counts anew where it does not add up to what the store holds (another database)."""
    expected = store.counts().get("captures", 0)
    if former.total > expected:
        former = CaptureTally()
    tally = _add(store, former)
    return tally if former.last == 0 or tally.total >= expected else _add(store, CaptureTally())


def _add(store: CaptureSource, former: CaptureTally) -> CaptureTally:
    decisions, outcomes = Counter(former.decisions), Counter(former.outcomes)
    last = former.last
    for number, capture, verdict in store.captures.stream():
        if number <= former.last:
            break
        last = max(last, number)
        decisions[str(verdict.decision)] += 1
        outcomes[str(capture.outcome)] += 1
    return CaptureTally(last, dict(decisions), dict(outcomes))
