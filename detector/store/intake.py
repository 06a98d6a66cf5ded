"""What sources give, stored in one transaction with how far they had got when they had given it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.engine import Connection

from detector.model import Candidate
from detector.store import probes, source_state
from detector.store.backlog import rechecks, rows
from detector.store.columns import url_key
from detector.store.probes import DueProbe
from detector.store.source_state import SourceKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a source has read: the text of a value that is kept under a key of the source."""

    source: str
    key: str
    value: str

    @classmethod
    def of(cls, source: str, key: SourceKey[T], value: T) -> Checkpoint:
        """Encode a value as its key says."""
        return cls(source, key.name, key.encode(value))


@dataclass(frozen=True, slots=True)
class EndedLooks:
    """Cheap looks that have ended; what they mean as in :meth:`detector.store.probes.ProbeQueue.settle`."""

    done: tuple[DueProbe, ...]
    nothing: tuple[DueProbe, ...]
    remember: timedelta


@dataclass(slots=True)
class Intake:
    """What waits to be stored together, in the order in which the sources gave it."""

    candidates: list[Candidate] = field(default_factory=list)
    again: list[Candidate] = field(default_factory=list)
    """Known addresses that are to be looked at once more."""
    names: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    """(source, addresses) for the queue of cheap looks."""
    looks: list[EndedLooks] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)

    def __len__(self) -> int:
        """Rows that storing it writes, roughly: the size of the transaction."""
        looks = sum(len(each.done) + len(each.nothing) for each in self.looks)
        names = sum(len(addresses) for _, addresses in self.names)
        return len(self.candidates) + len(self.again) + names + looks + len(self.checkpoints)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an intake came to, counted by source."""

    new: Counter[str] = field(default_factory=Counter)
    """Candidates added to the backlog, and known ones that were opened again."""
    known: Counter[str] = field(default_factory=Counter)
    """Candidates that were there before, or are open already."""
    queued: Counter[str] = field(default_factory=Counter)
    """Names that are new in the queue of cheap looks."""


def take_in(connection: Connection, intake: Intake, now: datetime) -> Taken:
    """Store all of it in the caller's transaction.

    Rows are written in the same order by everybody (tables, and keys within each): two programs that store the same addresses
    wait for each other, and not in a circle.
    """
    taken = Taken()
    fresh = rows.add(connection, intake.candidates, now)
    for candidate in intake.candidates:
        key = url_key(candidate.url)
        counts = taken.new if key in fresh else taken.known
        counts[candidate.source] += 1
        fresh.discard(key)  # only the first one of an address that is given twice is new
    opened = rechecks.reopen(connection, intake.again, now)
    for candidate in intake.again:
        key = url_key(candidate.url)
        counts = taken.new if key in opened else taken.known
        counts[candidate.source] += 1
        opened.discard(key)
    if intake.names:
        taken.queued.update(probes.queue(connection, intake.names, now))
    for looks in intake.looks:
        probes.settle(connection, looks.done, looks.nothing, now, looks.remember)
    # the last value under a key counts
    latest = {(each.source, each.key): each.value for each in intake.checkpoints}
    for (source, key_of_source), value in sorted(latest.items()):
        source_state.put(connection, source, key_of_source, value, now)
    return taken
