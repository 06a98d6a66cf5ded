"""The table of allowed moves, and the sets of states beside it, over every pair of states."""

from __future__ import annotations

from itertools import product

import pytest

from detector.model import (
    CASE_MOVES,
    CONFIRMED_STATES,
    INITIAL_STATE,
    RECHECKED_STATES,
    TAKEDOWN_DUE_STATES,
    VERDICT_DECIDES_STATES,
    CaseMover,
    CaseState,
    may_move,
    next_states,
)

# rows: before; columns in the order of CaseState; P: a person, p: a person or the program, -: nobody
MOVES = {
    CaseState.NEW: "-PPP-P-",
    CaseState.IN_REVIEW: "P-PP-P-",
    CaseState.CONFIRMED: "-P-PPP-",
    CaseState.DISMISSED: "-PP----",
    CaseState.TAKEDOWN_REQUESTED: "--PP-P-",
    CaseState.DOWN: "---P--p",
    CaseState.RELAPSED: "-PPPPP-",
}


@pytest.mark.parametrize(("before", "after"), list(product(CaseState, CaseState)))
def test_every_pair_of_states(before: CaseState, after: CaseState) -> None:
    letter = MOVES[before][list(CaseState).index(after)]
    assert may_move(before, after, CaseMover.PERSON) == (letter in "Pp")
    assert may_move(before, after, CaseMover.PROGRAM) == (letter == "p")
    for mover in CaseMover:
        assert (after in next_states(before, mover)) == may_move(before, after, mover)


def test_every_state_is_reached_and_left() -> None:
    assert set(CASE_MOVES) == set(CaseState)
    assert {INITIAL_STATE}.union(*CASE_MOVES.values()) == set(CaseState)
    assert all(CASE_MOVES.values())


@pytest.mark.parametrize("state", CaseState)
def test_no_state_stays_in_place_by_a_move(state: CaseState) -> None:
    assert state not in CASE_MOVES[state]


@pytest.mark.parametrize(
    ("states", "letters"),
    # in the order of CaseState: new, in review, confirmed, dismissed, takedown requested, down, relapsed
    [
        (CONFIRMED_STATES, "--x-xxx"),
        (TAKEDOWN_DUE_STATES, "--x-x--"),
        (VERDICT_DECIDES_STATES, "xx----x"),
        (RECHECKED_STATES, "----xx-"),
    ],
)
def test_every_state_is_in_its_sets(states: frozenset[CaseState], letters: str) -> None:
    assert [state in states for state in CaseState] == [letter == "x" for letter in letters]


def test_the_sets_fit_together() -> None:
    assert TAKEDOWN_DUE_STATES < CONFIRMED_STATES
    assert not TAKEDOWN_DUE_STATES & VERDICT_DECIDES_STATES
    assert set(CaseState) - TAKEDOWN_DUE_STATES - VERDICT_DECIDES_STATES == {CaseState.DISMISSED, CaseState.DOWN}
    assert all(CaseState.DOWN in {state, *CASE_MOVES[state]} for state in RECHECKED_STATES)
