"""Status of each source of candidates: its last success, and its errors since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.discovery.source_tally import SourceTally
from detector.store import Store, json_key


@dataclass(frozen=True)
class SourceStatus:
    """Result of the last run of a source."""

    source: str
    ended: datetime
    succeeded: datetime | None
    """Time when a run last read it, even if there was nothing new."""
    found: int = 0
    new: int = 0
    left: int = 0
    """Names that were queued for a probe."""
    lag: float | None = None
    error: str = ""


KEY = json_key("status", SourceStatus)


def note(store: Store, tallies: Iterable[SourceTally], now: datetime) -> None:
    """Store the results of the sources of a run."""
    before = {status.source: status for status in read(store)}
    for tally in tallies:
        known = before.get(tally.source)
        succeeded = (known.succeeded if known else None) if tally.failed else now
        status = SourceStatus(
            tally.source, now, succeeded, tally.found, tally.new, tally.left, tally.lag, tally.error[:1000]
        )
        store.sources.put(tally.source, KEY, status)


def read(store: Store) -> list[SourceStatus]:
    """Return the status of all sources that ever ran, by name."""
    return list(store.sources.by_source(KEY).values())
