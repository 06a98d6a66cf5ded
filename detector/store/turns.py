"""Whose turn it is among the candidates that are due: the urgent first, but nobody waits for ever, and no site is crowded.

A part of the turns does not go by priority: in turn to what has been due for the longest, to the next source, and to the next
brand.  A feed that reports thousands of urgent addresses a day, or the brand that everybody attacks, takes the rest of the turns,
and not all of them.  And so many looks at one registrable domain at a time, on all machines together: a site that thirty browsers
visit at once knows that it is watched, or breaks.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.orm import InstrumentedAttribute

from detector.hosts import registrable_domain
from detector.store.backlog import LEASED, READY
from detector.store.columns import Moment
from detector.store.models import BacklogBrandRow, BacklogRow

TRIES = 3
"""Sources, or brands, that are asked for one turn: those that have nothing due just now are passed over."""
ROUNDS = 6
"""How often the head of the backlog is asked for more where what came first belongs to crowded sites."""


@dataclass(slots=True)
class Rotation:
    """Whose turn was last; each program has its own, and begins anywhere."""

    kind: int = field(default_factory=lambda: random.randrange(len(_FAIR)))  # noqa: S311  no secret
    source: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a lease runs, how many workers one row may kill, and how turns are shared."""

    lease: timedelta
    max_attempts: int
    fair: float = 0.0
    """Share of the turns that does not go by priority."""
    per_site: int = 0
    """Looks at one registrable domain at a time; 0: any number."""
    rotation: Rotation = field(default_factory=Rotation)


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
        for _ in range(_share(limit, terms.fair)):
            _take(chosen, crowd, full, terms, _fair_turn(connection, terms.rotation, now, _but(chosen, full)))
    for _ in range(ROUNDS):
        wanted = limit - len(chosen)
        if wanted <= 0:
            break
        others = _but(chosen, full)
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


def _but(chosen: Collection[int], full: Collection[str]) -> list[ColumnElement[bool]]:
    others: list[ColumnElement[bool]] = [BacklogRow.id.not_in(list(chosen))] if chosen else []
    return [*others, BacklogRow.host.not_in(sorted(full))] if full else others


def _fair_turn(
    connection: Connection, rotation: Rotation, now: datetime, others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    """One row, by the next of the three ways that has any."""
    for _ in _FAIR:
        rotation.kind = (rotation.kind + 1) % len(_FAIR)
        if rows := _FAIR[rotation.kind](connection, rotation, now, others):
            return rows
    return []


def _longest_due(
    connection: Connection, _: Rotation, now: datetime, others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    query = select(BacklogRow).where(BacklogRow.state == READY, BacklogRow.due <= now, *others)
    query = query.order_by(BacklogRow.due).limit(1).with_for_update(skip_locked=True)
    return list(connection.execute(query).mappings())


def _of_next_source(
    connection: Connection, rotation: Rotation, now: datetime, others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    """The most urgent row of the next source that has any."""
    for _ in range(TRIES):
        rotation.source = _next(connection, BacklogRow.source, rotation.source, BacklogRow.state == READY)
        if rows := _urgent(connection, 1, now, [BacklogRow.source == rotation.source, *others]):
            return rows
    return []


def _of_next_brand(
    connection: Connection, rotation: Rotation, now: datetime, others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    """The most urgent row of the next brand that somebody is suspected of imitating."""
    for _ in range(TRIES):
        rotation.brand = _next(connection, BacklogBrandRow.brand, rotation.brand)
        if rows := _urgent_of(connection, 1, now, [rotation.brand], others):
            return rows
    return []


def _next(connection: Connection, column: InstrumentedAttribute[str], last: str, *where: ColumnElement[bool]) -> str:
    """The value that comes after ``last`` in the order of an index, and the first one after the last of all."""
    for after in (last, ""):
        found: str | None = connection.execute(select(func.min(column)).where(column > after, *where)).scalar()
        if found is not None:
            return found
    return ""


def _urgent(
    connection: Connection, limit: int, now: datetime, others: Collection[ColumnElement[bool]]
) -> list[RowMapping]:
    # "+ 0" keeps the planner off the index on due: the order is that of ix_backlog_urgent (and of ix_backlog_source where one
    # source is asked for), whose head is all it takes
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


_Way = Callable[[Connection, Rotation, datetime, Collection[ColumnElement[bool]]], list[RowMapping]]
_FAIR: tuple[_Way, ...] = (_longest_due, _of_next_source, _of_next_brand)
