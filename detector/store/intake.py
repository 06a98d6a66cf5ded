"""Store what sources found in one transaction with their checkpoints: the position up to which each had read by then."""

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
    """Position up to which a source has read: the text of a value that is kept under a key of the source."""

    source: str
    key: str
    value: str

    @classmethod
    def of(cls, source: str, key: SourceKey[T], value: T) -> Checkpoint:
        """Encode a value as its key says."""
        return cls(source, key.name, key.encode(value))


@dataclass(frozen=True, slots=True)
class EndedProbes:
    """Probes that have ended, with the arguments of :meth:`detector.store.probes.ProbeQueue.settle`."""

    done: tuple[DueProbe, ...]
    nothing: tuple[DueProbe, ...]
    remember: timedelta


@dataclass(slots=True)
class Intake:
    """Items that wait to be stored together, in the order in which the sources yielded them."""

    candidates: list[Candidate] = field(default_factory=list)
    again: list[Candidate] = field(default_factory=list)
    """Known URLs that are to be captured once more."""
    names: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    """(source, URLs) for the probe queue."""
    probes: list[EndedProbes] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)

    def __len__(self) -> int:
        """Approximate number of rows that storing it writes: the size of the transaction."""
        probed = sum(len(each.done) + len(each.nothing) for each in self.probes)
        names = sum(len(addresses) for _, addresses in self.names)
        return len(self.candidates) + len(self.again) + names + probed + len(self.checkpoints)


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """Numbers of stored items of an intake, by source."""

    new: Counter[str] = field(default_factory=Counter)
    """Candidates that were added to the backlog, and known ones that were reopened."""
    known: Counter[str] = field(default_factory=Counter)
    """Candidates that the backlog had before, or that are open already."""
    queued: Counter[str] = field(default_factory=Counter)
    """Names that are new in the probe queue."""


def take_in(connection: Connection, intake: Intake, now: datetime) -> IntakeCounts:
    """Store an intake in the caller's transaction.

    Every program writes rows in the same order (of tables, and of keys within each), so that two programs that store the same
    URLs wait for each other, but never deadlock.
    """
    taken = IntakeCounts()
    fresh = rows.add(connection, intake.candidates, now)
    for candidate in intake.candidates:
        key = url_key(candidate.url)
        counts = taken.new if key in fresh else taken.known
        counts[candidate.source] += 1
        fresh.discard(key)  # of a URL that is given twice, only the first one is new
    opened = rechecks.reopen(connection, intake.again, now)
    for candidate in intake.again:
        key = url_key(candidate.url)
        counts = taken.new if key in opened else taken.known
        counts[candidate.source] += 1
        opened.discard(key)
    if intake.names:
        taken.queued.update(probes.queue(connection, intake.names, now))
    for ended in intake.probes:
        probes.settle(connection, ended.done, ended.nothing, now, ended.remember)
    # the last value under a key counts
    latest = {(each.source, each.key): each.value for each in intake.checkpoints}
    for (source, key_of_source), value in sorted(latest.items()):
        source_state.put(connection, source, key_of_source, value, now)
    return taken
