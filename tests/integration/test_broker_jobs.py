"""Crawl jobs as messages: each due moment is run once, by one worker, also when a process is killed or a message comes twice."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from amqp.exceptions import ChannelError

from crawler.jobs.broker.celery_app import DISCOVER, make_app
from crawler.jobs.broker.celery_app import JOB as MESSAGE
from crawler.jobs.broker.job_messages import send_job
from crawler.jobs.schedule.moments import OWN_MEMORY, since_key
from detector.config import BrokerConfig
from detector.model import Candidate
from detector.workspace import Workspace
from tests.support.pages.sites import needs_browser
from tests.support.program import (
    HARMLESS,
    ROOT,
    WebSite,
    background,
    clonewatch_process,
    complains,
    make_brand,
    query,
    wait_until,
)  # fmt: skip
from tests.support.servers.brokers import started
from tests.support.servers.rabbitmq import Broker

pytestmark = [*needs_browser, pytest.mark.heavy, pytest.mark.timeout(300)]
JOB = "yearly"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    make_brand(folder / "brands")
    (folder / "feed.txt").write_text("http://one.example/\nhttp://two.example/\n")
    return folder


def configure(folder: Path, url: str, steps: str = '"discover", "report"', more: str = "") -> None:
    """One job, whose last moment was missed."""
    # not all that are configured: permutations would be asked of a name server that is not there
    sources = 'sources = ["feeds"]' if "discover" in steps else ""
    (folder / "clonewatch.toml").write_text(f"""
brands = ["brands"]
[broker]
url = "{url}"
[capture]
slots = 1
allow_private = ["127.0.0.0/8"]
{more}
[schedule]
jitter_seconds = 0
catch_up_hours = 10000
[[schedule.jobs]]
name = "{JOB}"
cron = "0 0 1 1 *"
steps = [{steps}]
{sources}
[[discover.feeds]]
name = "list"
location = "feed.txt"
""")
    with Workspace.open(folder) as opened:
        since = datetime.now(UTC) - timedelta(days=400)
        opened.store.sources.put(OWN_MEMORY, since_key(JOB), since)


def runs(folder: Path) -> list[tuple[str, int, int]]:
    """Of the job: state, steps' count of new candidates, whose process."""
    with Workspace.open(folder) as opened:
        latest = [run for run in opened.store.runs.latest(20) if run.job == JOB]
        return [(str(run.state), run.counts.get("new", 0), run.pid) for run in latest]


def test_one_worker_runs_what_two_schedulers_send(workspace: Path, rabbit_node: Broker) -> None:
    configure(workspace, rabbit_node.url)
    with started(workspace, "schedule", "schedule", "worker", "worker") as processes:
        wait_until(lambda: [state for state, *_ in runs(workspace)] == ["done"])
        moment = datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC)
        # a message that comes again changes nothing
        assert send_job(make_app(BrokerConfig(url=rabbit_node.url)), JOB, moment)
        for process in processes:
            process.terminate()
        for process in processes:
            assert process.wait(60) in (0, 130)
    [(state, new, pid)] = runs(workspace)
    assert (state, new) == ("done", 2)
    assert pid not in {process.pid for process in processes}
    assert query(workspace, "select count(*) from backlog") == [(2,)]


def test_a_worker_of_captures_leaves_jobs_alone(workspace: Path, rabbit_node: Broker) -> None:
    configure(workspace, rabbit_node.url)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    app = make_app(BrokerConfig(url=rabbit_node.url))
    assert send_job(app, JOB, moment)
    with background("worker", "-Q", "capture", "-w", workspace) as worker:
        wait_until(lambda: len(query(workspace, "select id from runs where job = ''")) == 1)  # it is ready
        assert runs(workspace) == []
        worker.terminate()
        worker.wait(60)
    with started(workspace, "worker"):
        wait_until(lambda: [state for state, *_ in runs(workspace)] == ["done"])


