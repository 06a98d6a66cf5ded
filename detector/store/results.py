"""Storing what was seen and concluded, and reading it back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, insert, select
from sqlalchemy.engine import Connection

from detector.model import Capture, Verdict, from_json, to_builtins, to_json
from detector.store.columns import storable, url_key
from detector.store.engine import Database
from detector.store.models import CaptureRow
from detector.store.phones import add_phones
from detector.store.sites import site_of

T = TypeVar("T")
PAGE = 50
"""Captures or cases that are read at a time; between two pages no transaction is open."""


def add_capture(
    connection: Connection, capture: Capture, verdict: Verdict, *, source: str, token: str | None, now: datetime
) -> int:
    """Insert one capture with its verdict and the telephone numbers that it shows; its id."""
    values: dict[str, Any] = {
        "claim_token": token,
        "url": storable(capture.url),
        "url_key": url_key(capture.url),
        "final_url": storable(capture.final_url),
        "site": storable(site_of(capture)),
        "outcome": str(capture.outcome),
        "decision": str(verdict.decision),
        "brand": None if verdict.brand is None else storable(verdict.brand),
        "probability": verdict.probability,
        "profile": storable(capture.profile),
        "source": storable(source),
        "started": capture.started,
        "stored": now,
        "screenshot_sha256": capture.screenshot.sha256 if capture.screenshot else None,
        "capture_json": encode(capture),
        "verdict_json": encode(verdict),
    }
    capture_id = int(connection.execute(insert(CaptureRow).returning(CaptureRow.id), [values]).scalar_one())
    add_phones(connection, capture_id, capture)
    return capture_id


def capture_of_token(connection: Connection, token: str) -> int | None:
    """The capture that a claim led to."""
    return connection.execute(select(CaptureRow.id).where(CaptureRow.claim_token == token)).scalar()


def stream_captures(
    database: Database,
    *,
    decisions: Collection[str] | None,
    brands: Collection[str] | None,
    site: str | None,
    url: str | None,
    since: datetime | None,
) -> Iterator[tuple[int, Capture, Verdict]]:
    """Newest first, a page at a time."""
    query = select(CaptureRow.id, CaptureRow.capture_json, CaptureRow.verdict_json)
    if decisions is not None:
        query = query.where(CaptureRow.decision.in_([str(decision) for decision in decisions]))
    if brands is not None:
        query = query.where(CaptureRow.brand.in_(list(brands)))
    if site is not None:
        query = query.where(CaptureRow.site == site)
    if url is not None:
        query = query.where(CaptureRow.url_key == url_key(url))
    if since is not None:
        query = query.where(CaptureRow.started >= since)
    return _pages(database, query)


def load_captures(connection: Connection, ids: Sequence[int]) -> list[tuple[int, Capture, Verdict]]:
    """Captures in the order of ``ids``; ids of no capture are passed over."""
    query = select(CaptureRow.id, CaptureRow.capture_json, CaptureRow.verdict_json).where(CaptureRow.id.in_(ids))
    found = {row_id: (capture, verdict) for row_id, capture, verdict in connection.execute(query)}
    return [
        (row_id, from_json(found[row_id][0], Capture), from_json(found[row_id][1], Verdict))
        for row_id in ids
        if row_id in found
    ]


def _pages(database: Database, query: Select[int, str, str]) -> Iterator[tuple[int, Capture, Verdict]]:
    before: int | None = None
    while True:
        page = query if before is None else query.where(CaptureRow.id < before)
        with database.read() as connection:
            rows = connection.execute(page.order_by(CaptureRow.id.desc()).limit(PAGE)).all()
        for row_id, capture, verdict in rows:
            yield row_id, from_json(capture, Capture), from_json(verdict, Verdict)
        if len(rows) < PAGE:
            return
        before = rows[-1][0]


def encode(value: Capture | Verdict) -> str:
    """JSON text of a model object; lone surrogates, which no UTF-8 can hold, become U+FFFD."""
    try:
        return to_json(value).decode()
    except UnicodeEncodeError:
        return to_json(_scrub(to_builtins(value))).decode()


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {key: _scrub(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(item) for item in value]
    return value
