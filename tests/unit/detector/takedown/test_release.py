"""Which cases may leave: those that a person confirmed, and those that a rule lets go by its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.config import ReleaseRule
from detector.model import CaseState, Decision
from detector.takedown import Release, release_of
from detector.testing import example_case

SURE = ReleaseRule("sure", 0.95)
BANK = ReleaseRule("bank", 0.5, ("ostrelin",))
CONFIRMED = {CaseState.CONFIRMED, CaseState.TAKEDOWN_REQUESTED}
GONE = {CaseState.DISMISSED, CaseState.DOWN}


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("decision", [Decision.FLAGGED, Decision.REVIEW, Decision.CLEAR])
def test_state_by_state(state: CaseState, decision: Decision) -> None:
    case = example_case().case
    case = replace(case, state=state, verdict=replace(case.verdict, decision=decision))
    by_person = Release(None) if state in CONFIRMED else None
    assert release_of(case) == by_person
    by_rule = Release("sure") if state not in CONFIRMED | GONE and decision is Decision.FLAGGED else None
    assert release_of(case, [SURE]) == (by_person or by_rule)


@pytest.mark.parametrize(
    ("probability", "brand", "rule"),
    [
        (0.95, "quillmark", "sure"),
        (0.94, "quillmark", None),
        (0.94, "ostrelin", "bank"),
        (0.99, "ostrelin", "sure"),
        (0.49, "ostrelin", None),
        (None, "ostrelin", None),
    ],
)
def test_the_first_rule_that_fits_is_named(probability: float | None, brand: str, rule: str | None) -> None:
    case = example_case().case
    case = replace(case, brand=brand, verdict=replace(case.verdict, probability=probability))
    found = release_of(case, [SURE, BANK])
    assert (found.rule if found else None) == rule
