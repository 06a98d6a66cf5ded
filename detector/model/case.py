"""A case: one impersonating site over its life, the states it passes through, and which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from detector.model.capture import Capture
from detector.model.verdict import Verdict


class CaseState(StrEnum):
    """Stage in the life of a case."""

    NEW = "new"
    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    TAKEDOWN_REQUESTED = "takedown_requested"
    DOWN = "down"
    RELAPSED = "relapsed"


class CaseMover(StrEnum):
    """Kind of actor that moves a case from one state to another."""

    PERSON = "person"
    """An analyst, by command."""
    PROGRAM = "program"
    """The pipeline, because of what a new capture shows."""


_S, _PERSON = CaseState, frozenset({CaseMover.PERSON})
_ANYONE = frozenset(CaseMover)
CASE_MOVES: Mapping[CaseState, Mapping[CaseState, frozenset[CaseMover]]] = {
    _S.NEW: {_S.IN_REVIEW: _PERSON, _S.CONFIRMED: _PERSON, _S.DISMISSED: _PERSON, _S.DOWN: _PERSON},
    _S.IN_REVIEW: {_S.NEW: _PERSON, _S.CONFIRMED: _PERSON, _S.DISMISSED: _PERSON, _S.DOWN: _PERSON},
    _S.CONFIRMED: {_S.IN_REVIEW: _PERSON, _S.DISMISSED: _PERSON, _S.TAKEDOWN_REQUESTED: _PERSON, _S.DOWN: _PERSON},
    _S.DISMISSED: {_S.IN_REVIEW: _PERSON, _S.CONFIRMED: _PERSON},
    _S.TAKEDOWN_REQUESTED: {_S.CONFIRMED: _PERSON, _S.DISMISSED: _PERSON, _S.DOWN: _PERSON},
    _S.DOWN: {_S.RELAPSED: _ANYONE, _S.DISMISSED: _PERSON},
    _S.RELAPSED: {
        _S.IN_REVIEW: _PERSON,
        _S.CONFIRMED: _PERSON,
        _S.DISMISSED: _PERSON,
        _S.TAKEDOWN_REQUESTED: _PERSON,
        _S.DOWN: _PERSON,
    },
}
"""The only table of allowed moves: from a state, to a state, by these movers.  What is not listed is refused."""

INITIAL_STATE = CaseState.NEW
"""State in which the program opens every case."""

CONFIRMED_STATES = frozenset({CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED, CaseState.DOWN, CaseState.RELAPSED})
"""States of cases that a person, as a rule, has confirmed, whether or not the site is still online.

The report shows such cases whatever the program's verdict is, and their pages serve to recognise the same kit elsewhere.  Holds
more than :data:`TAKEDOWN_DUE_STATES`: a site that is down, or came back, is a known fact, but no open order to the takedown desk.
"""
TAKEDOWN_DUE_STATES = frozenset({CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED})
"""States in which a case goes to the takedown queue whatever the program's verdict is: a person stands behind it, and the site is
up.  ``DOWN`` is missing, as there is nothing to take down, and ``RELAPSED``: the program says that the site is back, and its
verdict decides, as in :data:`VERDICT_DECIDES_STATES`."""
VERDICT_DECIDES_STATES = frozenset({CaseState.NEW, CaseState.IN_REVIEW, CaseState.RELAPSED})
"""States in which a case goes to the takedown queue only where the program's verdict is ``flagged``: no person has decided on the
site as it is now."""
RECHECKED_STATES = frozenset({CaseState.TAKEDOWN_REQUESTED, CaseState.DOWN})
"""States in which the site is captured again from time to time, to see whether it went down, or came back."""


def may_move(before: CaseState, after: CaseState, mover: CaseMover) -> bool:
    """Look a move up in :data:`CASE_MOVES`; staying in a state is no move."""
    return mover in CASE_MOVES[before].get(after, ())


def next_states(before: CaseState, mover: CaseMover) -> frozenset[CaseState]:
    """States that ``mover`` may move a case to."""
    return frozenset(after for after, movers in CASE_MOVES[before].items() if mover in movers)


@dataclass(frozen=True, slots=True)
class Case:
    """One impersonating site over its life, with the capture and verdict that stand for it."""

    id: int
    site: str
    """Host, and port unless it is the default, and the account's part of the path on a host where others publish
    (``s3.amazonaws.com/bucket``); there is one case for each pair of site and brand."""
    brand: str
    state: CaseState
    opened: datetime
    updated: datetime
    capture_id: int
    capture: Capture
    verdict: Verdict
    sources: tuple[str, ...] = ()
    named: str = ""
    """Name by which destinations know the case, where that is not its site: the host, before accounts of a host were told apart."""

    @property
    def host(self) -> str:
        """The site's host, with its port where the site has one."""
        return self.site.partition("/")[0]


@dataclass(frozen=True, slots=True)
class CasePage:
    """One address of a case."""

    url: str
    final_url: str
    first_seen: datetime
    last_seen: datetime
