"""The demo runs the real command line and says what went wrong when that leaves with an error."""

from pathlib import Path

import pytest

from crawler.demo.run import STEPS
from crawler.demo.steps import LOG, Step, StepFailedError, run_step


def test_the_way_goes_from_the_official_pages_to_the_takedown_queue() -> None:
    assert [step.words[0] for step in STEPS] == ["brands", "brands", "discover", "run", "report", "cases", "takedown"]


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").write_text("nonsense = 1\n")
    with pytest.raises(StepFailedError, match=r"exit code 3.*\n.*nonsense"):
        run_step(Step("Report on nothing.", ("report",)), tmp_path)
    assert b"$ clonewatch report" in (tmp_path / LOG).read_bytes()


def test_a_command_that_works_is_summed_up_in_its_telling_line(tmp_path: Path) -> None:
    (tmp_path / "clonewatch.toml").touch()
    seconds, said = run_step(Step("Nothing is in the queue.", ("takedown", "list"), telling="waiting"), tmp_path)
    assert seconds > 0
    assert said == "0 cases exported, 0 waiting for the next export."
