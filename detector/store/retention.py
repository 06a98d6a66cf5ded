"""What need not be kept: captures of pages that turned out to be nobody's imitation, once they are old enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.engine import Connection

from detector.model import Capture, Decision, StoredFile, from_json
from detector.store.engine import Database
from detector.store.evidence_rows import ManifestRow
from detector.store.models import BacklogRow, CaptureRow, CaseRow, PhoneRow, PhoneSightingRow

CLEARED = (Decision.CLEAR, Decision.OWNED, Decision.UNSEEN)
"""Verdicts that open no case."""
BATCH = 500


def forget_cleared(database: Database, before: datetime) -> int:
    """Delete the captures of cleared pages that were begun before; how many.

    What a case shows, or a manifest names, stays; so does the row of the backlog, which knows that the address was looked at.
    """
    gone = 0
    while True:
        with database.write() as connection:
            ids = _cleared(connection, before)
            if not ids:
                connection.execute(delete(PhoneRow).where(~exists().where(PhoneSightingRow.phone_id == PhoneRow.id)))
                return gone
            connection.execute(update(BacklogRow).where(BacklogRow.capture_id.in_(ids)).values(capture_id=None))
            connection.execute(delete(PhoneSightingRow).where(PhoneSightingRow.capture_id.in_(ids)))
            connection.execute(delete(CaptureRow).where(CaptureRow.id.in_(ids)))
            gone += len(ids)


def count_cleared(connection: Connection, before: datetime) -> int:
    """How many :func:`forget_cleared` would delete."""
    return int(
        connection.execute(select(func.count()).select_from(CaptureRow).where(*_conditions(before))).scalar_one()
    )


def stored_files(database: Database) -> Iterator[StoredFile]:
    """Every file that some capture names, some more than once."""
    after = 0
    while True:
        with database.read() as connection:
            query = select(CaptureRow.id, CaptureRow.capture_json).where(CaptureRow.id > after)
            page = connection.execute(query.order_by(CaptureRow.id).limit(BATCH)).all()
        for row in page:
            for view in from_json(row.capture_json, Capture).views:
                yield from (stored for _, stored in view.files())
        if not page:
            return
        after = page[-1].id


def _cleared(connection: Connection, before: datetime) -> list[int]:
    query = select(CaptureRow.id).where(*_conditions(before)).order_by(CaptureRow.id).limit(BATCH)
    return list(connection.execute(query).scalars())


def _conditions(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        CaptureRow.decision.in_([str(decision) for decision in CLEARED]),
        CaptureRow.started < before,
        *nothing_rests_on_it(),
    )


def nothing_rests_on_it() -> tuple[ColumnElement[bool], ...]:
    """Of a capture: no case shows it, and no manifest names it."""
    return (
        ~exists().where(CaseRow.capture_id == CaptureRow.id),
        ~exists().where(ManifestRow.capture_id == CaptureRow.id),
    )
