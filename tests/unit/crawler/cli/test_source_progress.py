"""Progress of the sources: a sentence with what is left, in a line that changes or in lines now and then."""

from __future__ import annotations

import pytest

from crawler.cli.source_progress import BETWEEN_LINES, FIRST_LINE, SourceProgress, progress_sentence
from crawler.discovery.source_tally import SourceTally


@pytest.mark.parametrize(
    ("tallies", "seconds", "said"),
    [
        ([], 1.0, "asking 0 sources: 0 found"),
        ([SourceTally("feeds:a", found=1200)], 1.0, "asking 1 source: 1,200 found"),
        ([SourceTally("permutations", planned=10_000)], 1.0, "0 of 10,000 names looked up; 0 found"),
        (
            [SourceTally("permutations", planned=10_000, tried=2_000, found=3), SourceTally("feeds:a", found=4)],
            5.0,
            "2,000 of 10,000 names looked up, about 20 s left; 7 found",
        ),
        ([SourceTally("permutations", planned=50, tried=50)], 9.0, "50 of 50 names looked up; 0 found"),
        ([SourceTally("permutations", planned=40, tried=50)], 9.0, "50 of 40 names looked up; 0 found"),
    ],
)
def test_the_sentence(tallies: list[SourceTally], seconds: float, said: str) -> None:
    assert progress_sentence(tallies, seconds) == said


def test_lines_now_and_then_where_nothing_can_be_redrawn(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter(range(1000))
    with SourceProgress("nightly: ", clock=lambda: next(clock)) as progress:
        for tried in range(1, 2 * BETWEEN_LINES + 1):
            progress.tell([SourceTally("permutations", planned=100, tried=tried)])
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert [line.split()[1] for line in lines] == [str(FIRST_LINE), str(BETWEEN_LINES), str(2 * BETWEEN_LINES)]
    assert lines[0] == "nightly: 5 of 100 names looked up, about 95 s left; 0 found"
