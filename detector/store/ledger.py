"""Small books: what was delivered to whom, how far a source had got, and how many rows there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.engine import Connection

from detector.model import CaseState
from detector.store.backlog import DONE, LEASED, QUARANTINED, READY, WAITING
from detector.store.columns import storable
from detector.store.engine import insert_for
from detector.store.models import BacklogRow, CaptureRow, CaseRow, DeliveryRow, MemoryRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """A case that was handed over to a destination."""

    destination: str
    case_id: int
    capture_id: int
    """The capture that was in front of the case at that moment."""
    reference: str
    """The id that the destination knows the case by."""
    at: datetime


def add_delivery(connection: Connection, delivery: Delivery) -> bool:
    """Note a delivery; False where that destination had the case already."""
    add = insert_for(connection)(DeliveryRow).on_conflict_do_nothing(
        index_elements=[DeliveryRow.destination, DeliveryRow.case_id]
    )
    values = {
        "destination": storable(delivery.destination),
        "case_id": delivery.case_id,
        "capture_id": delivery.capture_id,
        "reference": delivery.reference,
        "at": delivery.at,
    }
    return connection.execute(add.returning(DeliveryRow.id), [values]).first() is not None


def deliveries(connection: Connection, destination: str | None) -> list[Delivery]:
    """What was delivered, oldest first."""
    query = select(DeliveryRow).order_by(DeliveryRow.id)
    if destination is not None:
        query = query.where(DeliveryRow.destination == storable(destination))
    return [
        Delivery(row["destination"], row["case_id"], row["capture_id"], row["reference"], row["at"])
        for row in connection.execute(query).mappings()
    ]


def remember(connection: Connection, source: str, key: str, value: str, now: datetime) -> None:
    """Keep a value under a key of a source; the last one stays."""
    add = insert_for(connection)(MemoryRow)
    add = add.on_conflict_do_update(
        index_elements=[MemoryRow.source, MemoryRow.key],
        set_={"value": add.excluded.value, "updated": add.excluded.updated},
    )
    connection.execute(add, [{"source": source, "key": key, "value": storable(value), "updated": now}])


def recall(connection: Connection, source: str, key: str) -> str | None:
    """The value kept under a key of a source."""
    query = select(MemoryRow.value).where(MemoryRow.source == source, MemoryRow.key == key)
    return connection.execute(query).scalar()


def forget(connection: Connection, source: str, before: datetime) -> int:
    """Drop what a source has kept and not renewed since ``before``; how much."""
    old = delete(MemoryRow).where(MemoryRow.source == source, MemoryRow.updated < before)
    return connection.execute(old).rowcount


def recall_all(connection: Connection, key: str) -> dict[str, str]:
    """The values that sources keep under ``key``."""
    query = select(MemoryRow.source, MemoryRow.value).where(MemoryRow.key == key).order_by(MemoryRow.source)
    return {row.source: row.value for row in connection.execute(query)}


def overdue(connection: Connection, now: datetime, limits: Sequence[timedelta]) -> tuple[datetime | None, list[int]]:
    """Since when the longest due row has waited; how many wait no longer than each of ``limits``, and how many in all."""
    open_rows = BacklogRow.state.in_((READY, WAITING)) & (BacklogRow.due <= now)
    columns = [func.count().filter(BacklogRow.due > now - limit) for limit in limits]
    row = connection.execute(select(func.min(BacklogRow.due), func.count(), *columns).where(open_rows)).one()
    return row[0], [*row[2:], row[1]]


def decisions(connection: Connection) -> dict[str, int]:
    """How many captures were judged in each way."""
    query = select(CaptureRow.decision, func.count()).group_by(CaptureRow.decision)
    return {row[0]: row[1] for row in connection.execute(query)}


def counts(connection: Connection, now: datetime) -> dict[str, int]:
    """Rows of each kind; every key is there, 0 where there are none."""
    number = func.count()

    def backlog(*conditions: ColumnElement[bool]) -> int:
        return int(connection.execute(select(number).select_from(BacklogRow).where(*conditions)).scalar_one())

    state, lease = BacklogRow.state, BacklogRow.lease_until
    come, expired = BacklogRow.due <= now, lease <= now
    result = {
        "due": backlog(state == READY, come) + backlog(state == WAITING, come) + backlog(state == LEASED, expired),
        "waiting": backlog(state == READY, ~come) + backlog(state == WAITING, ~come),
        "leased": backlog(state == LEASED, ~expired),
        "done": backlog(state == DONE),
        "quarantined": backlog(state == QUARANTINED),
        "captures": int(connection.execute(select(number).select_from(CaptureRow)).scalar_one()),
        "cases": int(connection.execute(select(number).select_from(CaseRow)).scalar_one()),
    }
    by_state = {row[0]: row[1] for row in connection.execute(select(CaseRow.state, number).group_by(CaseRow.state))}
    return result | {f"cases_{case_state}": by_state.get(str(case_state), 0) for case_state in CaseState}
