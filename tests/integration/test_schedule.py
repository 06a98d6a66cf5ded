"""``clonewatch schedule``: crawl jobs at their times, once each, whatever dies and however many run it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import dns.message
import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.discovery.source_status import note
from crawler.discovery.source_tally import SourceTally
from crawler.jobs.run_recorder import recorded_job
from crawler.jobs.schedule import moments as moments_module
from crawler.jobs.schedule import scheduler as scheduler_module
from crawler.jobs.schedule.cron import CronExpression
from crawler.jobs.schedule.moments import OWN_MEMORY, PlannedMoments, since_key
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.schedule.scheduler import JobScheduler
from detector.config import CrawlJob, ScheduleConfig
from detector.store import RunState, Store
from detector.workspace import Workspace
from tests.support.clock import SetClock
from tests.support.preloaded import PreloadedProcess
from tests.support.program import background, clonewatch, complains, json_rows, query, wait_until
from tests.support.servers.nameserver import NameServer

pytestmark = pytest.mark.heavy

FEED = "http://one.example/\nhttp://two.example/\n"
JOB = """
[schedule]
jitter_seconds = 0
catch_up_hours = 10000
{more}
[[schedule.jobs]]
name = "yearly"
cron = "0 0 1 1 *"
steps = ["discover", "report"]
sources = ["feeds"]
[[discover.feeds]]
name = "list"
location = "feed.txt"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "feed.txt").write_text(FEED)
    (folder / "clonewatch.toml").write_text(JOB.format(more=""))
    return folder


def known_for_long(workspace: Path, job: str = "yearly") -> None:
    """As if a scheduler had run here before: the moments since then were missed."""
    with Workspace.open(workspace) as opened:
        since = datetime.now(UTC) - timedelta(days=400)
        opened.store.sources.put(OWN_MEMORY, since_key(job), since)


