"""Crawl jobs exported to systemd, cron and scrapyd."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.jobs.schedule.cron import CronExpression
from tests.support.program import clonewatch, json_rows
from tests.support.scheduled_workspace import FEED, JOB

pytestmark = pytest.mark.heavy


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "feed.txt").write_text(FEED)
    (folder / "clonewatch.toml").write_text(JOB.format(more=""))
    return folder


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


@needs_systemd
def test_exported_units_are_units(workspace: Path, tmp_path: Path) -> None:
    done = clonewatch("schedule", "export", "systemd", "--out", tmp_path / "units", "-w", workspace)
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "units").iterdir())
    assert [file.name for file in files] == ["clonewatch-yearly.service", "clonewatch-yearly.timer"]
    service = files[0].read_text()  # the command need not be installed for the test: any program that is there will do
    files[0].write_text(service.replace(service.split("ExecStart=")[1].split()[0], str(shutil.which("true"))))
    checked = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@needs_systemd
@pytest.mark.parametrize(
    "cron",
    ["*/15 * * * *", "7 3 * * *", "0 0 * * 0", "0 6-18/4 * * 1-5", "30 3 13 * fri", "0 0 1,15 jan-mar *", "@weekly"],
)
def test_timers_have_the_moments_of_the_expression(workspace: Path, cron: str) -> None:
    (workspace / "clonewatch.toml").write_text(JOB.format(more="").replace("0 0 1 1 *", cron))
    units = clonewatch("schedule", "export", "systemd", "-w", workspace).stdout
    base, wanted = datetime(2026, 11, 30, 10, 7, tzinfo=UTC), []
    moment = base
    for _ in range(3):
        following = CronExpression(cron, UTC, of="job").after(moment)
        assert following is not None
        moment = following
        wanted.append(moment)
    found: set[datetime] = set()
    for line in units.splitlines():
        if line.startswith("OnCalendar="):
            said = subprocess.run(
                ["systemd-analyze", "calendar", "--iterations=3", f"--base-time={base:%F %T} UTC", line.partition("=")[2]],
                capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"},
            ).stdout  # fmt: skip
            for row in said.splitlines():
                if "UTC" in row and ("Next elapse" in row or "Iter. #" in row):
                    text = row.split(": ")[1].split(" ", 1)[1].removesuffix(" UTC")
                    found.add(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    assert sorted(found)[:3] == wanted


def test_a_crontab_and_calls_of_scrapyd(workspace: Path) -> None:
    lines = clonewatch("schedule", "export", "cron", "-w", workspace).stdout.splitlines()
    assert "CRON_TZ=UTC" in lines
    assert lines[-1].startswith("0 0 1 1 * ")
    assert lines[-1].endswith(f"schedule run yearly --due --workspace {workspace} --quiet")
    [call] = json_rows(clonewatch("schedule", "export", "scrapyd", "-w", workspace).stdout)
    assert call["schedule.json"]["spider"] == "feeds"
    assert call["schedule.json"]["setting"] == [f"CLONEWATCH_WORKSPACE={workspace}"]
