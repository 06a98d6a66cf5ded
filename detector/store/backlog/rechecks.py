"""Rechecks: URLs that are done and are captured again, those of cases that were taken down and those that showed nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.engine import Connection

from detector.clock import is_ahead, latest_sane
from detector.model import RECHECKED_STATES, Candidate, Outcome
from detector.store.backlog.rows import DONE, MAX_REASONS, READY, link, merge, union
from detector.store.columns import url_key
from detector.store.custody import entered_state
from detector.store.models import BacklogRow, CaptureRow, CaseRow
from detector.store.probes import AGAIN

AFTER_TAKEDOWN = (*AGAIN, timedelta(days=60), timedelta(days=90))
"""Times after which a site of a takedown is captured again, counted from when its case came into its state."""
HOPEFUL = (
    Outcome.PARKED, Outcome.BLANK, Outcome.CAPTCHA, Outcome.TIMEOUT, Outcome.CRASHED, Outcome.FAILED, Outcome.PROXY_ERROR,
)  # fmt: skip
"""Outcomes after which there may be a page another day.  The last four may be this machine's fault (a worker that was stopped for
a minute, a browser that was killed), not the page's.  Sites that did not exist at the first capture mostly stay so."""


@dataclass(frozen=True, slots=True)
class DueRecheck:
    """A URL that is due for a recheck."""

    url: str
    brands: tuple[str, ...]
    case_id: int | None
    """None for a URL that showed nothing."""
    shown: str
    """State of the case, or outcome of the last capture."""
    days: int
    """Days of the step that is due."""


def due_again(connection: Connection, now: datetime) -> Iterator[DueRecheck]:
    """Find all due rechecks: first those of cases, in the order in which they were opened."""
    yield from _cases(connection, now)
    yield from _nothing(connection, now)


def reopen(connection: Connection, candidates: Sequence[Candidate], now: datetime) -> set[bytes]:
    """Make done rows ready again and return their keys; rows that are still open, or in quarantine, stay as they are."""
    merged: dict[bytes, Candidate] = {}
    for candidate in candidates:
        key = url_key(candidate.url)
        merged[key] = merge(merged[key], candidate) if key in merged else candidate
    if not merged:
        return set()
    query = select(BacklogRow).where(BacklogRow.url_key.in_(merged), BacklogRow.state == DONE)
    rows = connection.execute(query.order_by(BacklogRow.id).with_for_update()).mappings().all()
    for row in rows:
        candidate = merged[row["url_key"]]
        brands = union(row["brands"], candidate.brands)
        values = {
            "state": READY,
            "due": candidate.due,
            "urgency": -candidate.priority,
            "attempts": 0,
            "brands": brands,
            "sources": union(row["sources"], (candidate.source,)),
            "reasons": union(candidate.reasons, row["reasons"])[:MAX_REASONS],
            "updated": now,
        }
        connection.execute(update(BacklogRow).where(BacklogRow.id == row["id"]).values(**values))
        again = Candidate(candidate.url, candidate.source, brands, candidate.priority, candidate.due)
        link(connection, [(row["id"], again)])
    return {row["url_key"] for row in rows}


def _cases(connection: Connection, now: datetime) -> Iterator[DueRecheck]:
    since = entered_state()
    watched = CaseRow.state.in_([str(state) for state in sorted(RECHECKED_STATES)])
    looked = (
        select(CaptureRow.site, func.max(CaptureRow.started).label("looked"))
        # captures of a clock that was ahead say nothing of what was seen since
        .where(CaptureRow.site.in_(select(CaseRow.site).where(watched)), CaptureRow.started <= latest_sane(now))
        .group_by(CaptureRow.site)
        .subquery()
    )
    query = (
        select(CaseRow.id, CaseRow.brand, CaseRow.state, CaptureRow.url, since.c.since, looked.c.looked)
        .join(CaptureRow, CaptureRow.id == CaseRow.capture_id)
        .join(since, (since.c.case_id == CaseRow.id) & (since.c.state_after == CaseRow.state))
        .outerjoin(looked, looked.c.site == CaptureRow.site)
        .where(watched)
        .order_by(CaseRow.id)
    )
    for row in connection.execute(query).all():
        # where it lies ahead: counted from the last capture until the day comes, and due at once where there is none
        entered = row.looked or now - AFTER_TAKEDOWN[0] if is_ahead(row.since, now) else row.since
        days = _due(AFTER_TAKEDOWN, entered, row.looked, now)
        if days is not None:
            yield DueRecheck(row.url, (row.brand,), row.id, row.state, days)


def _nothing(connection: Connection, now: datetime) -> Iterator[DueRecheck]:
    seen = case((CaptureRow.outcome == str(Outcome.OK), 1), else_=0)
    hopeful = case((CaptureRow.outcome.in_([str(outcome) for outcome in HOPEFUL]), 1), else_=0)
    query = (
        select(
            func.max(CaptureRow.url).label("url"),
            func.min(CaptureRow.started).label("since"),
            func.max(CaptureRow.started).label("looked"),
            func.max(CaptureRow.outcome).label("outcome"),
        )
        .where(CaptureRow.started >= now - AGAIN[-1] - timedelta(days=7), CaptureRow.outcome != str(Outcome.BAD_URL))
        .group_by(CaptureRow.url_key)
        .having(func.sum(seen) == 0, func.sum(hopeful) > 0)
        .order_by(func.min(CaptureRow.id))
    )
    for row in connection.execute(query).all():
        days = _due(AGAIN, row.since, row.looked, now)
        if days is not None:
            yield DueRecheck(row.url, (), None, row.outcome, days)


def _due(steps: Iterable[timedelta], since: datetime, looked: datetime | None, now: datetime) -> int | None:
    """Days of the latest step that is due and had no capture since; None where there is none."""
    missed = [step for step in steps if since + step <= now and (looked is None or looked < since + step)]
    return missed[-1].days if missed else None
