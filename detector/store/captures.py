"""Captures and their verdicts: stored, read back, counted, and deleted when they are no longer needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.engine import Connection

from detector.model import Capture, Decision, StoredFile, Verdict
from detector.store import cleared
from detector.store.chains.journal import note_capture
from detector.store.columns import encode, storable, url_key
from detector.store.damage import LEFT_OUT, DamagedRow, stored_json
from detector.store.engine import PAGE, Database
from detector.store.models import CaptureRow
from detector.store.phones import add_phones
from detector.store.sites import site_of


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
    if verdict.is_suspect:
        note_capture(connection, capture_id)
    return capture_id


def capture_of_token(connection: Connection, token: str) -> int | None:
    """Id of the capture that a claim led to; None where there is none."""
    return connection.execute(select(CaptureRow.id).where(CaptureRow.claim_token == token)).scalar()


class Captures:
    """Stored captures and their verdicts; every operation is one transaction, a stream one for each page."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def stream(
        self,
        *,
        decisions: Collection[Decision] | None = None,
        brands: Collection[str] | None = None,
        site: str | None = None,
        url: str | None = None,
        since: datetime | None = None,
    ) -> Iterator[tuple[int, Capture, Verdict]]:
        """Captures with their ids and verdicts, newest first; ``since`` compares with the time at which a capture started."""
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
        return _pages(self._database, query)

    def decisions(self) -> dict[str, int]:
        """Number of captures by the decision of their verdict."""
        query = select(CaptureRow.decision, func.count()).group_by(CaptureRow.decision)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def cleared_ids(self, since: datetime) -> list[int]:
        """Captures since ``since`` whose page was cleared, or is the brand's own: the latest of each URL, oldest first."""
        with self._database.read() as connection:
            return cleared.cleared_ids(connection, since)

    def cleared_capture(self, capture_id: int) -> Capture | None:
        """One of :meth:`cleared_ids`; None where the capture is not, or no longer, one of them, or cannot be read."""
        with self._database.read() as connection:
            try:
                return cleared.cleared_capture(connection, capture_id)
            except DamagedRow as damaged:
                LEFT_OUT.add(damaged)
                return None

    def count_cleared(self, before: datetime) -> int:
        """Number of captures that :meth:`forget_cleared` would delete."""
        with self._database.read() as connection:
            return cleared.count_cleared(connection, before)

    def forget_cleared(self, before: datetime) -> int:
        """Delete captures started before ``before`` that belong to no case and no manifest; the number deleted."""
        return cleared.forget_cleared(self._database, before)

    def files(self) -> Iterator[StoredFile]:
        """Every evidence file that a capture names, as a stream; a file that several captures name comes several times."""
        return cleared.stored_files(self._database)


def _pages(database: Database, query: Select[int, str, str]) -> Iterator[tuple[int, Capture, Verdict]]:
    before: int | None = None
    while True:
        page = query if before is None else query.where(CaptureRow.id < before)
        with database.read() as connection:
            rows = connection.execute(page.order_by(CaptureRow.id.desc()).limit(PAGE)).all()
        for row_id, capture, verdict in rows:
            try:
                decoded = (
                    stored_json(capture, Capture, "capture", row_id),
                    stored_json(verdict, Verdict, "capture", row_id),
                )
            except DamagedRow as damaged:
                LEFT_OUT.add(damaged)
                continue
            yield row_id, *decoded
        if len(rows) < PAGE:
            return
        before = rows[-1][0]
