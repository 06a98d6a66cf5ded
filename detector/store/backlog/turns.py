"""The order of claims among due candidates: urgent ones first, but none waits for ever, and no site gets too many visits at once.

A share of the claims does not go by priority, but in turn to what has been due for the longest, to the next source, and to the next
brand.  A feed that reports thousands of urgent URLs a day, or a brand that is attacked most, therefore cannot take all claims.  The
number of captures of one registrable domain at a time is limited, over all machines: a site that thirty browsers visit at once
notices that it is watched, or breaks down.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, bindparam, func, select, type_coerce
from sqlalchemy.engine import Connection, RowMapping

from detector.hosts import registrable_domain
from detector.store.backlog.rows import READY
from detector.store.columns import MomentColumn
from detector.store.models import BacklogBrandRow, BacklogRow

TRIES = 3
"""Sources, or brands, that are tried for one claim: those with nothing due are skipped."""
OF_A_BRAND = 60
"""Rows of a brand that one claim chooses from; where that many are under way already, the brand has its share."""
AT_ONCE = 20
"""Rows that one query reads, of those that a claim chooses from."""
ROUNDS = 6
"""Most queries for further rows where the first ones belong to sites that have their share of captures."""


@dataclass(slots=True)
class LastTurn:
    """Source and brand that had the last turn; each program keeps its own, which begins at random."""

    kind: int = field(default_factory=lambda: random.randrange(len(_FAIR)))  # nosec B311  # noqa: S311  no secret
    source: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class ClaimPolicy:
    """Length of a lease, attempts of a row whose workers vanish, and how claims are shared out."""

    lease: timedelta
    max_attempts: int
    fair: float = 0.0
    """Share of the claims that does not go by priority, 0 to 1."""
    per_site: int = 0
    """Most captures of one registrable domain at a time; 0: any number."""
    last_turn: LastTurn = field(default_factory=LastTurn)


def next_rows(
    connection: Connection,
    limit: int,
    now: datetime,
    policy: ClaimPolicy,
    brands: Collection[str] | None,
    visited: Iterable[str],
) -> list[RowMapping]:
    """Lock up to ``limit`` ready rows, the most urgent first; with ``brands`` only those suspected of imitating one of them.

    ``visited``: one host for each capture that is under way.
    """
    if limit <= 0:
        return []
    turn = _Turn(connection, now, policy, visited)
    if brands is None and policy.fair:
        for _ in range(_share(limit, policy.fair)):
            rows = _fair_turn(turn)
            if not rows:  # nothing is due in any of the ways
                break
            turn.take(rows)
    for _ in range(ROUNDS):
        wanted = limit - len(turn.chosen)
        if wanted <= 0:
            break
        rows = turn.ask(_URGENT, wanted) if brands is None else _urgent_of(turn, wanted, brands)
        turn.take(rows)
        if len(rows) < wanted:
            break
    return sorted(turn.chosen.values(), key=_order)


class _Turn:
    """State of one claim: the rows that it has chosen, and the sites that have their share of captures."""

    def __init__(self, connection: Connection, now: datetime, policy: ClaimPolicy, visited: Iterable[str]) -> None:
        self.chosen: dict[int, RowMapping] = {}
        self.last_turn = policy.last_turn
        self._connection, self._now, self._per_site = connection, now, policy.per_site
        self._full: set[str] = set()
        self._crowd = Counter(map(_site, visited)) if policy.per_site else Counter[str]()

    def ask(self, query: Select[*tuple[Any, ...]], limit: int, **words: str | list[int]) -> list[RowMapping]:
        """Run a query that leaves out the chosen rows and the hosts of sites that have their share of captures."""
        values = {"now": self._now, "limit": limit, "chosen": list(self.chosen), "full": sorted(self._full), **words}
        return list(self._connection.execute(query, values).mappings())

    def after(self, query: Select[str], last: str) -> str:
        """Value after ``last`` in the order of an index; after the last one, the first."""
        for value in (last, ""):
            found = self._connection.execute(query, {"last": value}).scalar()
            if found is not None:
                return found
        return ""

    def due_of(self, brand: str) -> list[int]:
        """Ids of a brand's open rows that are due for the longest, the most urgent first; some may be leased."""
        return list(self._connection.execute(_DUE_OF_BRAND, {"brand": brand, "now": self._now}).scalars())

    def take(self, rows: Iterable[RowMapping]) -> None:
        """Choose rows, except those whose site has its share of captures already."""
        for row in rows:
            site = _site(row["host"])
            if self._per_site and self._crowd[site] >= self._per_site:
                self._full.add(row["host"])
                continue
            self._crowd[site] += 1
            self.chosen[row["id"]] = row


def _order(row: RowMapping) -> tuple[float, datetime, int]:
    """Sort key: the most urgent first, of equals the one that is due for the longest."""
    return row["urgency"], row["due"], row["id"]


def _share(limit: int, fair: float) -> int:
    """Number of fair claims: ``limit * fair``, on average also where that is less than one."""
    whole, part = divmod(limit * fair, 1.0)
    return int(whole) + (random.random() < part)  # nosec B311  # noqa: S311  a fair coin, and no secret


