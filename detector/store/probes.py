"""Names that wait for a cheap look, when they are due again, and which of them were looked at a short while ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.engine import Connection, Row

from detector.store.backlog.rows import batches
from detector.store.columns import storable, url_key
from detector.store.engine import Database, insert_for
from detector.store.models import ProbeRow

AGAIN = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14), timedelta(days=30))
"""When a name that showed nothing is looked at again, counted from each look."""
DONE = len(AGAIN) + 1
"""Round of the rows that are kept only so that the same name is not looked at twice in a short while."""
MOST_TRIES = 3
"""Runs that a name may be taken by and not looked at to the end: the next one leaves it to the browser."""
LEASE = timedelta(minutes=15)
"""After which a look that has not ended is begun anew."""
FRESH_SHARE = 0.8
"""Share of a batch that goes to names never looked at; what either side leaves the other takes."""
PURGE_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class DueProbe:
    """A name that is due for a cheap look."""

    key: int
    url: str
    source: str
    """Who reported it."""
    round: int
    """How often it was looked at before and showed nothing."""
    address: str | None = None
    """Of the server that answered, once the look has ended."""


class ProbeQueue:
    """The queue of cheap looks.  Safe for several threads and several programs at once; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, urls: Iterable[str], source: str, now: datetime) -> int:
        """Queue addresses; those that wait, or were looked at a short while ago, stay as they are.  The number of new ones."""
        new = 0
        for batch in batches(urls):  # a stream may be longer than memory: the key finds what is listed twice
            with self._database.write() as connection:
                new += queue(connection, [(source, batch)], now)[source]
        return new

    def take(
        self, limit: int, now: datetime, *, until: datetime | None = None
    ) -> tuple[list[DueProbe], list[DueProbe]]:
        """Up to ``limit`` names that are due (at ``until``): those to look at, and those to which that came to nothing too often.

        Both are due again after :data:`LEASE` unless settled: whoever dies with them loses none.
        """
        until = until or now
        with self._database.write() as connection:
            _purge(connection, now)
            fresh = _due(connection, until, limit, fresh=True)
            again = _due(connection, until, limit, fresh=False)
            share = min(len(fresh), max(round(limit * FRESH_SHARE), limit - len(again)))
            chosen = [*fresh[:share], *again[: limit - share]]
            taken = [row for row in chosen if row.tries < MOST_TRIES]
            given_up = [row for row in chosen if row.tries >= MOST_TRIES]
            _set(connection, [(row.key, now + LEASE, row.round, row.tries + 1) for row in taken])
            _set(connection, [(row.key, now + LEASE, row.round, row.tries) for row in given_up])
        return [_probe(row) for row in taken], [_probe(row) for row in given_up]

    def settle(
        self, done: Sequence[DueProbe], nothing: Sequence[DueProbe], now: datetime, *, remember: timedelta
    ) -> None:
        """Looks have ended: ``done`` names are remembered for a while, those that showed nothing are due again later.

        Where a look has an address, it is kept.
        """
        with self._database.write() as connection:
            settle(connection, done, nothing, now, remember)

    def at(self, address: str, limit: int) -> list[str]:
        """URLs of names that answered at ``address`` when they were looked at last, up to ``limit``, in no order."""
        with self._database.read() as connection:
            query = select(ProbeRow.url).where(ProbeRow.address == address).limit(limit)
            return list(connection.execute(query).scalars())

    def release(self, probes: Sequence[DueProbe], now: datetime) -> None:
        """Give back what was taken and not looked at: due at once, as if it had never been taken."""
        with self._database.write() as connection:
            keys = [probe.key for probe in probes]
            for start in range(0, len(keys), 500):
                mine = ProbeRow.key.in_(keys[start : start + 500])
                connection.execute(
                    update(ProbeRow).where(mine, ProbeRow.round < DONE).values(due=now, tries=ProbeRow.tries - 1)
                )

    def counts(self, now: datetime) -> tuple[int, int]:
        """How many names are due, and how many wait for a later day."""
        with self._database.read() as connection:
            due = func.count().filter(ProbeRow.due <= now)
            row = connection.execute(select(due, func.count()).where(ProbeRow.round < DONE)).one()
        return row[0], row[1] - row[0]


