"""Deliveries: cases that were handed over to a destination or withdrawn from it, each step once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from detector.store.chains import chain
from detector.store.chains.chain import Handover
from detector.store.chains.journal import note
from detector.store.columns import storable
from detector.store.custody import PROGRAM
from detector.store.engine import Database, insert_for
from detector.store.models import DeliveryRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """A case that was handed over to a destination, or withdrawn from it."""

    destination: str
    case_id: int
    capture_id: int
    """The capture that was in front of the case at that moment."""
    reference: str
    """The id that the destination knows the case by."""
    at: datetime
    number: int = 1
    """1 for the first delivery of the case to that destination, then one more for each."""
    withdrawal: bool = False
    """The destination was told that the case is not to be acted on."""
    line: int | None = None
    """Number of the line in the destination's file, from 1; None where it has none."""
    body_sha256: str | None = None
    """SHA-256 of what the destination was told, without the line feed."""


class Deliveries:
    """Cases that were handed over; every operation is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, delivery: Delivery, *, actor: str = PROGRAM) -> bool:
        """Record a delivery, also in the handover log; False where that destination had the one of that number already."""
        with self._database.write() as connection:
            if not _add(connection, delivery):
                return False
            sealed = chain.manifest_of(connection, delivery.capture_id)
            handover = Handover(
                delivery.case_id,
                delivery.capture_id,
                delivery.at,
                actor,
                "withdrawal" if delivery.withdrawal else "takedown",
                delivery.destination,
                sealed.sequence if sealed else None,
                sealed.sha256 if sealed else None,
            )
            chain.append_handover(connection, handover)
            return True

    def find(self, destination: str | None = None) -> list[Delivery]:
        """Deliveries to all destinations, or to one, oldest first."""
        query = select(DeliveryRow).order_by(DeliveryRow.id)
        if destination is not None:
            query = query.where(DeliveryRow.destination == storable(destination))
        with self._database.read() as connection:
            return [
                Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})
                for row in connection.execute(query).mappings()
            ]


def _add(connection: Connection, delivery: Delivery) -> bool:
    """Insert a delivery; False where that destination had the one of that number already."""
    add = insert_for(connection)(DeliveryRow).on_conflict_do_nothing(
        index_elements=[DeliveryRow.destination, DeliveryRow.case_id, DeliveryRow.number]
    )
    values = {
        "destination": storable(delivery.destination),
        "case_id": delivery.case_id,
        "capture_id": delivery.capture_id,
        "reference": delivery.reference,
        "at": delivery.at,
        "number": delivery.number,
        "withdrawal": delivery.withdrawal,
        "line": delivery.line,
        "body_sha256": delivery.body_sha256,
    }
    added = connection.execute(add.returning(DeliveryRow.id), [values]).scalar()
    if added is None:
        return False
    note(connection, DeliveryRow, added)
    return True
