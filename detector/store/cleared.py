"""Captures of pages that make no case: a new verdict may replace the old one, and old ones are deleted.

Both only where nothing depends on the capture: one that a case shows, or a manifest names, stays with the verdict that was sealed
with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from detector.model import Capture, Decision, StoredFile, Verdict
from detector.store.cases import open_or_update
from detector.store.chains.evidence_rows import ManifestRow
from detector.store.chains.journal import note_capture
from detector.store.columns import encode, storable
from detector.store.damage import stored_json
from detector.store.engine import Database
from detector.store.models import BacklogRow, CaptureRow, CaseRow, PhoneRow, PhoneSightingRow

SEEN_AND_CLEARED = (Decision.CLEAR, Decision.OWNED)
"""Verdicts on pages that were seen and make no case."""
CLEARED = (Decision.CLEAR, Decision.OWNED, Decision.UNSEEN)
"""Verdicts that open no case."""
BATCH = 500


def cleared_ids(connection: Connection, since: datetime) -> list[int]:
    """Captures started at ``since`` or later whose page was cleared: the latest of each URL, oldest first."""
    query = select(CaptureRow.id).where(CaptureRow.started >= since, *_latest_and_cleared()).order_by(CaptureRow.id)
    return list(connection.execute(query).scalars())


def cleared_capture(connection: Connection, capture_id: int) -> Capture | None:
    """One of :func:`cleared_ids`; None where the capture is not, or no longer, one of them."""
    query = select(CaptureRow.capture_json).where(CaptureRow.id == capture_id, *_latest_and_cleared())
    found = connection.execute(query).scalar()
    return None if found is None else stored_json(found, Capture, "capture", capture_id)


def overturn(connection: Connection, capture_id: int, verdict: Verdict, now: datetime) -> int | None:
    """Replace the verdict that cleared a page by ``verdict``, and open its case: the case's id.

    None where nothing was changed: the verdict makes no case, or the capture is gone, no longer cleared, or sealed.
    """
    query = select(CaptureRow).where(CaptureRow.id == capture_id, *_latest_and_cleared(), *_unused())
    row = connection.execute(query.with_for_update(of=CaptureRow)).mappings().first()
    if row is None or not verdict.is_suspect:
        return None
    capture = stored_json(row["capture_json"], Capture, "capture", capture_id)
    case_id = open_or_update(connection, capture_id, capture, verdict, (row["source"],), now)
    if case_id is not None:
        values = {
            "decision": str(verdict.decision),
            "brand": None if verdict.brand is None else storable(verdict.brand),
            "probability": verdict.probability,
            "verdict_json": encode(verdict),
        }
        connection.execute(update(CaptureRow).where(CaptureRow.id == capture_id).values(**values))
        note_capture(connection, capture_id)
    return case_id


def _latest_and_cleared() -> tuple[ColumnElement[bool], ...]:
    newer = aliased(CaptureRow)
    return (
        CaptureRow.decision.in_([str(decision) for decision in SEEN_AND_CLEARED]),
        ~exists().where(newer.url_key == CaptureRow.url_key, newer.id > CaptureRow.id),
    )


def forget_cleared(database: Database, before: datetime) -> int:
    """Delete the captures of cleared pages that were started before ``before``; the number deleted.

    Captures that a case shows or a manifest names stay; so does the backlog's row, which says that the URL was captured.
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
    """Number of captures that :func:`forget_cleared` would delete."""
    return int(
        connection.execute(select(func.count()).select_from(CaptureRow).where(*_conditions(before))).scalar_one()
    )


def stored_files(database: Database) -> Iterator[StoredFile]:
    """Every file that a capture names; a file that several captures name comes several times."""
    after = 0
    while True:
        with database.read() as connection:
            query = select(CaptureRow.id, CaptureRow.capture_json).where(CaptureRow.id > after)
            page = connection.execute(query.order_by(CaptureRow.id).limit(BATCH)).all()
        for row in page:
            for view in stored_json(row.capture_json, Capture, "capture", row.id).views:
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
        *_unused(),
    )


def _unused() -> tuple[ColumnElement[bool], ...]:
    """Conditions for a capture that no case shows and no manifest names."""
    return (
        ~exists().where(CaseRow.capture_id == CaptureRow.id),
        ~exists().where(ManifestRow.capture_id == CaptureRow.id),
    )
