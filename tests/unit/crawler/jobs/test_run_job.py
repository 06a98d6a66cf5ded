"""The steps of a crawl job run in one order, whoever asks for them in which, and each says what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from crawler.jobs import run_job as module
from crawler.jobs.run_job import JobMessages, JobSteps, run_job
from crawler.jobs.run_recorder import RunRecorder
from crawler.jobs.tidy import TidyResult
from detector.config import STEPS
from detector.workspace import Workspace
from tests.support.store.builders import candidate


class Heard(JobMessages):
    """Keeps what was said, in order."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def discovering(self, announcement: str) -> AbstractContextManager[object]:
        self.said.append(announcement)
        return nullcontext()

    def discovered(self, summary: object) -> None:
        self.said.append(f"discovered {summary}")

    def capturing(self) -> AbstractContextManager[object]:
        return self._capturing()

    def captured(self, result: object) -> None:
        self.said.append(f"captured {result}")

    def not_stamped(self, problem: str) -> None:
        self.said.append(f"not stamped: {problem}")

    def reported(self, result: object) -> None:
        self.said.append(f"reported {result}")

    def handed_over(self, result: object) -> None:
        self.said.append(f"handed over {result}")

    def tidied(self, result: object) -> None:
        self.said.append("tidied")

    @contextmanager
    def _capturing(self) -> Iterator[None]:
        self.said.append("begin")
        try:
            yield
        finally:
            self.said.append("end")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Steps that do nothing but note that they were run."""
    done: list[str] = []

    def note(name: str, result: object) -> Any:
        def step(_: JobSteps, *arguments: object) -> object:
            done.append(f"{name}{arguments[:1] if name == 'discover' else ''}")
            if name == "capture":
                tell: Any = arguments[0]
                tell("a page")
            return result

        return step

    results = {"discover": "two", "prepare": None, "capture": 1, "stamp": "no answer", "report": "here", "takedown": 3}
    for name, result in {**results, "tidy": TidyResult(1)}.items():
        monkeypatch.setattr(JobSteps, name, note(name, result))
    return done


def test_all_steps_in_their_order(done: list[str], tmp_path: Path) -> None:
    heard = Heard()
    with Workspace.open(tmp_path) as workspace:
        run_job(workspace, RunRecorder(), tuple(reversed(STEPS)), heard, sources=("feeds",))
    assert done == ["discover(('feeds',),)", "capture", "stamp", "report", "takedown", "tidy"]
    assert heard.said == [
        "Asking 1 source: feeds.",
        "discovered two",
        "begin",
        "captured a page",
        "end",
        "not stamped: no answer",
        "reported here",
        "handed over 3",
        "tidied",
    ]


@pytest.mark.parametrize("step", STEPS)
def test_each_step_can_be_run_alone(done: list[str], tmp_path: Path, step: str) -> None:
    with Workspace.open(tmp_path) as workspace:
        run_job(workspace, RunRecorder(), (step,), JobMessages())
    expected = {"discover": ["discover((),)"], "capture": ["capture", "stamp"]}
    assert done == expected.get(step, [step])


def test_a_judge_is_prepared_only_where_something_is_due(done: list[str], tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as workspace:
        run_job(workspace, RunRecorder(), ("capture",), JobMessages())
        assert "prepare" not in done
        workspace.store.backlog.add([candidate()])
        run_job(workspace, RunRecorder(), ("capture",), JobMessages())
    assert done == ["capture", "stamp", "prepare", "capture", "stamp"]


def test_captures_that_fail_end_the_progress_display(
    done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(JobSteps, "capture", fail)
    heard = Heard()
    with Workspace.open(tmp_path) as workspace, pytest.raises(KeyboardInterrupt):
        run_job(workspace, RunRecorder(), STEPS, heard)
    assert heard.said[1:] == ["discovered two", "begin", "end"]


def test_tidying_that_keeps_everything_says_nothing(tmp_path: Path) -> None:
    heard = Heard()
    with Workspace.open(tmp_path) as workspace:
        run_job(workspace, RunRecorder(), ("tidy",), heard)
    assert heard.said == []


def test_a_report_and_an_export_of_an_empty_workspace_are_counted(tmp_path: Path) -> None:
    recorder = RunRecorder()
    with Workspace.open(tmp_path) as workspace:
        assert module.JobSteps(workspace, recorder).takedown().exported == ()
    assert (recorder.doing, recorder.counts["exported"]) == ("takedown", 0)