def queue_works(url: str) -> bool:
    """Tell whether the queue of crawl jobs is there and has a consumer."""
    with make_app(BrokerConfig(url=url)).connection_for_write() as connection, connection.channel() as channel:
        try:
            return bool(channel.queue_declare(DISCOVER, passive=True).consumer_count)
        except ChannelError:
            return False


@pytest.mark.ordeal
def test_a_broker_that_is_away_at_the_moment_gets_the_job_later(workspace: Path, rabbit_node: Broker) -> None:
    configure(workspace, rabbit_node.url)
    # a node that is killed before its first quorum queue works does not elect a leader for one afterwards
    with started(workspace, "worker"):
        wait_until(lambda: queue_works(rabbit_node.url))
    rabbit_node.kill()
    with started(workspace, "schedule") as [scheduler]:
        wait_until(lambda: "the broker does not answer" in (workspace / "said.log").read_text())
        rabbit_node.start()
        with started(workspace, "worker"):
            wait_until(lambda: [state for state, *_ in runs(workspace)] == ["done"])
        scheduler.terminate()
        assert scheduler.wait(60) == 0


def test_a_worker_that_is_stopped_ends_the_run_in_good_order(workspace: Path, rabbit_node: Broker) -> None:
    with WebSite({"*": HARMLESS}).serving() as site:
        site.open_for = 0
        rule = f'navigation_seconds = 90.0\ntotal_seconds = 100.0\nresolve = ["*:{site.port}:127.0.0.1"]'
        configure(workspace, rabbit_node.url, '"capture"', rule)
        with Workspace.open(workspace) as opened:
            opened.store.backlog.add([Candidate(f"http://slow.test:{site.port}/", source="test")])
        with started(workspace, "schedule", "worker") as [scheduler, worker]:
            wait_until(lambda: site.hits.total() > 0)
            worker.terminate()
            worker.wait(90)
            scheduler.terminate()
            scheduler.wait(60)
        assert [state for state, *_ in runs(workspace)] == ["stopped"]
        assert query(workspace, "select state, attempts from backlog") == [("ready", 0)]


def test_jobs_are_sent_through_redis_too(workspace: Path, redis_url: str) -> None:
    configure(workspace, redis_url)
    with started(workspace, "schedule", "worker"):
        wait_until(lambda: [state for state, *_ in runs(workspace)] == ["done"])


@pytest.mark.ordeal
def test_schedule_with_here_runs_the_jobs_on_this_machine(workspace: Path) -> None:
    configure(workspace, "redis://127.0.0.1:1/0")
    process = background("schedule", "--here", "-w", workspace, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: [state for state, *_ in runs(workspace)] == ["done"])
    finally:
        process.terminate()
        said = process.communicate(timeout=60)[1].decode()
    assert "done: 2 found, 2 new" in said


def test_without_the_extra_the_scheduler_says_what_to_do(workspace: Path) -> None:
    configure(workspace, "redis://127.0.0.1:1/0")
    (workspace / "celery.py").write_text('raise ImportError("there is no celery")\n')
    done = clonewatch_process("schedule", "-w", workspace, env={"PYTHONPATH": f"{workspace}{os.pathsep}{ROOT}"})
    complains(done, 4, "there is no celery", "clonewatch schedule --here")


def test_messages_that_name_no_job_are_dropped(workspace: Path, redis_url: str) -> None:
    configure(workspace, redis_url)
    app = make_app(BrokerConfig(url=redis_url))
    moment = "2026-01-01T00:00:00+00:00"
    for words in (("../x", moment), ("--help", moment), (JOB, "never"), (7, 7), ("a" * 9999, moment), ("a\0", moment)):
        app.send_task(MESSAGE, args=words, queue=DISCOVER, retry=False)
    assert send_job(app, JOB, datetime.fromisoformat(moment))
    with started(workspace, "worker"):
        wait_until(lambda: [state for state, *_ in runs(workspace)] == ["done"])
    said = (workspace / "said.log").read_text()
    assert said.count("a message without a valid crawl job was dropped") == 5
    assert "no crawl job '--help'" in said, "a name that a job could have, and none has"
    assert "Traceback" not in said
    assert len(said) < 5000
