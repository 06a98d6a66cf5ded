"""Taking work out of the backlog and giving it back: leases, attempts, quarantine."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, String, bindparam, cast, func, select, true, update
from sqlalchemy.engine import Connection, RowMapping

from detector.model import Candidate
from detector.store.backlog.rows import DONE, LEASED, QUARANTINED, READY, WAITING, unlink
from detector.store.backlog.turns import ClaimTerms, next_rows
from detector.store.columns import MomentColumn
from detector.store.models import BacklogBrandRow, BacklogRow

PROMOTE_LIMIT = 5000
"""Rows that one claim moves from waiting to ready: a month's rows due at one midnight must not hold the write lock."""
BATCH = 500
"""Rows that one statement names."""
ALONE_FROM = 2
"""The attempt from which a row is looked at while its worker looks at nothing else: whoever died with it the first time may have
died of another."""
TOKEN_BYTES = 10
"""Random, and the same for all rows of one claim; with a row's number, of which twelve digits find room, it is the row's token."""


@dataclass(frozen=True, slots=True)
class BacklogClaim:
    """A candidate that is leased to whoever holds this."""

    id: int
    candidate: Candidate
    token: str
    attempts: int
    """How many times it was claimed, this one included."""

    @property
    def alone(self) -> bool:
        """A worker vanished with it before: nothing else may be looked at beside it, so that only its own death counts."""
        return self.attempts >= ALONE_FROM


def claim(
    connection: Connection,
    limit: int,
    now: datetime,
    terms: ClaimTerms,
    brands: Collection[str] | None,
    *,
    busy: bool = False,
) -> list[BacklogClaim]:
    """Lease due rows, as :mod:`detector.store.backlog.turns` shares them out; ``busy``: their worker looks at others already."""
    return _take(connection, limit, now, terms, now + terms.lease, brands, attempt=1, busy=busy)


def dispatch(
    connection: Connection,
    limit: int,
    now: datetime,
    terms: ClaimTerms,
    hold: timedelta,
    brands: Collection[str] | None,
) -> list[BacklogClaim]:
    """Hold the most urgent due rows for whoever a message brings them to: no attempt yet, and back after ``hold`` without one."""
    return _take(connection, limit, now, terms, now + hold, brands, attempt=0)


def _take(
    connection: Connection,
    limit: int,
    now: datetime,
    terms: ClaimTerms,
    until: datetime,
    brands: Collection[str] | None,
    *,
    attempt: int,
    busy: bool = False,
) -> list[BacklogClaim]:
    """Lease the rows whose turn it is, with ``attempt`` more than before."""
    visited = _look_at_leases(connection, now, terms)
    promote(connection, now)
    rows = next_rows(connection, limit, now, terms, brands, visited)
    if attempt:
        rows = _apart(rows, busy=busy)
    batch = secrets.token_hex(TOKEN_BYTES)
    for start in range(0, len(rows), BATCH):
        values = {"batch": batch, "until": until, "attempt": attempt, "now": now}
        connection.execute(_LEASE, values | {"rows": [row["id"] for row in rows[start : start + BATCH]]})
    return [_claim(row, f"{batch}{row['id']}", attempt) for row in rows]


def _apart(rows: list[RowMapping], *, busy: bool) -> list[RowMapping]:
    """Those of ``rows`` that one worker may look at together; a row that comes back from a dead worker is taken by itself.

    Nothing overtakes such a row: a busy worker is given nothing more until it is idle, and can take it.
    """
    for place, row in enumerate(rows):
        if row["attempts"] + 1 >= ALONE_FROM:
            return rows[:place] if place or busy else [row]
    return rows


def came_back(connection: Connection, row_id: int, token: str) -> bool:
    """Whether a worker vanished with the row of a message before; false where it is somebody else's by now."""
    held = (BacklogRow.id == row_id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == token)
    attempts = connection.execute(select(BacklogRow.attempts).where(held)).scalar()
    return attempts is not None and attempts + 1 >= ALONE_FROM


def begin(connection: Connection, row_id: int, token: str, now: datetime, terms: ClaimTerms) -> BacklogClaim | None:
    """A message has come to a worker: the attempt counts from here.  None where the row is somebody else's by now.

    A message that comes again, because its worker died of it, counts again; one attempt too many, and the row is quarantined.
    """
    held = (BacklogRow.id == row_id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == token)
    row = connection.execute(select(BacklogRow).where(held).with_for_update()).mappings().first()
    if row is None:
        return None
    if row["attempts"] >= _most(terms):
        _quarantine(connection, row_id, now, terms)
        return None
    change = update(BacklogRow).where(BacklogRow.id == row_id)
    connection.execute(change.values(attempts=row["attempts"] + 1, lease_until=now + terms.lease, updated=now))
    return _claim(row, token, 1)


