"""Cases: opened by a verdict, moved by people as the table of moves allows, every move in the custody log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.clock import is_ahead
from detector.errors import UsageError
from detector.model import (
    INITIAL_STATE,
    Capture,
    Case,
    CaseMover,
    CasePage,
    CaseState,
    Decision,
    Verdict,
    from_json,
    may_move,
    next_states,
    utcnow,
)
from detector.store.chains.journal import note
from detector.store.columns import storable
from detector.store.custody import PROGRAM, log
from detector.store.damage import readable, stored_row
from detector.store.engine import PAGE, Database, insert_for
from detector.store.models import CaptureRow, CaseRow
from detector.store.sites import pages_of, site_of

OPENING = (Decision.REVIEW, Decision.FLAGGED)
"""Decisions that make a case, weakest first."""


class Cases:
    """Cases with their capture and verdict; every operation is one transaction, a stream one for each page."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def find(
        self,
        *,
        states: Collection[CaseState] | None = None,
        brands: Collection[str] | None = None,
        decision: Decision | Collection[Decision] | None = None,
    ) -> list[Case]:
        """Cases, the most probable first; all in memory at once."""
        return list(self.stream(states=states, brands=brands, decision=decision))

    def stream(
        self,
        *,
        states: Collection[CaseState] | None = None,
        brands: Collection[str] | None = None,
        decision: Decision | Collection[Decision] | None = None,
    ) -> Iterator[Case]:
        """Same as :meth:`find`, a page at a time: the cases are chosen once at the start, each is as it is when it is read."""
        decisions = (decision,) if isinstance(decision, Decision) else decision
        with self._database.read() as connection:
            ids = find_ids(connection, states=states, brands=brands, decisions=decisions)
        for start in range(0, len(ids), PAGE):
            with self._database.read() as connection:
                page = load(connection, ids[start : start + PAGE])
            yield from page

    def brands(self) -> frozenset[str]:
        """Ids of the brands that any case is about, also of brands that have left the library."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(CaseRow.brand).distinct()).scalars())

    def get(self, case_id: int) -> Case | None:
        """One case; None where there is none of that id.

        Raises:
            DamagedRow: its row, or its capture's, cannot be read.
        """
        with self._database.read() as connection:
            return next(iter(_load(connection, [case_id])), None)

    def pages(self, case: Case) -> list[CasePage]:
        """All addresses on which suspicious pages of a case were seen, the latest first."""
        with self._database.read() as connection:
            return pages_of(connection, case)

    def move(self, case_id: int, state: CaseState, *, actor: str, comment: str = "") -> None:
        """Move a case to another state; an entry of its custody log says who moved it and why.

        Raises:
            UsageError: there is no such case, or :data:`~detector.model.CASE_MOVES` does not list the move.
        """
        self.move_all((case_id,), state, actor=actor, comment=comment)

    def move_all(self, case_ids: Iterable[int], state: CaseState, *, actor: str, comment: str = "") -> None:
        """Move several cases in one transaction, as :meth:`move` does: all of them, or none.

        Raises:
            UsageError: some of them cannot be moved; names each of these, with the reason.
        """
        wanted, now = list(dict.fromkeys(case_ids)), utcnow()
        with self._database.write() as connection:
            # in one order everywhere, so that two writers that move the same cases never deadlock
            states = {case_id: _state_of(connection, case_id) for case_id in sorted(wanted)}
            _refuse_impossible({case_id: states[case_id] for case_id in wanted}, state)
            for case_id, before in states.items():
                if before is not None and (before is not state or comment):
                    _store_move(connection, case_id, before, state, actor, comment, now)


def open_or_update(
    connection: Connection, capture_id: int, capture: Capture, verdict: Verdict, sources: tuple[str, ...], now: datetime
) -> int | None:
    """Open a case for a verdict or update the one there is; the case's id, None where the verdict makes no case.

    A newer capture of the same URL replaces the older one.  Of several URLs of a site the one with the strongest verdict stands
    for the case: one harmless page of a clone does not hide the others.  A case that was down becomes relapsed.
    """
    site = site_of(capture)
    if verdict.decision not in OPENING or not site:
        return None
    shown = {"decision": str(verdict.decision), "probability": verdict.probability, "capture_id": capture_id}
    fresh = insert_for(connection)(CaseRow).on_conflict_do_nothing(index_elements=[CaseRow.site, CaseRow.brand])
    values: dict[str, Any] = {
        "site": storable(site),
        "brand": storable(verdict.brand or ""),
        "state": str(INITIAL_STATE),
        "sources": sources,
        "opened": now,
        "updated": now,
    }
    case_id = connection.execute(fresh.returning(CaseRow.id), [values | shown]).scalar()
    if case_id is not None:
        note(connection, CaseRow, case_id)
        log(connection, case_id, PROGRAM, None, INITIAL_STATE, verdict.sentence, now)
        return int(case_id)
    known = _known(connection, values["site"], values["brand"])
    changes: dict[str, Any] = shown if _supersedes(capture, verdict, known, now) else {}
    changes["sources"] = tuple(dict.fromkeys([*known["sources"], *sources]))
    returned = verdict.decision is Decision.FLAGGED and may_move(
        CaseState(known["state"]), CaseState.RELAPSED, CaseMover.PROGRAM
    )
    if returned:
        changes["state"] = str(CaseState.RELAPSED)
        log(connection, known["id"], PROGRAM, CaseState(known["state"]), CaseState.RELAPSED, "the page is back", now)
    connection.execute(update(CaseRow).where(CaseRow.id == known["id"]).values(updated=now, **changes))
    note(connection, CaseRow, known["id"])
    return int(known["id"])


def move(connection: Connection, case_id: int, state: CaseState, actor: str, comment: str, now: datetime) -> None:
    """Move a case for a person and log it; the same state with a comment logs the comment.

    Raises:
        UsageError: there is no such case, or :data:`~detector.model.CASE_MOVES` does not list the move.
    """
    before = _state_of(connection, case_id)
    _refuse_impossible({case_id: before}, state)
    if before is not None and (before is not state or comment):
        _store_move(connection, case_id, before, state, actor, comment, now)


def _store_move(
    connection: Connection, case_id: int, before: CaseState, state: CaseState, actor: str, comment: str, now: datetime
) -> None:
    connection.execute(update(CaseRow).where(CaseRow.id == case_id).values(state=str(state), updated=now))
    note(connection, CaseRow, case_id)
    log(connection, case_id, actor, before, state, comment, now)


def _refuse_impossible(states: Mapping[int, CaseState | None], wanted: CaseState) -> None:
    """Refuse to move cases to ``wanted`` where one of them is missing (None), or where a person may not move it there.

    Raises:
        UsageError: names each case that stands in the way.
    """
    said = []
    if missing := [str(case_id) for case_id, state in states.items() if state is None]:
        numbered = f"is no case {missing[0]}" if len(missing) == 1 else f"are no cases {', '.join(missing)}"
        said.append(f"there {numbered}; `clonewatch cases list` shows them")
    for case_id, state in states.items():
        if state is not None and state is not wanted and not may_move(state, wanted, CaseMover.PERSON):
            ways = ", ".join(sorted(next_states(state, CaseMover.PERSON)))
            said.append(f"case {case_id} is {state} and cannot become {wanted}; from there it can become {ways}")
    if said:
        raise UsageError("; ".join(said) + (". No case was changed" if len(states) > 1 else ""))


def _state_of(connection: Connection, case_id: int) -> CaseState | None:
    """Read the state of a case and keep others from changing it until the transaction ends; None where there is no such case."""
    found = connection.execute(select(CaseRow.state).where(CaseRow.id == case_id).with_for_update()).scalar()
    with stored_row("case", case_id):
        return None if found is None else CaseState(found)


def find_ids(
    connection: Connection,
    *,
    states: Collection[CaseState] | None = None,
    brands: Collection[str] | None = None,
    decisions: Collection[Decision] | None = None,
) -> list[int]:
    """Ids of cases, the most probable first."""
    conditions: list[ColumnElement[bool]] = []
    if states is not None:
        conditions.append(CaseRow.state.in_([str(state) for state in states]))
    if brands is not None:
        conditions.append(CaseRow.brand.in_(list(brands)))
    if decisions is not None:
        conditions.append(CaseRow.decision.in_([str(decision) for decision in decisions]))
    query = select(CaseRow.id).where(*conditions)
    query = query.order_by(CaseRow.probability.is_(None), CaseRow.probability.desc(), CaseRow.id)
    return list(connection.execute(query).scalars())


def load(connection: Connection, ids: Sequence[int]) -> list[Case]:
    """Cases with the capture and verdict in front, in the order of ``ids``; ids of no case are passed over, as are damaged rows."""
    return readable(ids, lambda some: _load(connection, some))


def _load(connection: Connection, ids: Sequence[int]) -> list[Case]:
    query = select(CaseRow, CaptureRow.capture_json, CaptureRow.verdict_json).join(
        CaptureRow, CaptureRow.id == CaseRow.capture_id
    )
    with stored_row("case", ids[0] if len(ids) == 1 else "of several"):
        found = {row["id"]: _case(row) for row in connection.execute(query.where(CaseRow.id.in_(ids))).mappings()}
    return [found[case_id] for case_id in ids if case_id in found]


def _known(connection: Connection, site: str, brand: str) -> RowMapping:
    query = (
        select(CaseRow, CaptureRow.url.label("seen_url"), CaptureRow.started.label("seen"))
        .join(CaptureRow, CaptureRow.id == CaseRow.capture_id)
        .where(CaseRow.site == site, CaseRow.brand == brand)
        .with_for_update(of=CaseRow)
    )
    return connection.execute(query).mappings().one()


def _supersedes(capture: Capture, verdict: Verdict, known: RowMapping, now: datetime) -> bool:
    if storable(capture.url) == known["seen_url"]:
        # a capture of a clock that was ahead would be the latest for days
        return bool(capture.started >= known["seen"] or is_ahead(known["seen"], now))
    strength = (OPENING.index(verdict.decision), verdict.probability or 0.0)
    return strength >= (OPENING.index(Decision(known["decision"])), known["probability"] or 0.0)


def _case(row: RowMapping) -> Case:
    return Case(
        id=row["id"],
        site=row["site"],
        brand=row["brand"],
        state=CaseState(row["state"]),
        opened=row["opened"],
        updated=row["updated"],
        capture_id=row["capture_id"],
        capture=from_json(row["capture_json"], Capture),
        verdict=from_json(row["verdict_json"], Verdict),
        sources=row["sources"],
        named=row["named"],
    )
