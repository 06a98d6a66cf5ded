"""Custody log, cases and telephone numbers as lines of JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.errors import UsageError
from detector.model import CaseState, Phone, PhoneSource
from detector.present.case_line import case_line
from detector.present.custody_line import custody_lines
from detector.present.phone_line import phone_line
from detector.store import Store
from tests.support.store.builders import capture, flagged

PHONE = Phone("+18002629661", "1-800-AMAZON1", PhoneSource.TEXT, "US", vanity=True)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store.open(tmp_path / "clonewatch.sqlite")
    opened.record(capture("https://a.example/x", phones=(PHONE,)), flagged("amazon"))
    opened.record(capture("https://b.example/"), flagged("paypal"))
    opened.set_state(1, CaseState.CONFIRMED, actor="ann", comment="it is one")
    return opened


def test_the_steps_of_one_case_and_of_all_oldest_first(store: Store) -> None:
    with store:
        of_one, of_all = custody_lines(store, 1), custody_lines(store, None)
    assert [(line.case, line.action) for line in of_one] == [(1, "state"), (1, "state")]
    assert (of_one[-1].actor, of_one[-1].detail) == ("ann", "confirmed: it is one")
    assert [line.at for line in of_all] == sorted(line.at for line in of_all)
    assert {line.case for line in of_all} == {1, 2}


def test_a_case_that_does_not_exist(store: Store) -> None:
    with store, pytest.raises(UsageError, match="there is no case 9"):
        custody_lines(store, 9)


def test_the_line_of_a_case(store: Store) -> None:
    with store:
        lines = {line.id: line for line in map(case_line, store.stream_cases())}
    assert (lines[1].site, lines[1].brand, lines[1].state, lines[1].url) == (
        "a.example",
        "amazon",
        CaseState.CONFIRMED,
        "https://a.example/x",
    )


def test_the_line_of_a_number(store: Store) -> None:
    with store:
        line = phone_line(store, PHONE.number)
        with pytest.raises(UsageError, match=r"no capture shows \+18005550142"):
            phone_line(store, "+18005550142")
    assert line.cases == (1,)
    [seen] = line.captures
    assert (seen.url, seen.written, seen.sources) == ("https://a.example/x", ("1-800-AMAZON1",), ("text",))
