"""``clonewatch schedule``: crawl jobs at their times, once each, whatever dies and however many run it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.message
import pytest

from crawler.jobs.run_recorder import recorded_job
from crawler.jobs.schedule import moments as moments_module
from crawler.jobs.schedule import scheduler as scheduler_module
from crawler.jobs.schedule.moments import OWN_MEMORY, PlannedMoments, since_key
from crawler.jobs.schedule.schedule_plan import SchedulePlan
from crawler.jobs.schedule.scheduler import JobScheduler
from crawler.loopback.nameserver import NameServer
from detector.config import CrawlJob, ScheduleConfig
from detector.store import RunState, Store
from detector.workspace import Workspace
from tests.support.clock import SetClock
from tests.support.program import background, clonewatch, complains, json_rows, query, wait_until
from tests.support.scheduled_workspace import FEED, JOB, said_by, scheduling
from tests.support.servers.discovery import FeedServer, Page

pytestmark = pytest.mark.heavy


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
def silent_name_server(workspace: Path) -> Iterator[threading.Event]:
    """Let the job ask a name server that never answers; yields an event that is set once it was asked."""
    asked = threading.Event()

    def answer(_: dns.message.Message) -> None:
        asked.set()

    with NameServer(answer) as server:
        text = JOB.format(more=f'[discover]\nnameservers = ["{server.address}"]\nmax_names = 60\ndns_seconds = 600\n')
        text = text.replace('["feeds"]', '["permutations"]\nbrands = ["paypal"]')
        (workspace / "clonewatch.toml").write_text(text)
        yield asked


@contextmanager
def silent_feed(workspace: Path) -> Iterator[threading.Event]:
    """Let the job read a feed whose server never answers; yields an event that is set once it was asked."""
    asked, over = threading.Event(), threading.Event()

    def answer() -> None:
        asked.set()
        over.wait()

    with FeedServer({"/silent": Page(before=answer)}) as server:
        more = f'[[discover.feeds]]\nname = "silent"\nlocation = "{server.url("/silent")}"\n'
        (workspace / "clonewatch.toml").write_text(JOB.format(more=more))
        try:
            yield asked
        finally:
            over.set()


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
    assert "has already been run for this planned time" in again.stdout
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


@pytest.mark.ordeal
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


@pytest.mark.ordeal
@pytest.mark.parametrize("silent_source", [silent_name_server, silent_feed])
def test_a_stop_ends_runs_in_good_order(
    workspace: Path, silent_source: Callable[[Path], AbstractContextManager[threading.Event]]
) -> None:
    known_for_long(workspace)
    with silent_source(workspace) as asked, scheduling(workspace) as process:
        assert asked.wait(100)
        said_by(process)
        assert process.returncode == 0
    assert runs(workspace) == [("yearly", "stopped")]


def test_a_run_that_was_killed_is_found_out(workspace: Path) -> None:
    with silent_name_server(workspace) as asked, Workspace.open(workspace) as opened:
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


# --- how it goes ----------------------------------------------------------------------------------------------------------