def fail(
    connection: Connection, claimed: BacklogClaim, now: datetime, terms: ClaimTerms, due: datetime, reason: str
) -> None:
    """An attempt came to nothing and counts: the row is tried again when it is due, or is quarantined."""
    held = (BacklogRow.id == claimed.id) & (BacklogRow.state == LEASED) & (BacklogRow.lease_token == claimed.token)
    row = connection.execute(select(BacklogRow.attempts).where(held).with_for_update()).first()
    if row is None:
        return
    if row.attempts >= terms.max_attempts:
        _quarantine(connection, claimed.id, now, terms, reason)
        return
    change = update(BacklogRow).where(BacklogRow.id == claimed.id)
    connection.execute(
        change.values(state=WAITING, due=due, lease_token=None, lease_until=None, reason=reason, updated=now)
    )
    connection.execute(update(BacklogBrandRow).where(BacklogBrandRow.backlog_id == claimed.id).values(due=due))


def _quarantine(connection: Connection, row_id: int, now: datetime, terms: ClaimTerms, reason: str = "") -> None:
    why = reason or f"its worker vanished {_most(terms)} times without a result"
    change = update(BacklogRow).where(BacklogRow.id == row_id).values(
        state=QUARANTINED, lease_token=None, lease_until=None, updated=now, reason=f"{why}; not tried again"
    )  # fmt: skip
    connection.execute(change)
    unlink(connection, [row_id])


def _look_at_leases(connection: Connection, now: datetime, terms: ClaimTerms) -> list[str]:
    """Rows whose worker died come back; returns the hosts of those that are looked at."""
    query = _LEASES_BY_INDEX if connection.dialect.name == "postgresql" else _LEASES
    leases = [lease for lease in connection.execute(query) if lease.host is not None]
    if any(lease.lease_until <= now for lease in leases):
        _return_expired(connection, now, terms)
    return [lease.host for lease in leases if lease.lease_until > now]


def _return_expired(connection: Connection, now: datetime, terms: ClaimTerms) -> None:
    """Those that killed one worker too many are quarantined; the last time, nothing else was looked at beside them."""
    expired = connection.execute(_EXPIRED, {"now": now}).all()
    for row_id, attempts in expired:
        if attempts >= _most(terms):
            _quarantine(connection, row_id, now, terms)
    late = [row_id for row_id, attempts in expired if attempts < _most(terms)]
    for start in range(0, len(late), BATCH):
        back = update(BacklogRow).where(BacklogRow.id.in_(late[start : start + BATCH])).values(
            state=READY, lease_token=None, lease_until=None, updated=now, reason="its worker vanished"
        )  # fmt: skip
        connection.execute(back)


def _most(terms: ClaimTerms) -> int:
    """Attempts after which a row whose worker vanishes is quarantined: at least one of them it was alone."""
    return max(terms.max_attempts, ALONE_FROM)


def promote(connection: Connection, now: datetime) -> None:
    """Rows whose date has come join the ready ones, the longest due first and not all of a flood at once."""
    connection.execute(_PROMOTE, {"now": now})


def release(
    connection: Connection,
    claimed: BacklogClaim,
    now: datetime,
    due: datetime | None,
    reason: str,
    *,
    attempted: bool = True,
) -> bool:
    """Give a claim back as if it had never been made; False where the lease was lost in the meantime."""
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
    """The work on a row is over."""
    change = update(BacklogRow).where(BacklogRow.id == row_id).values(
        state=DONE, capture_id=capture_id, lease_token=None, lease_until=None, reason="", updated=now
    )  # fmt: skip
    connection.execute(change)
    unlink(connection, [row_id])


def quarantined(connection: Connection) -> list[tuple[str, str]]:
    """URL and reason of rows in quarantine, the latest first."""
    query = select(BacklogRow.url, BacklogRow.reason).where(BacklogRow.state == QUARANTINED)
    return [(row.url, row.reason) for row in connection.execute(query.order_by(BacklogRow.updated.desc()))]


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


# Written once: every claim runs them, and to put them together costs more than to run them.
_LEASES = select(BacklogRow.host, BacklogRow.lease_until).where(BacklogRow.state == LEASED)
# After a flood of new rows PostgreSQL's statistics are of yesterday for a while, and it would rather sort half of the backlog than
# read the head of an index (measured: 40 ms instead of 1 with 200,000 rows).  From here to the end of the transaction it may not;
# said with the first question of a claim, since every question costs a way to the server and back.
_SETTINGS = select(
    *(func.set_config(f"enable_{way}", "off", True) for way in ("hashjoin", "mergejoin", "bitmapscan", "seqscan"))
).subquery()
_LEASED = _LEASES.subquery()
_LEASES_BY_INDEX = select(_LEASED.c.host, _LEASED.c.lease_until, _SETTINGS).select_from(
    _SETTINGS.outerjoin(_LEASED, true())
)
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
_LEASE = update(BacklogRow).where(BacklogRow.id.in_(bindparam("rows", expanding=True))).values(
    state=LEASED,
    lease_token=bindparam("batch", type_=String()) + cast(BacklogRow.id, String()),
    lease_until=bindparam("until", type_=MomentColumn()),
    attempts=BacklogRow.attempts + bindparam("attempt", type_=Integer()),
    updated=bindparam("now", type_=MomentColumn()),
)  # fmt: skip
_PROMOTE = update(BacklogRow).where(BacklogRow.id.in_(_COME)).values(state=READY)
