"""Whose turn it is among the candidates that are due: the urgent first, but nobody waits for ever, and no site is crowded.

A part of the turns goes to those that have been due for the longest, whatever their priority: a feed that reports thousands of
urgent addresses a day takes the rest of the turns, and not all of them.  And so many looks at one registrable domain at a time, on
all machines together: a site that thirty browsers visit at once knows that it is watched, or breaks.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, select, type_coerce
from sqlalchemy.engine import Connection, RowMapping

from detector.hosts import registrable_domain
from detector.store.backlog import LEASED, READY
from detector.store.columns import Moment
from detector.store.models import BacklogBrandRow, BacklogRow

ROUNDS = 6
"""How often the head of the backlog is asked for more where what came first belongs to crowded sites."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a lease runs, how many workers one row may kill, and how turns are shared."""

    lease: timedelta
    max_attempts: int
    fair: float = 0.0
    """Share of the turns that goes to the longest due."""
    per_site: int = 0
    """Looks at one registrable domain at a time; 0: any number."""


def next_rows(
    connection: Connection, limit: int, now: datetime, terms: Terms, brands: Collection[str] | None
) -> list[RowMapping]:
    """Up to ``limit`` ready rows, locked, the most urgent first; with ``brands`` only those suspected of one of them."""
    if limit <= 0:
        return []
    crowd: Counter[str] = Counter()
    if terms.per_site:
        held = select(BacklogRow.host).where(BacklogRow.state == LEASED, BacklogRow.lease_until > now)
        crowd.update(map(_site, connection.execute(held).scalars()))
    chosen: dict[int, RowMapping] = {}
    full: set[str] = set()
    if brands is None and terms.fair:
        _take(chosen, crowd, full, terms, _longest_due(connection, _share(limit, terms.fair), now))
    for _ in range(ROUNDS):
        wanted = limit - len(chosen)
        if wanted <= 0:
            break
        others = [BacklogRow.id.not_in(list(chosen))] if chosen else []
        if full:
            others.append(BacklogRow.host.not_in(sorted(full)))
        rows = (
            _urgent(connection, wanted, now, others)
            if brands is None
            else _urgent_of(connection, wanted, now, brands, others)
        )
        _take(chosen, crowd, full, terms, rows)
        if len(rows) < wanted:
            break
    return sorted(chosen.values(), key=lambda row: (row["urgency"], row["due"], row["id"]))


def _share(limit: int, fair: float) -> int:
    """``limit * fair`` turns, on average also where that is less than one."""
    whole, part = divmod(limit * fair, 1.0)
    return int(whole) + (random.random() < part)  # noqa: S311  a fair coin, and no secret


def _take(
    chosen: dict[int, RowMapping], crowd: Counter[str], full: set[str], terms: Terms, rows: Iterable[RowMapping]
) -> None:
    for row in rows:
        site = _site(row["host"])
        if terms.per_site and crowd[site] >= terms.per_site:
            full.add(row["host"])
            continue
        crowd[site] += 1
        chosen[row["id"]] = row


def _site(host: str) -> str:
    """The registrable domain of a row's host, without its port."""
    name, _, port = host.rpartition(":")
    return registrable_domain(name if port.isdigit() and name else host)


def _longest_due(connection: Connection, limit: int, now: datetime) -> list[RowMapping]:
    query = select(BacklogRow).where(BacklogRow.state == READY, BacklogRow.due <= now)
    query = query.order_by(BacklogRow.due).limit(limit).with_for_update(skip_locked=True)
    return list(connection.execute(query).mappings()) if limit else []


def _urgent(
    connection: Connection, limit: int, now: datetime, others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    # "+ 0" keeps the planner off the index on due: the order is that of ix_backlog_urgent, whose head is all it takes
    query = (
        select(BacklogRow)
        .where(BacklogRow.state == READY, type_coerce(BacklogRow.due, BigInteger) + 0 <= type_coerce(now, Moment))
        .where(*others)
        .order_by(BacklogRow.urgency, BacklogRow.due, BacklogRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(query).mappings())


def _urgent_of(
    connection: Connection, limit: int, now: datetime, brands: Collection[str], others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    found: dict[int, RowMapping] = {}
    for brand in sorted(set(brands)):
        link = BacklogBrandRow
        # the order of the link's own index, so that the head of it is read and no more
        query = (
            select(BacklogRow)
            .join(link, link.backlog_id == BacklogRow.id)
            .where(link.brand == brand, type_coerce(link.due, BigInteger) + 0 <= type_coerce(now, Moment))
            .where(BacklogRow.state == READY, *others)
            .order_by(link.urgency, link.due, link.backlog_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=BacklogRow)
        )
        found.update((row["id"], row) for row in connection.execute(query).mappings())
    return sorted(found.values(), key=lambda row: (row["urgency"], row["due"], row["id"]))[:limit]
