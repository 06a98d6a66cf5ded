"""The custody log: who moved a case when and why, and to whom its evidence was handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, exists, func, insert, select
from sqlalchemy.engine import Connection

from detector.errors import UsageError
from detector.model import CaseState
from detector.store.chains import chain
from detector.store.chains.journal import note
from detector.store.columns import storable
from detector.store.engine import Database
from detector.store.models import CaseRow, CustodyRow

PROGRAM = "clonewatch"
"""Actor of steps that the program itself took."""


@dataclass(frozen=True, slots=True)
class CustodyEntry:
    """One move of a case, or a comment on it."""

    at: datetime
    actor: str
    before: CaseState | None
    """None for the entry that opened the case."""
    after: CaseState
    comment: str


@dataclass(frozen=True, slots=True)
class CustodyStep:
    """One step in the life of a case and its evidence, as lists show it."""

    at: datetime
    case: int
    actor: str
    action: str
    """``state`` (the case moved), ``export`` (a bundle was written), ``takedown`` (a line of the takedown queue),
    ``withdrawal`` (a line that takes it back)."""
    detail: str
    """The new state and why, or where the evidence went."""
    manifest: int | None = None
    manifest_sha256: str | None = None


class CustodyLog:
    """Moves of cases and handovers of their evidence; every operation is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def of_case(self, case_id: int) -> list[CustodyEntry]:
        """Moves of one case, oldest first; none where there is no such case."""
        with self._database.read() as connection:
            return [entry for _, entry in _entries(connection, case_id)]

    def steps(self, case_id: int | None = None) -> list[CustodyStep]:
        """Moves and handovers of one case, or of all cases, oldest first.

        Raises:
            UsageError: there is no such case.
        """
        with self._database.read() as connection:
            known = case_id is None or connection.execute(select(exists().where(CaseRow.id == case_id))).scalar_one()
            if not known:
                raise UsageError(f"there is no case {case_id}; `clonewatch cases list` shows them")
            moves = _entries(connection, case_id)
            handovers = chain.handovers(connection, case_id)
        steps = [
            CustodyStep(
                entry.at,
                number,
                entry.actor,
                "state",
                f"{entry.after}: {entry.comment}" if entry.comment else str(entry.after),
            )
            for number, entry in moves
        ]
        steps += [
            CustodyStep(
                each.handover.at,
                each.handover.case_id,
                each.handover.actor,
                each.handover.action,
                each.handover.destination,
                each.handover.manifest,
                each.handover.manifest_sha256,
            )
            for each in handovers
        ]
        return sorted(steps, key=lambda step: step.at)


def log(
    connection: Connection,
    case_id: int,
    actor: str,
    before: CaseState | None,
    after: CaseState,
    comment: str,
    now: datetime,
) -> None:
    """Add an entry to the custody log in the caller's transaction."""
    values = {
        "case_id": case_id,
        "at": now,
        "actor": storable(actor),
        "state_before": None if before is None else str(before),
        "state_after": str(after),
        "comment": storable(comment),
    }
    added = connection.execute(insert(CustodyRow).returning(CustodyRow.id), [values]).scalar_one()
    note(connection, CustodyRow, added)


def entered_state() -> Subquery:
    """Times at which each case last came into each of its states: ``case_id``, ``state_after``, ``since``."""
    return (
        select(CustodyRow.case_id, func.max(CustodyRow.at).label("since"), CustodyRow.state_after)
        .where(CustodyRow.state_before != CustodyRow.state_after)
        .group_by(CustodyRow.case_id, CustodyRow.state_after)
        .subquery()
    )


def _entries(connection: Connection, case_id: int | None) -> list[tuple[int, CustodyEntry]]:
    query = select(CustodyRow).order_by(CustodyRow.id)
    if case_id is not None:
        query = query.where(CustodyRow.case_id == case_id)
    return [
        (
            row["case_id"],
            CustodyEntry(
                at=row["at"],
                actor=row["actor"],
                before=None if row["state_before"] is None else CaseState(row["state_before"]),
                after=CaseState(row["state_after"]),
                comment=row["comment"],
            ),
        )
        for row in connection.execute(query).mappings()
    ]
