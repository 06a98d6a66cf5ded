"""Exported units are confined as those of ``deploy/`` are, and no path of a workspace can say something else in them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from crawler.jobs.schedule import systemd_units
from crawler.jobs.schedule.schedule_export import crontab
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.schedule.systemd_units import systemd
from detector.config import CrawlJob, ScheduleConfig
from detector.errors import UsageError
from tests.support.program import ROOT

PLAN = SchedulePlan(ScheduleConfig(jobs=(CrawlJob("nightly", "23 2 * * *"),)))
BROKEN = "7\n3  * *\t*"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
EXPOSURE = 4.5
PATHS = [
    "/var/lib/clonewatch", "/srv/with space", "/srv/100%", "/srv/%n", "/srv/a\"b", "/srv/a'b", "/srv/$HOME", "/srv/${HOME}",
    "/srv/back\\slash", "/srv/; rm -rf", "/srv/#comment", "/srv/Zürich 東京", "/srv/-w", "/home/ann/work space", "/root/ws",
    "/tmp/ws%", "/srv/colon:here", "/srv/@at", "/srv/[Service]",
]  # fmt: skip
REFUSED = [
    "/srv/a\nExecStartPre=/bin/false",
    "/srv/a\rb",
    "/srv/a\tb",
    "/srv/\x1b[31m",
    "/srv/a\u2028b",
    "/srv/a\udcff",
]


def service(path: str) -> str:
    return systemd(PLAN, Path(path), "UTC")["clonewatch-nightly.service"]


def directives(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z]\w+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["clonewatch-schedule.service", "clonewatch-worker@.service"])
def test_every_confinement_of_deploy_is_in_an_exported_unit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd_units, "_program_folders", lambda: [Path("/opt/clonewatch")])
    deployed = directives((ROOT / "deploy" / "systemd" / name).read_text())
    exported = directives(service("/var/lib/clonewatch"))
    differs = {"Description", "Documentation", "After", "Environment", "ExecStart", "Restart", "RestartSec"}
    differs |= {"StateDirectory", "WantedBy"}
    assert {key: value for key, value in deployed.items() if key not in differs}.items() <= exported.items()
    assert exported["User"] == "clonewatch"
    assert exported["ReadWritePaths"] == "/var/lib/clonewatch"


@needs_systemd
@pytest.mark.parametrize("path", PATHS)
def test_systemd_reads_units_of_any_path(tmp_path: Path, path: str) -> None:
    for name, text in systemd(PLAN, Path(path), "UTC").items():
        runnable = (
            text.replace(text.split("ExecStart=")[1].split()[0], str(shutil.which("true"))) if "Exec" in text else text
        )
        (tmp_path / name).write_text(runnable)
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_path_is_one_word_of_the_command() -> None:
    for path in PATHS:
        line = directives(service(path))["ExecStart"]
        # systemd's quoting is a shell's, but for specifiers and variables
        words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]
        assert words[1:6] == ["schedule", "run", "nightly", "--due", "--workspace"]
        assert words[6:] == [path, "--quiet"], line


@pytest.mark.parametrize("path", REFUSED)
def test_a_path_that_no_line_can_hold_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="line break or control character"):
        service(path)
    with pytest.raises(UsageError, match="line break or control character"):
        crontab(PLAN, Path(path), "UTC")


def test_hidden_folders_are_bound_in_by_name() -> None:
    found = directives(service("/home/ann/work space"))
    assert (found["ProtectHome"], found["BindPaths"]) == ("tmpfs", '"/home/ann/work space"')
    assert "ReadWritePaths" not in found
    with pytest.raises(UsageError, match="colon"):
        service("/home/ann/a:b")


def test_a_cron_expression_of_several_lines_is_one_line() -> None:
    plan = SchedulePlan(ScheduleConfig(jobs=(CrawlJob("j", BROKEN),)))
    units = systemd(plan, Path("/srv/ws"), "UTC")
    assert "(7 3 * * *, UTC)" in units["clonewatch-j.timer"]
    assert crontab(plan, Path("/srv/ws"), "UTC").splitlines()[-1].startswith("7 3 * * * ")


@pytest.mark.parametrize("user", ["root", "", "Ann Smith", "a\nUser=root", "%u", "x" * 40, "0"])
def test_an_account_that_cannot_be_used_is_refused(user: str) -> None:
    with pytest.raises(UsageError, match="--user"):
        systemd(PLAN, Path("/srv/ws"), "UTC", user)
    assert "User=ann\n" in systemd(PLAN, Path("/srv/ws"), "UTC", "ann")["clonewatch-nightly.service"]


@needs_systemd
@pytest.mark.parametrize("path", ["/var/lib/clonewatch", "/home/ann/ws"])
def test_exported_units_are_as_little_exposed_as_those_of_deploy(tmp_path: Path, path: str) -> None:
    exported = tmp_path / "clonewatch-nightly.service"
    exported.write_text(service(path))
    shutil.copy(ROOT / "deploy" / "systemd" / "clonewatch-worker@.service", tmp_path / "clonewatch-worker@1.service")
    for unit in (
        exported,
        tmp_path / "clonewatch-worker@1.service",
        ROOT / "deploy/systemd/clonewatch-schedule.service",
    ):
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
            capture_output=True,
            text=True,
            check=False,
        )
        if "--offline" in done.stderr:
            pytest.skip("this systemd-analyze is older than 251 and cannot judge files")
        said = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        assert said is not None, done.stderr
        assert float(said[1]) <= EXPOSURE, unit
