"""``clonewatch status``, the metrics and the health of a scheduler."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.discovery.source_status import note
from crawler.discovery.source_tally import SourceTally
from detector.store import RunState
from detector.workspace import Workspace
from tests.support.program import clonewatch, json_rows
from tests.support.scheduled_workspace import FEED, JOB, said_by, scheduling

pytestmark = pytest.mark.heavy


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "feed.txt").write_text(FEED)
    (folder / "clonewatch.toml").write_text(JOB.format(more=""))
    return folder


def test_status_for_people_programs_and_prometheus(workspace: Path) -> None:
    clonewatch("schedule", "run", "yearly", "-w", workspace)
    shown = clonewatch("status", "-w", workspace).stdout
    for words in ("2 due", "feeds:list", "yearly", "done"):
        assert words in shown
    [line] = json_rows(clonewatch("status", "--json", "-", "-w", workspace).stdout)
    assert line["backlog"]["due"] == 2
    assert line["jobs"][0]["state"] == "done"
    text = clonewatch("status", "--prometheus", "-w", workspace).stdout
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["clonewatch_store_up",] == 1
    assert samples["clonewatch_backlog", "due"] == 2
    assert samples["clonewatch_job_failing", "yearly"] == 0
    assert samples["clonewatch_source_failing", "feeds:list"] == 0
    assert samples["clonewatch_source_last_success_timestamp_seconds", "feeds:list"] > 1.7e9
    assert clonewatch("schedule", "list", "--json", "-", "-w", workspace).stdout.count("\n") == 1


def test_metrics_and_health_are_served(workspace: Path) -> None:
    (workspace / "clonewatch.toml").write_text(JOB.format(more='metrics = "127.0.0.1:0"'))
    with scheduling(workspace) as process:
        assert process.stderr is not None
        place = next(line.split("http://")[1].strip() for line in process.stderr if "http://" in line)
        with urlopen(f"http://{place}") as answer:
            assert b"clonewatch_store_up 1.0" in answer.read()
        for path, said in (("/healthz", b"alive\n"), ("/readyz", b"ready\n")):
            with urlopen(f"http://{place.removesuffix('/metrics')}{path}") as answer:
                assert answer.read() == said
        said_by(process)
    assert json.loads(clonewatch("status", "--json", "-", "-w", workspace).stdout)["running"] == []


def test_what_a_source_says_acts_on_no_terminal(workspace: Path) -> None:
    evil = "feeds:\x1b[2J\x1b]0;pwned\x07[red]x[/red]\u202e\x9b31m"
    with Workspace.open(workspace) as opened:
        note(opened.store, [SourceTally(evil, error=evil, failed=True)], datetime.now(UTC))
        run = opened.store.runs.begin("yearly", datetime.now(UTC), host=evil, pid=1)
        assert run is not None
        opened.store.runs.end(run.id, datetime.now(UTC), RunState.FAILED, counts={}, error=evil)
    (workspace / "feed.txt").unlink()
    text = (workspace / "clonewatch.toml").read_text()
    (workspace / "clonewatch.toml").write_text(text.replace('"feed.txt"', '"\\u001b[2J\\u009b31m.txt"'))
    commands = (["status"], ["status", "--json", "-"], ["schedule", "list"], ["discover", "feeds"])
    for command in commands:
        done = clonewatch(*command, "-w", workspace)
        shown = done.stdout + done.stderr
        assert not {char for char in shown if char in "\x1b\x07\x9b\u202e"}, command
    assert "[U+001B]" in shown
    assert "[red]x[/red]" in clonewatch("status", "-w", workspace).stdout
