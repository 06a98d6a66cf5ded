"""Telephone numbers, with the captures and cases that show each and since when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select
from sqlalchemy.engine import Connection

from detector.model import Capture, Case, Verdict
from detector.store import cases
from detector.store.cases import OPENING
from detector.store.columns import storable
from detector.store.damage import readable, stored_json
from detector.store.engine import BIND_LIMIT, PAGE, Database, insert_for
from detector.store.models import CaptureRow, CaseRow, PhoneRow, PhoneSightingRow

MAX_RAW = 200
"""Most characters that are kept of a number as a page writes it."""


@dataclass(frozen=True, slots=True)
class PhoneSummary:
    """One number with all that is stored about it."""

    number: str
    """E.164."""
    region: str
    captures: int
    cases: int
    brands: tuple[str, ...]
    """Ids of the brands that pages with the number imitate, by their verdicts (flagged or for review)."""
    official: tuple[str, ...]
    """Ids of the brands whose own number it is."""
    sources: tuple[str, ...]
    written: tuple[str, ...]
    """The ways in which pages write it."""
    first_seen: datetime
    last_seen: datetime


class PhoneNumbers:
    """Telephone numbers that captures show; every operation is one transaction, a stream one for each page."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def find(self, *, brands: Collection[str] | None = None) -> list[PhoneSummary]:
        """All numbers, those on the most captures first.

        With ``brands``, only numbers on pages that were judged to imitate one of them.
        """
        with self._database.read() as connection:
            return summaries(connection, brands=brands)

    def get(self, number: str) -> PhoneSummary | None:
        """Summary of one number (E.164); None where no capture shows it."""
        with self._database.read() as connection:
            return next(iter(summaries(connection, number=number)), None)

    def captures(self, number: str) -> Iterator[tuple[int, Capture, Verdict]]:
        """Captures that show a number (E.164), newest first, as a stream."""
        with self._database.read() as connection:
            ids = capture_ids(connection, number)
        for start in range(0, len(ids), PAGE):
            with self._database.read() as connection:
                page = load_captures(connection, ids[start : start + PAGE])
            yield from page

    def cases(self, number: str) -> list[Case]:
        """Cases with a capture that shows a number (E.164), in the order in which they were opened."""
        with self._database.read() as connection:
            return cases.load(connection, case_ids(connection, number))


def add_phones(connection: Connection, capture_id: int, capture: Capture) -> None:
    """Link a stored capture to every number that it shows, those of other profiles' views included."""
    seen = dict.fromkeys(
        (phone.number, phone.region, view.profile, str(phone.source), phone.raw, phone.vanity, phone.official)
        for view in (capture, *capture.others)
        for phone in view.phones
    )
    if not seen:
        return
    regions = {number: region for number, region, *_ in seen}
    fresh = insert_for(connection)(PhoneRow).on_conflict_do_nothing(index_elements=[PhoneRow.number])
    # in one order everywhere, so that two writers that insert the same numbers never deadlock
    connection.execute(fresh, [{"number": n, "region": storable(regions[n])} for n in sorted(regions)])
    query = select(PhoneRow.number, PhoneRow.id).where(PhoneRow.number.in_(regions))
    ids = {row.number: row.id for row in connection.execute(query)}
    rows = [
        {
            "phone_id": ids[number],
            "capture_id": capture_id,
            "profile": storable(profile),
            "source": source,
            "raw": storable(raw)[:MAX_RAW],
            "vanity": vanity,
            "official": None if official is None else storable(official),
        }
        for number, _, profile, source, raw, vanity, official in seen
    ]
    connection.execute(insert(PhoneSightingRow), rows)


def summaries(
    connection: Connection, *, brands: Collection[str] | None = None, number: str | None = None
) -> list[PhoneSummary]:
    """Numbers, those on the most captures first; with ``brands``, only those on pages that imitate one of them."""
    conditions = []
    if number is not None:
        conditions.append(PhoneRow.number == number)
    if brands is not None:
        shown = select(PhoneSightingRow.phone_id).join(CaptureRow, CaptureRow.id == PhoneSightingRow.capture_id)
        opening = [str(decision) for decision in OPENING]
        shown = shown.where(CaptureRow.brand.in_(list(brands)), CaptureRow.decision.in_(opening))
        conditions.append(PhoneRow.id.in_(shown))
    captures = func.count(PhoneSightingRow.capture_id.distinct()).label("captures")
    query = (
        select(
            PhoneRow.id,
            PhoneRow.number,
            PhoneRow.region,
            captures,
            func.min(CaptureRow.started).label("first_seen"),
            func.max(CaptureRow.started).label("last_seen"),
        )
        .join(PhoneSightingRow, PhoneSightingRow.phone_id == PhoneRow.id)
        .join(CaptureRow, CaptureRow.id == PhoneSightingRow.capture_id)
        .where(*conditions)
        .group_by(PhoneRow.id, PhoneRow.number, PhoneRow.region)
        .order_by(captures.desc(), PhoneRow.number)
    )
    rows = connection.execute(query).mappings().all()
    details = _details(connection, [row["id"] for row in rows])
    cases_of = _cases(connection, [row["id"] for row in rows])
    return [
        PhoneSummary(
            number=row["number"],
            region=row["region"],
            captures=row["captures"],
            cases=len(cases_of.get(row["id"], ())),
            first_seen=row["first_seen"],
            last_seen=row["last_seen"],
            **{name: tuple(sorted(words)) for name, words in details[row["id"]].items()},
        )
        for row in rows
    ]


