"""Leases on rows of the backlog: claims, attempts, and returns."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, String, bindparam, cast, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.model import Candidate
from detector.store.backlog.lease_recovery import ALONE_FROM, BATCH, most_attempts, promote, quarantine, settle_leases
from detector.store.backlog.moving_back import make_due
from detector.store.backlog.rows import DONE, LEASED, READY, WAITING, unlink
from detector.store.backlog.turns import ClaimPolicy, next_rows
from detector.store.columns import MomentColumn
from detector.store.models import BacklogBrandRow, BacklogRow

TOKEN_BYTES = 10
"""Random bytes that all rows of one claim share; followed by the row's number, of at most twelve digits, they are its token."""


@dataclass(frozen=True, slots=True)
class BacklogClaim:
    """A candidate that is leased to the holder of this object."""

    id: int
    candidate: Candidate
    token: str
    attempts: int
    """Number of times it was claimed, this time included."""

    @property
    def alone(self) -> bool:
        """True where a worker vanished with it before: it is captured by itself, so that another candidate cannot be the cause."""
        return self.attempts >= ALONE_FROM


def claim(
    connection: Connection,
    limit: int,
    now: datetime,
    terms: ClaimPolicy,
    brands: Collection[str] | None,
    *,
    busy: bool = False,
) -> list[BacklogClaim]:
    """Lease due rows in the order of :mod:`detector.store.backlog.turns`; ``busy``: their worker has others under way."""
    return _take(connection, limit, now, terms, now + terms.lease, brands, attempt=1, busy=busy)


def dispatch(
    connection: Connection,
    limit: int,
    now: datetime,
    terms: ClaimPolicy,
    hold: timedelta,
    brands: Collection[str] | None,
) -> list[BacklogClaim]:
    """Hold the most urgent due rows for the workers that get them by message; no attempt yet, and due again after ``hold``."""
    return _take(connection, limit, now, terms, now + hold, brands, attempt=0)


def _take(
    connection: Connection,
    limit: int,
    now: datetime,
    terms: ClaimPolicy,
    until: datetime,
    brands: Collection[str] | None,
    *,
    attempt: int,
    busy: bool = False,
) -> list[BacklogClaim]:
    """Lease the rows whose turn it is, with ``attempt`` more than before."""
    visited = settle_leases(connection, now, terms)
    promote(connection, now)
    make_due(connection, now)
    rows = next_rows(connection, limit, now, terms, brands, visited)
    if attempt:
        rows = _apart(rows, busy=busy)
    batch = secrets.token_hex(TOKEN_BYTES)
    for start in range(0, len(rows), BATCH):
        values = {"batch": batch, "until": until, "attempt": attempt, "now": now}
        connection.execute(_LEASE, values | {"rows": [row["id"] for row in rows[start : start + BATCH]]})
    return [_claim(row, f"{batch}{row['id']}", attempt) for row in rows]


def _apart(rows: list[RowMapping], *, busy: bool) -> list[RowMapping]:
    """Select those of ``rows`` that one worker may capture together; a row that comes back from a dead worker is taken by itself.

    Nothing overtakes such a row: a busy worker gets nothing more until it is idle and can take it.
    """
    for place, row in enumerate(rows):
        if row["attempts"] + 1 >= ALONE_FROM:
            return rows[:place] if place or busy else [row]
    return rows


def lost_worker_before(connection: Connection, row_id: int, token: str) -> bool:
    """Check whether a worker vanished with the row of a message before; False where the lease is another's by now."""
    held = (BacklogRow.id == row_id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == token)
    attempts = connection.execute(select(BacklogRow.attempts).where(held)).scalar()
    return attempts is not None and attempts + 1 >= ALONE_FROM


def begin(connection: Connection, row_id: int, token: str, now: datetime, terms: ClaimPolicy) -> BacklogClaim | None:
    """Start the attempt of a row whose message has reached a worker; None where the lease is another's by now.

    A message that is delivered again, because its worker died, counts again; after too many attempts the row is quarantined.
    """
    held = (BacklogRow.id == row_id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == token)
    row = connection.execute(select(BacklogRow).where(held).with_for_update()).mappings().first()
    if row is None:
        return None
    if row["attempts"] >= most_attempts(terms):
        quarantine(connection, row_id, now, terms)
        return None
    change = update(BacklogRow).where(BacklogRow.id == row_id)
    connection.execute(change.values(attempts=row["attempts"] + 1, lease_until=now + terms.lease, updated=now))
    return _claim(row, token, 1)


def fail(
    connection: Connection, claimed: BacklogClaim, now: datetime, terms: ClaimPolicy, due: datetime, reason: str
) -> None:
    """Record a failed attempt: the row is tried again when it is due, or is quarantined."""
    held = (BacklogRow.id == claimed.id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == claimed.token)
    row = connection.execute(select(BacklogRow.attempts).where(held).with_for_update()).first()
    if row is None:
        return
    if row.attempts >= terms.max_attempts:
        quarantine(connection, claimed.id, now, terms, reason)
        return
    change = update(BacklogRow).where(BacklogRow.id == claimed.id)
    connection.execute(
        change.values(state=WAITING, due=due, lease_token=None, lease_until=None, reason=reason, updated=now)
    )
    connection.execute(update(BacklogBrandRow).where(BacklogBrandRow.backlog_id == claimed.id).values(due=due))


def release(
    connection: Connection,
    claimed: BacklogClaim,
    now: datetime,
    due: datetime | None,
    reason: str,
    *,
    attempted: bool = True,
) -> bool:
    """Return a claim as if it had never been made; False where the lease was lost in the meantime."""
    when = claimed.candidate.due if due is None else due
    held = (BacklogRow.id == claimed.id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == claimed.token)
    change = update(BacklogRow).where(held).values(
        state=READY if when <= now else WAITING,
        due=when,
        lease_token=None,
        lease_until=None,
        attempts=BacklogRow.attempts - int(attempted),
        reason=reason,
        updated=now,
    )  # fmt: skip
    if connection.execute(change).rowcount == 0:
        return False
    connection.execute(update(BacklogBrandRow).where(BacklogBrandRow.backlog_id == claimed.id).values(due=when))
    return True


def mark_done(connection: Connection, row_id: int, capture_id: int, now: datetime) -> None:
    """Mark a row as done, with its capture."""
    change = update(BacklogRow).where(BacklogRow.id == row_id).values(
        state=DONE, capture_id=capture_id, lease_token=None, lease_until=None, reason="", updated=now
    )  # fmt: skip
    connection.execute(change)
    unlink(connection, [row_id])


def _claim(row: RowMapping, token: str, attempt: int) -> BacklogClaim:
    candidate = Candidate(
        url=row["url"],
        source=row["sources"][0],
        brands=row["brands"],
        priority=-row["urgency"],
        due=row["due"],
        reasons=row["reasons"],
    )
    return BacklogClaim(row["id"], candidate, token, row["attempts"] + attempt)


# Built once: every claim runs this statement, and building it costs more than running it.
_LEASE = update(BacklogRow).where(BacklogRow.id.in_(bindparam("rows", expanding=True))).values(
    state=LEASED,
    lease_token=bindparam("batch", type_=String()) + cast(BacklogRow.id, String()),
    lease_until=bindparam("until", type_=MomentColumn()),
    attempts=BacklogRow.attempts + bindparam("attempt", type_=Integer()),
    updated=bindparam("now", type_=MomentColumn()),
)  # fmt: skip
