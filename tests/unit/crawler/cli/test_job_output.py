"""Messages of a crawl job: with its name for schedulers, on standard error where they want no table."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from crawler.cli.job_output import JobConsole
from crawler.discovery.runner import DiscoverySummary
from crawler.discovery.source_tally import SourceTally
from crawler.examine.examination_result import ExaminationResult
from crawler.jobs.tidy import TidyResult
from detector.report import ReportResult
from detector.takedown import ExportResult
from tests.support.store.builders import CLEAR, capture, flagged

SUMMARY = DiscoverySummary(
    (SourceTally("permutations", new=2), SourceTally("feeds:a", error="no \x1b[31manswer", failed=True))
)


def test_a_quiet_job_speaks_on_standard_error_only(capsys: pytest.CaptureFixture[str]) -> None:
    console = JobConsole("nightly", quiet=True)
    console.discovered(SUMMARY)
    with console.capturing():
        console.captured(ExaminationResult(capture("http://a.example/"), flagged(), 0.1, 0.1))
    console.not_stamped("Some time stamps are still missing: no answer")
    console.tidied(TidyResult(1, 2))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "nightly: 2 new candidates in the backlog.",
        "nightly: feeds:a failed: no [U+001B][31manswer",
        "nightly: Some time stamps are still missing: no answer",
        "nightly: 1 capture of cleared pages and 2 files deleted.",
    ]
    assert console.flagged == 1


def test_a_run_prints_its_table_also_when_it_is_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    console = JobConsole()
    with suppress(KeyboardInterrupt), console.capturing():
        console.captured(ExaminationResult(capture("http://a.example/"), CLEAR, 0.1, 0.1))
        raise KeyboardInterrupt
    console.reported(ReportResult(Path("/ws/reports/index.html"), 1, 0, 1, 0))
    console.handed_over(ExportResult("q", (1,), 0))
    out, _ = capsys.readouterr()
    assert "hxxp://a[.]example/" in out
    assert out.splitlines()[-3:] == [
        "1 judged: 1 clear.",
        "Report: /ws/reports/index.html",
        "1 case exported to the takedown queue.",
    ]
