"""Which cases are shown, and how their findings are ordered."""

from __future__ import annotations

import pytest

from detector.model import Box, Capture, Case, CaseState, Decision, Finding, Verdict
from detector.present.case_view import belongs, group_findings, is_review
from tests.support.store.report_cases import NOON, finding, findings


def _case(decision: Decision, state: CaseState) -> Case:
    verdict = Verdict(decision, "glimmer", 0.5)
    return Case(1, "a.example", "glimmer", state, NOON, NOON, 1, Capture("https://a.example/", "ok"), verdict)


@pytest.mark.parametrize(
    ("decision", "state", "always", "with_review", "waits"),
    [
        (Decision.FLAGGED, CaseState.NEW, True, True, False),
        (Decision.FLAGGED, CaseState.DISMISSED, True, True, False),
        (Decision.REVIEW, CaseState.NEW, False, True, True),
        (Decision.REVIEW, CaseState.CONFIRMED, True, True, False),
        (Decision.UNSEEN, CaseState.DOWN, True, True, False),
        (Decision.CLEAR, CaseState.NEW, False, False, False),
    ],
)
def test_decisions_and_states_whose_cases_are_shown(
    decision: Decision, state: CaseState, always: bool, with_review: bool, waits: bool
) -> None:
    case = _case(decision, state)
    assert belongs(case, include_review=False) is always
    assert belongs(case, include_review=True) is with_review
    assert is_review(case) is waits


def test_findings_are_grouped_strongest_first() -> None:
    groups = group_findings(findings(), {"glimmer"})
    assert [(item.signal, item.number) for item in groups.found] == [
        ("Logo page", 1),
        ("Domain name", 0),
        ("Credential form", 2),
    ]
    assert [item.sentence for item in groups.silent] == ["The text does not name Glimmer."]
    assert [item.sentence for item in groups.abstained] == ["There was nothing to look at."]
    assert [item.brand for item in groups.others] == ["other-brand"]


def test_an_empty_region_and_a_missing_picture_get_no_number() -> None:
    empty = finding(region=Box(5, 5, 0, 20))
    assert group_findings((empty,), {"glimmer"}).found[0].number == 0
    assert [item.number for item in group_findings(findings(), {"glimmer"}, tied=False).found] == [0, 0, 0]


def test_what_speaks_for_innocence_stands_apart() -> None:
    other = Finding("holder", "glimmer", 1.0, "The page says that it is somebody else.")
    silent = Finding("context", "glimmer", 0.0, "The page does not speak about brands.")
    groups = group_findings((*findings(), other, silent), {"glimmer"})
    assert [item.sentence for item in groups.against] == ["The page says that it is somebody else."]
    assert "Holder" not in [item.signal for item in groups.found]
    assert len(groups.silent) == 2
