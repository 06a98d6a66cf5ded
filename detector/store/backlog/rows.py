"""Rows of the backlog: candidates are added, each URL once, and what further sources say of it is merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.model import Candidate
from detector.store.columns import storable, url_key
from detector.store.engine import BIND_LIMIT, insert_for
from detector.store.models import BacklogBrandRow, BacklogRow
from detector.store.sites import server_of_url

T = TypeVar("T")
READY, WAITING, LEASED, DONE, QUARANTINED = "ready", "waiting", "leased", "done", "quarantined"
OPEN = (READY, WAITING, LEASED)
MAX_REASONS = 50
"""Most reasons that are kept for one URL, so that feeds that repeat it for months do not grow its row without end."""


def batches(items: Iterable[T], size: int = BIND_LIMIT) -> Iterator[list[T]]:
    """Cut a stream into lists that each fit one transaction."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def add(connection: Connection, candidates: Sequence[Candidate], now: datetime) -> set[bytes]:
    """Add new candidates, merge known ones, and return the keys of the new rows."""
    merged: dict[bytes, Candidate] = {}
    sources: dict[bytes, tuple[str, ...]] = {}
    for candidate in candidates:
        key = url_key(candidate.url)
        known = merged.get(key)
        merged[key] = candidate if known is None else merge(known, candidate)
        sources[key] = union(sources.get(key, ()), (candidate.source,))
    fresh = insert_for(connection)(BacklogRow).on_conflict_do_nothing(index_elements=[BacklogRow.url_key])
    fresh = fresh.returning(BacklogRow.id, BacklogRow.url_key)
    # in the order of the keys, so that two programs that add the same URLs wait for each other, but never deadlock
    rows = [_new_row(key, merged[key], now) | {"sources": sources[key]} for key in sorted(merged)]
    added = {key: row_id for row_id, key in connection.execute(fresh, rows)} if rows else {}
    link(connection, [(row_id, merged[key]) for key, row_id in added.items()])
    _merge_known(connection, {key: value for key, value in merged.items() if key not in added}, sources, now)
    return set(added)


def merge(known: Candidate, found: Candidate) -> Candidate:
    """Merge two finds of one URL: all brands, the source that gave it first, the higher priority, the earlier date."""
    return Candidate(
        url=known.url,
        source=known.source,
        brands=union(known.brands, found.brands),
        priority=max(known.priority, found.priority),
        due=min(known.due, found.due),
        reasons=union(known.reasons, found.reasons)[:MAX_REASONS],
    )


def known_urls(connection: Connection, urls: Iterable[str]) -> set[str]:
    """Select those of ``urls`` that the backlog has, in any state."""
    by_key = {url_key(url): url for url in urls}
    keys = list(by_key)
    found: set[str] = set()
    for start in range(0, len(keys), BIND_LIMIT):
        some = keys[start : start + BIND_LIMIT]
        rows = connection.execute(select(BacklogRow.url_key).where(BacklogRow.url_key.in_(some)))
        found.update(by_key[key] for key in rows.scalars())
    return found


def unlink(connection: Connection, row_ids: Sequence[int]) -> None:
    """Remove rows that are no longer open from the index by brand."""
    if row_ids:
        connection.execute(delete(BacklogBrandRow).where(BacklogBrandRow.backlog_id.in_(row_ids)))


def add_done(
    connection: Connection, url: str, source: str, brands: tuple[str, ...], capture_id: int, now: datetime
) -> None:
    """Record that a URL was captured without having been claimed; a worker that holds its lease keeps the lease."""
    candidate = Candidate(url=url, source=source, brands=brands, due=now)
    key = url_key(url)
    row = _new_row(key, candidate, now) | {"state": DONE, "capture_id": capture_id}
    fresh = insert_for(connection)(BacklogRow).on_conflict_do_nothing(index_elements=[BacklogRow.url_key])
    if connection.execute(fresh.returning(BacklogRow.id), [row]).first() is not None:
        return
    known = connection.execute(select(BacklogRow).where(BacklogRow.url_key == key).with_for_update()).mappings().one()
    values: dict[str, Any] = _merged_values(known, candidate, (source,))
    if known["state"] != LEASED:
        values |= {"state": DONE, "capture_id": capture_id, "reason": "", "lease_token": None, "lease_until": None}  # nosec B105
        unlink(connection, [known["id"]])
    connection.execute(update(BacklogRow).where(BacklogRow.id == known["id"]).values(updated=now, **values))


def _new_row(key: bytes, candidate: Candidate, now: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "url": storable(candidate.url),
        "host": server_of_url(candidate.url),
        "brands": union(candidate.brands),
        "sources": (candidate.source,),
        "source": storable(candidate.source),
        "reasons": union(candidate.reasons)[:MAX_REASONS],
        "urgency": -candidate.priority,
        "due": candidate.due,
        "state": READY if candidate.due <= now else WAITING,
        "attempts": 0,
        "reason": "",
        "created": now,
        "updated": now,
    }


def _merge_known(
    connection: Connection, found: dict[bytes, Candidate], sources: dict[bytes, tuple[str, ...]], now: datetime
) -> None:
    if not found:
        return
    query = select(BacklogRow).where(BacklogRow.url_key.in_(found)).order_by(BacklogRow.id).with_for_update()
    for row in connection.execute(query).mappings().all():
        candidate = found[row["url_key"]]
        values = _merged_values(row, candidate, sources[row["url_key"]])
        if all(row[name] == value for name, value in values.items()):
            continue
        if row["state"] == WAITING and values["due"] <= now:
            values["state"] = READY
        connection.execute(update(BacklogRow).where(BacklogRow.id == row["id"]).values(updated=now, **values))
        if row["state"] in OPEN:
            unlink(connection, [row["id"]])
            merged = Candidate(
                candidate.url, candidate.source, values["brands"], priority=-values["urgency"], due=values["due"]
            )
            link(connection, [(row["id"], merged)])


def _merged_values(row: RowMapping, found: Candidate, sources: tuple[str, ...]) -> dict[str, Any]:
    still_open = row["state"] in OPEN
    return {
        "brands": union(row["brands"], found.brands),
        "sources": union(row["sources"], sources),
        "reasons": union(row["reasons"], found.reasons)[:MAX_REASONS],
        "urgency": min(row["urgency"], -found.priority),
        "due": min(row["due"], found.due) if still_open else row["due"],
    }


def link(connection: Connection, rows: Sequence[tuple[int, Candidate]]) -> None:
    """Add open rows to the index by brand."""
    links = [
        {"brand": storable(brand), "backlog_id": row_id, "urgency": -candidate.priority, "due": candidate.due}
        for row_id, candidate in rows
        for brand in union(candidate.brands)
    ]
    if links:
        connection.execute(insert(BacklogBrandRow), links)


def union(*groups: tuple[str, ...]) -> tuple[str, ...]:
    """Merge groups of strings: each string once, in the order of first appearance."""
    return tuple(dict.fromkeys(word for group in groups for word in group))


def overdue(connection: Connection, now: datetime, limits: Sequence[timedelta]) -> tuple[datetime | None, list[int]]:
    """Due date of the row that is due for the longest; numbers of due rows within each of ``limits``, and of all."""
    open_rows = BacklogRow.state.in_((READY, WAITING)) & (BacklogRow.due <= now)
    columns = [func.count().filter(BacklogRow.due > now - limit) for limit in limits]
    row = connection.execute(select(func.min(BacklogRow.due), func.count(), *columns).where(open_rows)).one()
    return row[0], [*row[2:], row[1]]