def _site(host: str) -> str:
    """The registrable domain of a row's host, without its port."""
    name, _, port = host.rpartition(":")
    return registrable_domain(name if port.isdigit() and name else host)


def _fair_turn(turn: _Turn) -> list[RowMapping]:
    """Choose one row in the next of the three ways that finds any."""
    for _ in _FAIR:
        turn.last_turn.kind = (turn.last_turn.kind + 1) % len(_FAIR)
        if rows := _FAIR[turn.last_turn.kind](turn):
            return rows
    return []


def _longest_due(turn: _Turn) -> list[RowMapping]:
    return turn.ask(_LONGEST_DUE, 1)


def _of_next_source(turn: _Turn) -> list[RowMapping]:
    """The most urgent row of the next source that has any."""
    for _ in range(TRIES):
        turn.last_turn.source = turn.after(_NEXT_SOURCE, turn.last_turn.source)
        if rows := turn.ask(_URGENT_OF_SOURCE, 1, source=turn.last_turn.source):
            return rows
    return []


def _of_next_brand(turn: _Turn) -> list[RowMapping]:
    """An urgent row of the next brand that has suspects."""
    for _ in range(TRIES):
        turn.last_turn.brand = turn.after(_NEXT_BRAND, turn.last_turn.brand)
        ids = turn.due_of(turn.last_turn.brand)
        for start in range(0, len(ids), AT_ONCE):
            if rows := turn.ask(_THESE, 1, these=ids[start : start + AT_ONCE]):
                return rows
    return []


def _urgent_of(turn: _Turn, limit: int, brands: Collection[str]) -> list[RowMapping]:
    found: dict[int, RowMapping] = {}
    for brand in sorted(set(brands)):
        found.update((row["id"], row) for row in turn.ask(_URGENT_OF_BRAND, limit, brand=brand))
    return sorted(found.values(), key=_order)[:limit]


_FAIR: tuple[Callable[[_Turn], list[RowMapping]], ...] = (_longest_due, _of_next_source, _of_next_brand)

# Built once: building a query costs more than running it.
_NEXT_SOURCE = select(func.min(BacklogRow.source)).where(
    BacklogRow.source > bindparam("last"), BacklogRow.state == READY
)
_NEXT_BRAND = select(func.min(BacklogBrandRow.brand)).where(BacklogBrandRow.brand > bindparam("last"))
_NOW = bindparam("now", type_=MomentColumn())
_OTHERS = (
    BacklogRow.id.not_in(bindparam("chosen", expanding=True)),
    BacklogRow.host.not_in(bindparam("full", expanding=True)),
)
# all columns that a claim needs, and that decide the order of claims
_CLAIMED = (
    BacklogRow.id,
    BacklogRow.url,
    BacklogRow.host,
    BacklogRow.brands,
    BacklogRow.sources,
    BacklogRow.reasons,
    BacklogRow.urgency,
    BacklogRow.due,
    BacklogRow.attempts,
)
_ROWS = (
    select(*_CLAIMED)
    .where(*_OTHERS)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(skip_locked=True, of=BacklogRow)
)
_READY = _ROWS.where(BacklogRow.state == READY)
_LONGEST_DUE = _READY.where(BacklogRow.due <= _NOW).order_by(BacklogRow.due)
# "+ 0" keeps the planner from using the index on due: ix_backlog_urgent (ix_backlog_source where one source is asked for) has the
# order that is wanted, and only its head is read
_URGENT = _READY.where(type_coerce(BacklogRow.due, BigInteger) + 0 <= _NOW).order_by(
    BacklogRow.urgency, BacklogRow.due, BacklogRow.id
)
_URGENT_OF_SOURCE = _URGENT.where(BacklogRow.source == bindparam("source"))
# the order of the index by brand, so that only its head is read
_URGENT_OF_BRAND = (
    _READY.join(BacklogBrandRow, BacklogBrandRow.backlog_id == BacklogRow.id)
    .where(BacklogBrandRow.brand == bindparam("brand"), type_coerce(BacklogBrandRow.due, BigInteger) + 0 <= _NOW)
    .order_by(BacklogBrandRow.urgency, BacklogBrandRow.due, BacklogBrandRow.backlog_id)
)
# only what is due for the longest: rows of later days, which may be all that a brand has, are not read.  A query of its own, since
# a planner that may join and sort reads the whole backlog to save the sorting
_OLDEST = (
    select(BacklogBrandRow.backlog_id, BacklogBrandRow.urgency, BacklogBrandRow.due)
    .where(BacklogBrandRow.brand == bindparam("brand"), BacklogBrandRow.due <= _NOW)
    .order_by(BacklogBrandRow.due, BacklogBrandRow.backlog_id)
    .limit(OF_A_BRAND)
    .subquery()
)
_DUE_OF_BRAND = select(_OLDEST.c.backlog_id).order_by(_OLDEST.c.urgency, _OLDEST.c.due, _OLDEST.c.backlog_id)
# coalesce() and "+ 0" keep the planner from using the indexes on state and urgency
_THESE = _ROWS.where(
    BacklogRow.id.in_(bindparam("these", expanding=True)), func.coalesce(BacklogRow.state, "") == READY
).order_by(BacklogRow.urgency + 0, BacklogRow.due, BacklogRow.id)
