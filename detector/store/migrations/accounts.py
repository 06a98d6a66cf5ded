"""Name sites anew in a database from before accounts of one host (buckets, ``/~user/``, forms) were told apart.

A case keeps what people said of it, for the account whose page it shows; destinations go on knowing it by its old name.  Suspicious
pages of other accounts, which had come under that case, get cases of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from detector.model import Capture, Decision, Verdict
from detector.store.cases import open_or_update
from detector.store.chains.journal import note, note_capture, relied_on
from detector.store.columns import storable
from detector.store.damage import DamagedRow, stored_json
from detector.store.models import CaptureRow, CaseRow
from detector.store.sites import site_of_url

PAGE = 1000


def tell_accounts_apart(connection: Connection, now: datetime) -> None:
    """Give captures and cases the sites of their accounts, and open the cases that were missing."""
    moved = {}
    for capture_id, old, new in _renamed(connection):
        connection.execute(update(CaptureRow).where(CaptureRow.id == capture_id).values(site=new))
        moved[capture_id] = (old, new)
    if not moved:
        return
    for case_id, capture_id in connection.execute(select(CaseRow.id, CaseRow.capture_id).order_by(CaseRow.id)).all():
        if capture_id in moved:
            old, new = moved[capture_id]
            connection.execute(update(CaseRow).where(CaseRow.id == case_id).values(site=new, named=old))
            note(connection, CaseRow, case_id)
    for capture_id in sorted(set(relied_on(connection, CaptureRow.__tablename__)) & moved.keys()):
        note_capture(connection, capture_id)
        _open_missing(connection, capture_id, now)


def _renamed(connection: Connection) -> Iterator[tuple[int, str, str]]:
    """Yield id, old and new site of each capture whose site changes."""
    after = 0
    columns = (CaptureRow.id, CaptureRow.site, CaptureRow.final_url, CaptureRow.url)
    while page := connection.execute(
        select(*columns).where(CaptureRow.id > after).order_by(CaptureRow.id).limit(PAGE)
    ).all():
        for row in page:
            new = storable(site_of_url(row.final_url) or site_of_url(row.url))
            if new != row.site:
                yield row.id, row.site, new
        after = page[-1].id


def _open_missing(connection: Connection, capture_id: int, now: datetime) -> None:
    """Open the case of a suspicious capture whose account has none for its brand."""
    row = connection.execute(select(CaptureRow).where(CaptureRow.id == capture_id)).mappings().one()
    if row["decision"] not in (Decision.FLAGGED, Decision.REVIEW):
        return
    same = select(CaseRow.id, CaseRow.opened).where(CaseRow.site == row["site"], CaseRow.brand == (row["brand"] or ""))
    case = connection.execute(same).first()
    if case is not None and case.opened != now:
        return
    try:
        capture = stored_json(row["capture_json"], Capture, "capture", capture_id)
        verdict = stored_json(row["verdict_json"], Verdict, "capture", capture_id)
    except DamagedRow:
        return  # named by whoever reads it next
    open_or_update(connection, capture_id, capture, verdict, (row["source"],), now)