def capture_ids(connection: Connection, number: str) -> list[int]:
    """Captures that show a number, newest first."""
    query = select(PhoneSightingRow.capture_id).join(PhoneRow, PhoneRow.id == PhoneSightingRow.phone_id).distinct()
    query = query.where(PhoneRow.number == number).order_by(PhoneSightingRow.capture_id.desc())
    return list(connection.execute(query).scalars())


def case_ids(connection: Connection, number: str) -> list[int]:
    """Cases with a capture that shows a number, oldest first."""
    phone_id = connection.execute(select(PhoneRow.id).where(PhoneRow.number == number)).scalar()
    return [] if phone_id is None else sorted(_cases(connection, [phone_id]).get(phone_id, ()))


def load_captures(connection: Connection, ids: Sequence[int]) -> list[tuple[int, Capture, Verdict]]:
    """Captures in the order of ``ids``; ids of no capture are passed over, as are damaged rows."""
    return readable(ids, lambda some: _load_captures(connection, some))


def _load_captures(connection: Connection, ids: Sequence[int]) -> list[tuple[int, Capture, Verdict]]:
    query = select(CaptureRow.id, CaptureRow.capture_json, CaptureRow.verdict_json).where(CaptureRow.id.in_(ids))
    found = {row_id: (capture, verdict) for row_id, capture, verdict in connection.execute(query)}
    return [(row_id, *_decoded(row_id, *found[row_id])) for row_id in ids if row_id in found]


def _decoded(row_id: int, capture: str, verdict: str) -> tuple[Capture, Verdict]:
    return stored_json(capture, Capture, "capture", row_id), stored_json(verdict, Verdict, "capture", row_id)


def _cases(connection: Connection, phone_ids: Sequence[int]) -> dict[int, set[int]]:
    """Ids of cases by id of number: those of the same site and brand as a capture that speaks for a case."""
    same = and_(CaseRow.site == CaptureRow.site, CaseRow.brand == func.coalesce(CaptureRow.brand, ""))
    query = (
        select(PhoneSightingRow.phone_id, CaseRow.id)
        .join(CaptureRow, CaptureRow.id == PhoneSightingRow.capture_id)
        .join(CaseRow, same)
        .where(CaptureRow.decision.in_([str(decision) for decision in OPENING]))
        .distinct()
    )
    found: dict[int, set[int]] = {}
    for start in range(0, len(phone_ids), BIND_LIMIT):
        some = phone_ids[start : start + BIND_LIMIT]
        for phone_id, case_id in connection.execute(query.where(PhoneSightingRow.phone_id.in_(some))):
            found.setdefault(phone_id, set()).add(case_id)
    return found


def _details(connection: Connection, phone_ids: Sequence[int]) -> dict[int, dict[str, set[str]]]:
    names = ("brands", "official", "sources", "written")
    found: dict[int, dict[str, set[str]]] = {phone_id: {name: set() for name in names} for phone_id in phone_ids}
    query: Any = select(
        PhoneSightingRow.phone_id,
        PhoneSightingRow.source,
        PhoneSightingRow.raw,
        PhoneSightingRow.official,
        CaptureRow.brand,
        CaptureRow.decision,
    ).join(CaptureRow, CaptureRow.id == PhoneSightingRow.capture_id)
    for start in range(0, len(phone_ids), BIND_LIMIT):
        some = phone_ids[start : start + BIND_LIMIT]
        for row in connection.execute(query.where(PhoneSightingRow.phone_id.in_(some)).distinct()).mappings():
            words = found[row["phone_id"]]
            words["sources"].add(row["source"])
            words["written"].add(row["raw"])
            if row["official"]:
                words["official"].add(row["official"])
            if row["brand"] and row["decision"] in OPENING:
                words["brands"].add(row["brand"])
    return found
