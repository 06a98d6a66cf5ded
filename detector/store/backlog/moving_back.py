"""Rows whose moments were written by a clock that was ahead: moved back by as much, so that they do not wait for that day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, case, select, type_coerce, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from detector.clock import latest_sane
from detector.store.backlog.rows import READY
from detector.store.columns import EPOCH, MICROSECOND, MomentColumn
from detector.store.models import BacklogBrandRow, BacklogRow

BATCH = 500
LIMIT = 5000
"""Rows that one claim makes due: a feed that was read by a clock ahead must not hold the write lock."""


def move_back(connection: Connection, row_ids: Sequence[int], now: datetime) -> None:
    """Move due date and lease of rows back by as much as their last change lies ahead; what has come already stays."""
    for start in range(0, len(row_ids), BATCH):
        rows = list(row_ids[start : start + BATCH])
        connection.execute(_MOVE, {"now": now, "number": (now - EPOCH) // MICROSECOND, "rows": rows})
        connection.execute(_MOVE_LINKS, {"rows": rows})


def written_ahead(connection: Connection, now: datetime) -> list[int]:
    """Ids of rows whose last change lies ahead; reads the whole table."""
    query = select(BacklogRow.id).where(BacklogRow.updated > latest_sane(now)).order_by(BacklogRow.id)
    return list(connection.execute(query.with_for_update()).scalars())


def make_due(connection: Connection, now: datetime) -> None:
    """Make ready rows due whose date lies ahead: a row is ready once its date has come, so another clock said that it had."""
    late = connection.execute(_READY_AHEAD, {"latest": latest_sane(now)}).scalars().all()
    if late:
        move_back(connection, late, now)
        connection.execute(_DUE_NOW, {"now": now, "latest": latest_sane(now), "rows": late})
        connection.execute(_MOVE_LINKS, {"rows": late})


_NOW, _NUMBER = bindparam("now", type_=MomentColumn()), bindparam("number", type_=BigInteger())
_ROWS: BindParameter[list[int]] = bindparam("rows", expanding=True)
_AHEAD = type_coerce(BacklogRow.updated, BigInteger) - _NUMBER
"""Microseconds by which the clock was ahead when a row was changed."""


def _moved(moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]) -> ColumnElement[int]:
    number: ColumnElement[int] = type_coerce(moment, BigInteger)
    return case(((number > _NUMBER) & (_AHEAD > 0), number - _AHEAD), else_=number)


_MOVE = (
    update(BacklogRow)
    .where(BacklogRow.id.in_(_ROWS))
    .values(due=_moved(BacklogRow.due), lease_until=_moved(BacklogRow.lease_until), updated=_NOW)
)
_DUE = select(BacklogRow.due).where(BacklogRow.id == BacklogBrandRow.backlog_id).scalar_subquery()
_MOVE_LINKS = update(BacklogBrandRow).where(BacklogBrandRow.backlog_id.in_(_ROWS)).values(due=_DUE)
_LATEST = bindparam("latest", type_=MomentColumn())
_READY_AHEAD = (
    select(BacklogRow.id)
    .where(BacklogRow.state == READY, BacklogRow.due > _LATEST)
    .order_by(BacklogRow.due)
    .limit(LIMIT)
    .with_for_update(skip_locked=True)
)
_DUE_NOW = update(BacklogRow).where(BacklogRow.id.in_(_ROWS), BacklogRow.due > _LATEST).values(due=_NOW)
