"""Tables for people: of a long run they show what matters, and say that there is more."""

from __future__ import annotations

import pytest

from crawler.cli.progress import MANY, ProgressReporter
from crawler.examine.examination_result import ExaminationResult
from tests.support.store.builders import CLEAR, capture, flagged


def told(capsys: pytest.CaptureFixture[str], results: list[ExaminationResult], *, brief: bool) -> str:
    teller = ProgressReporter(total=None, json_target=None, brief=brief)
    for result in results:
        teller.tell(result)
    teller.print_table()
    return capsys.readouterr().out


def results(count: int, suspicious: int) -> list[ExaminationResult]:
    made = [
        ExaminationResult(capture(f"http://c{number}.example/"), CLEAR, 0.1, 0.1, None, None) for number in range(count)
    ]
    return made + [
        ExaminationResult(capture(f"http://f{n}.example/"), flagged(), 0.1, 0.1, None, None) for n in range(suspicious)
    ]


def test_a_short_run_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, results(20, 2), brief=True)
    assert said.count("[.]example") == 22
    assert "The table shows" not in said
    assert "22 judged: 20 clear, 2 flagged." in said


def test_of_a_long_one_what_is_suspicious_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, results(MANY + 50, 7), brief=True)
    assert said.count("hxxp://c") == MANY
    assert said.count("hxxp://f") == 7
    assert f"The table shows {MANY + 7} of {MANY + 57} pages; the report has every flagged one." in said


def test_no_run_is_endless_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, results(MANY, 3 * MANY), brief=True).count("[.]example") == 2 * MANY


def test_what_was_asked_for_by_name_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, results(MANY + 50, 0), brief=False).count("[.]example") == MANY + 50
