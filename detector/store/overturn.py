"""A verdict that takes the place of one by which a page was cleared: brands are added and judges learn.

Only what nothing rests on is changed: a capture that a case shows, or a manifest names, keeps the verdict that was sealed with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from detector.model import Capture, Decision, Verdict, from_json
from detector.store.cases import open_or_update
from detector.store.columns import storable
from detector.store.models import CaptureRow
from detector.store.results import encode
from detector.store.retention import nothing_rests_on_it

CLEARED = (Decision.CLEAR, Decision.OWNED)
"""Verdicts on pages that were seen and make no case."""


def cleared_ids(connection: Connection, since: datetime) -> list[int]:
    """Captures begun since then whose page was cleared, the latest of each URL, oldest first."""
    query = select(CaptureRow.id).where(CaptureRow.started >= since, *_stands()).order_by(CaptureRow.id)
    return list(connection.execute(query).scalars())


def cleared_capture(connection: Connection, capture_id: int) -> Capture | None:
    """One of them; None where it is none, or none any more."""
    query = select(CaptureRow.capture_json).where(CaptureRow.id == capture_id, *_stands())
    found = connection.execute(query).scalar()
    return None if found is None else from_json(found, Capture)


def overturn(connection: Connection, capture_id: int, verdict: Verdict, now: datetime) -> int | None:
    """Put a verdict in the place of the one that cleared a page, and open its case: the case's id.

    None where nothing was changed: the verdict makes no case, the capture is gone, no longer cleared, or sealed.
    """
    query = select(CaptureRow).where(CaptureRow.id == capture_id, *_stands(), *nothing_rests_on_it())
    row = connection.execute(query.with_for_update(of=CaptureRow)).mappings().first()
    if row is None or not verdict.is_suspect:
        return None
    capture = from_json(row["capture_json"], Capture)
    case_id = open_or_update(connection, capture_id, capture, verdict, (row["source"],), now)
    if case_id is not None:
        values = {
            "decision": str(verdict.decision),
            "brand": None if verdict.brand is None else storable(verdict.brand),
            "probability": verdict.probability,
            "verdict_json": encode(verdict),
        }
        connection.execute(update(CaptureRow).where(CaptureRow.id == capture_id).values(**values))
    return case_id


def _stands() -> tuple[ColumnElement[bool], ...]:
    newer = aliased(CaptureRow)
    return (
        CaptureRow.decision.in_([str(decision) for decision in CLEARED]),
        ~exists().where(newer.url_key == CaptureRow.url_key, newer.id > CaptureRow.id),
    )
