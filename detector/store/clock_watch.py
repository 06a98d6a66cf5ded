"""Notice that the clock was set back, and have taken anew what was stored while it was ahead.

The time of the last write is kept in the store.  Where it lies ahead of the clock, rows that were written since the clock was set
ahead have moments that are ahead by as much: they are moved back, so that a candidate that was due is due, and a lease lasts as
long as it was meant to.  What is evidence, and what people did, keeps its times: who reads those leaves out what lies ahead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.engine import Connection

from detector.clock import is_ahead, latest_sane
from detector.model import utcnow
from detector.store.backlog.moving_back import move_back, written_ahead
from detector.store.models import SourceStateRow
from detector.store.probes import return_ahead as return_probes
from detector.store.runs import release_ahead as release_runs
from detector.store.source_state import put

log = structlog.get_logger(__name__)

OWN_MEMORY, LATEST = "clock", "latest"
NOTE_EVERY = timedelta(minutes=1)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


class ClockWatch:
    """The clock of one process, compared with what the store has seen; safe for several threads."""

    def __init__(self, clock: Callable[[], datetime] = utcnow) -> None:
        """``clock``: what says how late it is, UTC."""
        self._clock = clock
        self._noted: datetime | None = None

    def look(self, connection: Connection) -> None:
        """Compare clock and store, at most once a minute while the clock goes on as clocks do."""
        now = self._clock()
        if self._noted is not None and timedelta(0) <= now - self._noted < NOTE_EVERY:
            return
        known = (SourceStateRow.source == OWN_MEMORY) & (SourceStateRow.key == LATEST)
        text = connection.execute(select(SourceStateRow.value).where(known)).scalar()
        latest = _moment(text)
        if latest is None or is_ahead(latest, now):
            _take_anew(connection, latest, now)
        put(connection, OWN_MEMORY, LATEST, now.isoformat(), now)
        self._noted = now


def _take_anew(connection: Connection, latest: datetime | None, now: datetime) -> None:
    """Move back what was stored by a clock that was ahead."""
    moved = {
        "candidates": _move_backlog(connection, now),
        "probes": return_probes(connection, now),
        "runs": release_runs(connection, now),
        "values of sources": _clamp_values(connection, now),
    }
    said = {name: count for name, count in moved.items() if count}
    if latest is not None or said:
        log.warning(
            "the clock was ahead when something was stored, and is right again: what would wait for that day is taken anew",
            ahead=str((latest - now) if latest is not None else "unknown"),
            **{name.replace(" ", "_"): count for name, count in said.items()},
        )


def _move_backlog(connection: Connection, now: datetime) -> int:
    """Move the moments of candidates that were written ahead by as much as these were; their number."""
    ids = written_ahead(connection, now)
    move_back(connection, ids, now)
    return len(ids)


def _clamp_values(connection: Connection, now: datetime) -> int:
    """Put ``now`` in the place of moments that lie ahead, in values that sources keep; the number of values."""
    changed = 0
    rows = select(SourceStateRow).where(SourceStateRow.updated > latest_sane(now))
    for row in connection.execute(rows.with_for_update()).mappings().all():
        value = _MOMENT.sub(lambda found: _clamped(found[0], now), row["value"])
        put(connection, row["source"], row["key"], value, now)
        changed += 1
    return changed


def _clamped(text: str, now: datetime) -> str:
    moment = _moment(text)
    return now.isoformat() if moment is not None and is_ahead(moment, now) else text


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
