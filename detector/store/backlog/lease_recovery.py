"""Rows whose lease has run out, because their worker died: ready again, or quarantined after too many attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select, true, update
from sqlalchemy.engine import Connection

from detector.clock import is_ahead
from detector.store.backlog.moving_back import move_back
from detector.store.backlog.rows import LEASED, QUARANTINED, READY, WAITING, unlink
from detector.store.backlog.turns import ClaimPolicy
from detector.store.models import BacklogRow

PROMOTE_LIMIT = 5000
"""Rows that one claim moves from waiting to ready: a month's rows due at one midnight must not hold the write lock."""
BATCH = 500
"""Most rows that one statement names."""
ALONE_FROM = 2
"""Attempt from which a row is captured while its worker captures nothing else: a worker that died with it the first time may have
died because of another row."""


def quarantine(connection: Connection, row_id: int, now: datetime, terms: ClaimPolicy, reason: str = "") -> None:
    """Put a row aside for good; without a ``reason``: because its workers vanished."""
    why = reason or f"its worker vanished {most_attempts(terms)} times without a result"
    change = update(BacklogRow).where(BacklogRow.id == row_id).values(
        state=QUARANTINED, lease_token=None, lease_until=None, updated=now, reason=f"{why}; not tried again"
    )  # fmt: skip
    connection.execute(change)
    unlink(connection, [row_id])


def settle_leases(connection: Connection, now: datetime, terms: ClaimPolicy) -> list[str]:
    """Return rows whose worker died to the ready ones; the hosts of those that are still leased."""
    query = _LEASES_BY_INDEX if connection.dialect.name == "postgresql" else _LEASES
    leases = [lease for lease in connection.execute(query) if lease.host is not None]
    if ahead := sorted(lease.id for lease in leases if is_ahead(lease.updated, now)):
        move_back(connection, ahead, now)
        leases = [lease for lease in connection.execute(query) if lease.host is not None]
    if any(lease.lease_until <= now for lease in leases):
        _return_expired(connection, now, terms)
    return [lease.host for lease in leases if lease.lease_until > now]


def _return_expired(connection: Connection, now: datetime, terms: ClaimPolicy) -> None:
    """Quarantine rows with which too many workers died, the last time without any other row; the others are ready again."""
    expired = connection.execute(_EXPIRED, {"now": now}).all()
    for row_id, attempts in expired:
        if attempts >= most_attempts(terms):
            quarantine(connection, row_id, now, terms)
    late = [row_id for row_id, attempts in expired if attempts < most_attempts(terms)]
    for start in range(0, len(late), BATCH):
        back = update(BacklogRow).where(BacklogRow.id.in_(late[start : start + BATCH])).values(
            state=READY, lease_token=None, lease_until=None, updated=now, reason="its worker vanished"
        )  # fmt: skip
        connection.execute(back)


def most_attempts(terms: ClaimPolicy) -> int:
    """Attempts after which a row whose worker vanishes is quarantined; in at least one of them it was captured alone."""
    return max(terms.max_attempts, ALONE_FROM)


def promote(connection: Connection, now: datetime) -> None:
    """Make waiting rows ready whose date has come, those that are due for the longest first, at most PROMOTE_LIMIT at once."""
    connection.execute(_PROMOTE, {"now": now})


def quarantined(connection: Connection) -> list[tuple[str, str]]:
    """URL and reason of rows in quarantine, the latest first."""
    query = select(BacklogRow.url, BacklogRow.reason).where(BacklogRow.state == QUARANTINED)
    return [(row.url, row.reason) for row in connection.execute(query.order_by(BacklogRow.updated.desc()))]


# Built once: every claim runs these statements, and building them costs more than running them.
_LEASES = select(BacklogRow.host, BacklogRow.lease_until, BacklogRow.id, BacklogRow.updated).where(
    BacklogRow.state == LEASED
)
# After many new rows PostgreSQL's statistics are outdated for a while, and it prefers to sort half of the backlog to reading the
# head of an index (measured: 40 ms instead of 1 with 200,000 rows).  These settings forbid that until the transaction ends; they
# are part of the first query of a claim, since every query costs a round trip to the server.
_SETTINGS = select(
    *(func.set_config(f"enable_{way}", "off", True) for way in ("hashjoin", "mergejoin", "bitmapscan", "seqscan"))
).subquery()
_LEASED = _LEASES.subquery()
_LEASES_BY_INDEX = select(*_LEASED.c, _SETTINGS).select_from(_SETTINGS.outerjoin(_LEASED, true()))
_EXPIRED = (
    select(BacklogRow.id, BacklogRow.attempts)
    .where(BacklogRow.state == LEASED, BacklogRow.lease_until <= bindparam("now"))
    .order_by(BacklogRow.id)
    .with_for_update(skip_locked=True)
)
_COME = (
    select(BacklogRow.id)
    .where(BacklogRow.state == WAITING, BacklogRow.due <= bindparam("now"))
    .order_by(BacklogRow.due)
    .limit(PROMOTE_LIMIT)
    .with_for_update(skip_locked=True)
)
_PROMOTE = update(BacklogRow).where(BacklogRow.id.in_(_COME)).values(state=READY)
