"""The probe queue: names that wait for a probe, when each is due again, and which were probed recently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.engine import Connection, Row

from detector.clock import latest_sane
from detector.store.backlog.rows import batches
from detector.store.columns import storable, url_key
from detector.store.engine import Database, insert_for
from detector.store.models import ProbeRow

AGAIN = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14), timedelta(days=30))
"""Times after which a name that showed nothing is probed again, counted from each probe."""
DONE = len(AGAIN) + 1
"""Round of the rows that are kept only so that a name is not probed twice in a short time."""
MOST_TRIES = 3
"""Runs that may take a name without finishing its probe; after that, the name is left to the browser."""
LEASE = timedelta(minutes=15)
"""Time after which a probe that has not ended is started again."""
FRESH_SHARE = 0.8
"""Share of a batch that goes to names never probed; what one group does not use goes to the other."""
PURGE_LIMIT = 5000
REMEMBERED = timedelta(days=400)
"""Longest time for which a name is remembered after its last probe, whatever ``probe.remember_hours`` says."""


@dataclass(frozen=True, slots=True)
class DueProbe:
    """A name that is due for a probe."""

    key: int
    url: str
    source: str
    """Source that reported it."""
    round: int
    """Number of earlier probes, all of which showed nothing."""
    address: str | None = None
    """IP address of the server that answered, once the probe has ended."""


class ProbeQueue:
    """Names to probe.  Safe for several threads and several programs at once; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, urls: Iterable[str], source: str, now: datetime) -> int:
        """Queue URLs and return the number of new ones; those that wait, or were probed recently, stay as they are."""
        new = 0
        for batch in batches(urls):  # a stream may be longer than memory: the key finds what is listed twice
            with self._database.write() as connection:
                new += queue(connection, [(source, batch)], now)[source]
        return new

    def take(
        self, limit: int, now: datetime, *, until: datetime | None = None
    ) -> tuple[list[DueProbe], list[DueProbe]]:
        """Take up to ``limit`` names that are due (at ``until``): those to probe, and those whose probes failed to end too often.

        Both are due again after :data:`LEASE` unless settled, so that a worker that dies loses none.
        """
        until = until or now
        with self._database.write() as connection:
            _purge(connection, now)
            return_ahead(connection, now)
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
        """Record ended probes: ``done`` names are remembered for a while, those that showed nothing are due again later.

        Where a probe has an IP address, it is kept.
        """
        with self._database.write() as connection:
            settle(connection, done, nothing, now, remember)

    def at(self, address: str, limit: int) -> list[str]:
        """URLs of up to ``limit`` names that answered at IP address ``address`` in their last probe, in no particular order."""
        with self._database.read() as connection:
            query = select(ProbeRow.url).where(ProbeRow.address == address).limit(limit)
            return list(connection.execute(query).scalars())

    def release(self, probes: Sequence[DueProbe], now: datetime) -> None:
        """Return names that were taken and not probed: due at once, as if they had never been taken."""
        with self._database.write() as connection:
            keys = [probe.key for probe in probes]
            for start in range(0, len(keys), 500):
                mine = ProbeRow.key.in_(keys[start : start + 500])
                connection.execute(
                    update(ProbeRow).where(mine, ProbeRow.round < DONE).values(due=now, tries=ProbeRow.tries - 1)
                )

    def counts(self, now: datetime) -> tuple[int, int]:
        """Numbers of names that are due, and of names that wait for a later day."""
        with self._database.read() as connection:
            due = func.count().filter(ProbeRow.due <= now)
            row = connection.execute(select(due, func.count()).where(ProbeRow.round < DONE)).one()
        return row[0], row[1] - row[0]


def queue(connection: Connection, names: Iterable[tuple[str, Sequence[str]]], now: datetime) -> Counter[str]:
    """Queue (source, URLs) and return the number of new ones by source; those that are there stay as they are."""
    rows: dict[int, dict[str, Any]] = {}
    for source, urls in names:
        for url in urls:
            key = key_of(url)
            row = {"key": key, "url": storable(url), "source": source, "round": 0, "tries": 0, "due": now}
            rows.setdefault(key, row)
    if not rows:
        return Counter()
    fresh = insert_for(connection)(ProbeRow).on_conflict_do_nothing(index_elements=[ProbeRow.key])
    # in the order of the keys, as in the backlog, so that two programs never deadlock
    added = connection.execute(fresh.returning(ProbeRow.source), sorted(rows.values(), key=itemgetter("key")))
    return Counter(added.scalars())


def settle(
    connection: Connection, done: Sequence[DueProbe], nothing: Sequence[DueProbe], now: datetime, remember: timedelta
) -> None:
    """Do the same as :meth:`ProbeQueue.settle` in the caller's transaction."""
    remember = min(remember, REMEMBERED)
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
    """First 64 bits of the URL's hash as a signed integer, the form in which databases keep integers."""
    return int.from_bytes(url_key(url)[:8], "big", signed=True)


def return_ahead(connection: Connection, now: datetime) -> int:
    """Make names due that wait for longer than any of their round, since a clock that was ahead wrote them; their number.

    Names that are only remembered are forgotten after the longest wait of all.
    """
    longest = {0: LEASE, DONE: REMEMBERED} | dict(enumerate(AGAIN, 1))
    moved = 0
    for number, wait in longest.items():
        ahead = (ProbeRow.round == number) & (ProbeRow.due > latest_sane(now, max(wait, LEASE)))
        due = now + REMEMBERED if number == DONE else now
        moved += connection.execute(update(ProbeRow).where(ahead).values(due=due)).rowcount
    return moved


def _purge(connection: Connection, now: datetime) -> None:
    old = select(ProbeRow.key).where(ProbeRow.round == DONE, ProbeRow.due <= now).limit(PURGE_LIMIT)
    connection.execute(delete(ProbeRow).where(ProbeRow.key.in_(old)))


def _due(connection: Connection, until: datetime, limit: int, *, fresh: bool) -> list[Row[*tuple[Any, ...]]]:
    """Rows that are due for the longest, read from the index of each round, so that rows of later days are not read."""
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
