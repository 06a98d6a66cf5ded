"""``clonewatch init``: a workspace to begin with, whose every example is valid; and a compose file that comes up with it."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest
import yaml

from crawler.cli.commands import schedule
from crawler.cli.setup.first_workspace import CONFIGURATION, configuration, make_workspace
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from detector.config import load_config
from detector.errors import EnvironmentFault, UsageError
from detector.workspace import OWN_BRANDS
from tests.support.program import ROOT, clonewatch, complains

EXAMPLE = re.compile(r"^# (?=\[\[|[a-z_]+ = )", re.MULTILINE)


def test_a_workspace_is_made_and_its_commands_are_named(tmp_path: Path) -> None:
    ws = tmp_path / "deep" / "ws"
    done = clonewatch("init", "-w", ws)
    assert done.returncode == 0, done.stderr
    assert f"-w {ws}" in done.stdout
    assert sorted(path.name for path in ws.iterdir()) == [OWN_BRANDS, "clonewatch.toml"]
    jobs = clonewatch("schedule", "list", "-w", ws)
    assert jobs.returncode == 0, jobs.stderr
    assert {"hourly", "nightly"} <= set(jobs.stdout.split())


def test_without_a_name_it_is_the_usual_folder(tmp_path: Path) -> None:
    done = clonewatch("init", cwd=tmp_path)
    assert (tmp_path / "workspace" / "clonewatch.toml").is_file()
    assert 'clonewatch brands add "Example Bank"' in done.stdout


def test_the_configuration_and_every_example_in_it_are_valid(tmp_path: Path) -> None:
    make_workspace(tmp_path / "ws")
    config = load_config(tmp_path / "ws")
    assert len(SchedulePlan(config.schedule)) == 2
    assert config.discover.lookalike_brands == ()
    assert len(EXAMPLE.findall(CONFIGURATION)) > 10
    (tmp_path / "clonewatch.toml").write_text(EXAMPLE.sub("", CONFIGURATION))
    full = load_config(tmp_path)
    assert full.discover.feeds[0].name == "reported"
    assert full.retention.cleared_days == 90


@pytest.mark.parametrize("name", ["clonewatch.toml", "clonewatch.sqlite", "letter.txt"])
def test_what_is_there_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x = ")
    with pytest.raises(UsageError, match=re.escape(name)):
        make_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "x = "


def test_brands_and_hidden_files_may_be_there(tmp_path: Path) -> None:
    (tmp_path / OWN_BRANDS / "mine").mkdir(parents=True)
    (tmp_path / ".bashrc").write_text("")
    make_workspace(tmp_path)
    assert (tmp_path / OWN_BRANDS / "mine").is_dir()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="--workspace"):
        make_workspace(tmp_path / "file")
    complains(clonewatch("init", "-w", tmp_path / "file" / "ws"), 4, "--workspace")


def test_if_missing_leaves_a_workspace_alone(tmp_path: Path) -> None:
    given = ("--if-missing", "--database", "postgresql://clonewatch@database/clonewatch", "--metrics", "0.0.0.0:9464")
    assert clonewatch("init", *given, "-w", tmp_path).returncode == 0
    config = load_config(tmp_path)
    assert config.store.database == "postgresql://clonewatch@database/clonewatch"
    assert config.schedule.metrics == "0.0.0.0:9464"
    (tmp_path / "clonewatch.toml").write_text("# mine\n")
    again = clonewatch("init", *given, "-w", tmp_path)
    assert (again.returncode, (tmp_path / "clonewatch.toml").read_text()) == (0, "# mine\n")
    complains(clonewatch("init", "-w", tmp_path), 2, "is a workspace already")


@pytest.mark.parametrize("text", ['"', "\n[capture]\nslots = 9\n", "\\", "é\u2028"])
def test_what_is_given_stays_one_value(tmp_path: Path, text: str) -> None:
    (tmp_path / "clonewatch.toml").write_text(configuration(database=f"postgresql://{text}"), encoding="utf-8")
    assert load_config(tmp_path).store.database == f"postgresql://{text}"


def test_compose_makes_a_workspace_first_and_waits_for_jobs() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    assert services["init"]["command"][:2] == ["init", "--if-missing"]
    assert services["init"]["restart"] == "on-failure"
    for name in ("schedule", "worker", "dispatch"):
        assert services[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"
    assert services["schedule"]["command"] == ["schedule", "--wait-for-jobs"]


def test_a_schedule_without_jobs_waits_until_there_are_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clonewatch.toml").write_text("")
    slept = threading.Event()

    def sleep(_: float) -> None:
        if slept.is_set():
            raise KeyboardInterrupt
        slept.set()

    monkeypatch.setattr(time, "sleep", sleep)
    stopped = clonewatch("schedule", "--wait-for-jobs", "-w", tmp_path)
    assert stopped.returncode == 0, stopped.stderr
    assert "no crawl jobs yet; waiting for [[schedule.jobs]]" in stopped.stderr
    complains(clonewatch("schedule", "-w", tmp_path), 2, "there are no crawl jobs")

    slept.clear()
    monkeypatch.setattr(time, "sleep", lambda _: (tmp_path / "clonewatch.toml").write_text(CONFIGURATION))
    said: list[str] = []
    assert schedule._wait_for_jobs(tmp_path, lambda _, sentence: said.append(sentence))
    assert len(said) == 1