@contextmanager
def scheduling(workspace: Path) -> Iterator[PreloadedProcess]:
    """A scheduler in the background, which does not outlive the test."""
    process = background("schedule", "-w", workspace, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said_by(process: PreloadedProcess) -> str:
    """Stop it in good order; what it said."""
    process.terminate()
    said: str = process.communicate(timeout=100)[1]
    return said


def runs(workspace: Path) -> list[tuple[str, str]]:
    with Workspace.open(workspace) as opened:
        return [(run.job, str(run.state)) for run in opened.store.runs.latest(20)]


def next_run(workspace: Path) -> datetime:
    """When a scheduler that begins now would run the job."""
    with Workspace.open(workspace) as opened:
        moments = PlannedMoments(SchedulePlan(opened.config.schedule), opened.store, timedelta(days=1), lambda *_: None)
        scheduler = JobScheduler(moments, opened.store, workspace, lambda *_: None)
        thread = threading.Thread(target=scheduler.run)
        thread.start()
        try:
            wait_until(lambda: "yearly" in scheduler.next_runs())
            moment = scheduler.next_runs()["yearly"]
        finally:
            scheduler._stopping.set()
            thread.join()
    assert moment is not None
    return moment


@contextmanager
def silent_source(workspace: Path) -> Iterator[threading.Event]:
    """Let the job ask a name server that never answers; yields an event that is set once it was asked."""
    asked = threading.Event()

    def answer(_: dns.message.Message) -> None:
        asked.set()

    with NameServer(answer) as server:
        text = JOB.format(more=f'[discover]\nnameservers = ["{server.address}"]\nmax_names = 60\ndns_seconds = 600\n')
        text = text.replace('["feeds"]', '["permutations"]\nbrands = ["paypal"]')
        (workspace / "clonewatch.toml").write_text(text)
        yield asked


def ended(workspace: Path, count: int) -> bool:
    return sum(state != "running" for _, state in runs(workspace)) >= count


def test_a_job_runs_by_its_name_and_is_a_row(workspace: Path) -> None:
    done = clonewatch("schedule", "run", "yearly", "-w", workspace)
    assert done.returncode == 0, done.stderr
    assert "2 new candidates in the backlog" in done.stdout
    assert (workspace / "reports" / "index.html").exists()
    with Workspace.open(workspace) as opened:
        [run] = opened.store.runs.latest(5)
        assert (run.job, run.state, run.counts["new"], run.error) == ("yearly", RunState.DONE, 2, "")
    again = clonewatch("schedule", "run", "yearly", "-w", workspace)
    assert "0 new candidates in the backlog" in again.stdout


def test_a_moment_is_answered_once(workspace: Path) -> None:
    assert "2 new candidates" in clonewatch("schedule", "run", "yearly", "--due", "-w", workspace).stdout
    again = clonewatch("schedule", "run", "yearly", "--due", "-w", workspace)
    assert again.returncode == 0
    assert "was run for this planned time" in again.stdout
    assert len(runs(workspace)) == 1


def test_a_job_does_not_overlap_itself(workspace: Path) -> None:
    with Workspace.open(workspace) as opened, recorded_job(opened.store.runs, "yearly") as recorder:
        assert recorder is not None
        refused = clonewatch("schedule", "run", "yearly", "-w", workspace)
    assert "it is running already" in refused.stdout
    assert runs(workspace) == [("yearly", "done")]


def test_a_source_that_fails_is_in_the_row_and_in_the_status(workspace: Path) -> None:
    (workspace / "feed.txt").unlink()
    done = clonewatch("schedule", "run", "yearly", "-w", workspace)
    assert done.returncode == 0
    assert "feeds:list failed" in done.stdout
    [line] = json_rows(clonewatch("status", "--json", "-", "-w", workspace).stdout)
    assert "feeds:list" in line["recent"][0]["error"]
    [source] = [source for source in line["sources"] if source["source"] == "feeds:list"]
    assert source["succeeded"] is None
    assert source["error"]


def test_two_schedulers_catch_up_once_with_what_was_missed(workspace: Path) -> None:
    known_for_long(workspace)
    with scheduling(workspace) as first, scheduling(workspace) as second:
        wait_until(lambda: ended(workspace, 1))
        said = said_by(first) + said_by(second)
    assert "missed its planned time; it runs now" in said
    assert runs(workspace) == [("yearly", "done")]
    assert next_run(workspace) > datetime.now(UTC)
    assert len(runs(workspace)) == 1


def test_a_new_job_waits_for_its_first_moment(workspace: Path) -> None:
    with scheduling(workspace) as process:
        wait_until(lambda: bool(query(workspace, "select 1 from memory where source = 'schedule'")))
        said = said_by(process)
    assert "missed its planned time" not in said
    assert "runs that are missed until it starts again will be made up for" in said
    assert next_run(workspace) > datetime.now(UTC)
    assert runs(workspace) == []


def test_a_stop_ends_runs_in_good_order(workspace: Path) -> None:
    known_for_long(workspace)
    with silent_source(workspace) as asked, scheduling(workspace) as process:
        assert asked.wait(100)
        said_by(process)
        assert process.returncode == 0
    assert runs(workspace) == [("yearly", "stopped")]


def test_a_run_that_was_killed_is_found_out(workspace: Path) -> None:
    with silent_source(workspace) as asked, Workspace.open(workspace) as opened:
        child = background("schedule", "run", "yearly", "-w", workspace, start_new_session=True)
        assert asked.wait(100)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert runs(workspace) == [("yearly", "running")]
        with recorded_job(opened.store.runs, "yearly") as recorder:
            assert recorder is not None, "the process is gone: nobody waits for its sign of life"
    assert runs(workspace) == [("yearly", "done"), ("yearly", "lost")]


def test_a_clock_that_jumps_is_noticed_and_what_it_jumped_over_is_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock()
    heard: list[tuple[str, str]] = []
    begun: list[datetime] = []

    monkeypatch.setattr(moments_module, "time", clock)
    monkeypatch.setattr(moments_module, "utcnow", clock.utcnow)
    monkeypatch.setattr(scheduler_module, "WAKE_SECONDS", 0.1)
    plan = SchedulePlan(
        ScheduleConfig(jobs=(CrawlJob("yearly", "0 0 1 1 *"),), jitter_seconds=0, catch_up_hours=24 * 400)
    )
    with Store.open(tmp_path / "clonewatch.sqlite") as store:
        moments = PlannedMoments(plan, store, timedelta(days=1), lambda *what: heard.append(what))
        scheduler = JobScheduler(moments, store, tmp_path, lambda *what: heard.append(what))

        def start(_: Path, name: str, moment: datetime) -> subprocess.Popen[bytes]:
            begun.append(moment)
            with recorded_job(store.runs, name, moment):
                return subprocess.Popen(["true"])

        monkeypatch.setattr(scheduler_module, "start_job", start)
        thread = threading.Thread(target=scheduler.run)
        thread.start()
        wait_until(lambda: "yearly" in scheduler.next_runs())
        clock.ahead = timedelta(days=366)
        wait_until(lambda: bool(begun))
        scheduler._stopping.set()
        thread.join()
    assert [moment.month for moment in begun] == [1]
    assert any(job == "clock" and "was set by" in said for job, said in heard)


def test_a_configuration_that_cannot_run(workspace: Path) -> None:
    config = workspace / "clonewatch.toml"
    config.write_text(JOB.format(more="").replace("0 0 1 1 *", "0 0 31 2 *"))
    complains(clonewatch("schedule", "-w", workspace), 3, "yearly", "never fires")
    config.write_text("")
    complains(clonewatch("schedule", "-w", workspace), 2, "there are no crawl jobs", "[[schedule.jobs]]")
    complains(clonewatch("schedule", "run", "x", "-w", workspace), 2, "no crawl job 'x'")
    config.write_text(JOB.format(more='metrics = "nowhere"'))
    complains(clonewatch("schedule", "-w", workspace), 3, "'nowhere' is not ADDRESS:PORT")


# --- what others run ---------------------------------------------------------------------------------------------------

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


# --- how it goes ----------------------------------------------------------------------------------------------------------


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