def queue(connection: Connection, names: Iterable[tuple[str, Sequence[str]]], now: datetime) -> Counter[str]:
    """Queue (source, addresses); those that are there stay as they are.  The number of new ones by source."""
    rows: dict[int, dict[str, Any]] = {}
    for source, urls in names:
        for url in urls:
            key = key_of(url)
            row = {"key": key, "url": storable(url), "source": source, "round": 0, "tries": 0, "due": now}
            rows.setdefault(key, row)
    if not rows:
        return Counter()
    fresh = insert_for(connection)(ProbeRow).on_conflict_do_nothing(index_elements=[ProbeRow.key])
    # in the order of the keys, as in the backlog: nobody waits in a circle
    added = connection.execute(fresh.returning(ProbeRow.source), sorted(rows.values(), key=itemgetter("key")))
    return Counter(added.scalars())


def settle(
    connection: Connection, done: Sequence[DueProbe], nothing: Sequence[DueProbe], now: datetime, remember: timedelta
) -> None:
    """Do what :meth:`ProbeQueue.settle` says, in the caller's transaction."""
    _set(connection, [(probe.key, now + remember, DONE, 0) for probe in done])
    _set(
        connection,
        [
            (probe.key, now + AGAIN[probe.round], probe.round + 1, 0)
            if probe.round < len(AGAIN)
            else (probe.key, now + remember, DONE, 0)
            for probe in nothing
        ],
    )
    answered = [(probe.key, probe.address) for probe in (*done, *nothing) if probe.address]
    if answered:
        place = update(ProbeRow).where(ProbeRow.key == bindparam("probe")).values(address=bindparam("place"))
        connection.execute(place, [{"probe": key, "place": address} for key, address in answered])


def key_of(url: str) -> int:
    """64 bits of the URL's hash, as databases keep whole numbers: signed."""
    return int.from_bytes(url_key(url)[:8], "big", signed=True)


def _purge(connection: Connection, now: datetime) -> None:
    old = select(ProbeRow.key).where(ProbeRow.round == DONE, ProbeRow.due <= now).limit(PURGE_LIMIT)
    connection.execute(delete(ProbeRow).where(ProbeRow.key.in_(old)))


def _due(connection: Connection, until: datetime, limit: int, *, fresh: bool) -> list[Row[*tuple[Any, ...]]]:
    """The longest due: of each round by the index, so that what waits for a later day is not read."""
    found: list[Row[*tuple[Any, ...]]] = []
    for number in (0,) if fresh else range(1, DONE):
        query = select(ProbeRow.key, ProbeRow.url, ProbeRow.source, ProbeRow.round, ProbeRow.tries, ProbeRow.due).where(
            ProbeRow.round == number, ProbeRow.due <= until
        )
        query = query.order_by(ProbeRow.due).limit(limit).with_for_update(skip_locked=True)
        found.extend(connection.execute(query).all())
    return sorted(found, key=lambda row: row.due)[:limit]


def _set(connection: Connection, rows: Sequence[tuple[int, datetime, int, int]]) -> None:
    if rows:
        change = update(ProbeRow).where(ProbeRow.key == bindparam("probe")).values(
            due=bindparam("when"), round=bindparam("number"), tries=bindparam("times")
        )  # fmt: skip
        values = [dict(zip(("probe", "when", "number", "times"), row, strict=True)) for row in rows]
        connection.execute(change, values)


def _probe(row: Row[*tuple[Any, ...]]) -> DueProbe:
    return DueProbe(row.key, row.url, row.source, row.round)
