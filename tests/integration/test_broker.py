"""Candidates as messages, on a real RabbitMQ and a real Redis: each captured once, whichever process is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from benchmarks.process_tree import descendants
from crawler.jobs.broker.celery_app import make_app
from crawler.jobs.broker.dispatcher import Dispatcher
from detector.config import BrokerConfig
from detector.model import Candidate
from detector.workspace import Workspace
from tests.support.pages.sites import needs_browser
from tests.support.preloaded import PreloadedProcess
from tests.support.processes import kill_quietly
from tests.support.program import (
    HARMLESS,
    LURE,
    ROOT,
    WebSite,
    background,
    clonewatch,
    clonewatch_process,
    complains,
    make_brand,
    wait_until,
)
from tests.support.servers.rabbitmq import Broker

pytestmark = [*needs_browser, pytest.mark.heavy, pytest.mark.timeout(300)]
PAGES = 12


@pytest.fixture
def site() -> Iterator[WebSite]:
    pages = {f"site{number}.test": LURE if number % 4 == 0 else HARMLESS for number in range(PAGES)}
    with WebSite(pages).serving() as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, site: WebSite) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    make_brand(folder / "brands")
    return folder


def configure(folder: Path, site: WebSite, url: str, more: str = "") -> None:
    (folder / "clonewatch.toml").write_text(f"""
brands = ["brands"]
[capture]
slots = 2
second_looks = 0
settle_seconds = 0.2
resolve = ["*:{site.port}:127.0.0.1"]
allow_private = ["127.0.0.0/8"]
[broker]
url = "{url}"
{more}
""")


def add(folder: Path, site: WebSite, count: int = PAGES) -> None:
    with Workspace.open(folder) as opened:
        opened.store.backlog.add(
            Candidate(f"http://site{number}.test:{site.port}/", source="test") for number in range(count)
        )


def counts(folder: Path) -> dict[str, int]:
    with Workspace.open(folder) as opened:
        return opened.store.counts()


@contextmanager
def running(folder: Path, *commands: str) -> Iterator[list[PreloadedProcess]]:
    """Workers and dispatchers, which do not outlive the test."""
    processes = [background(command, "-w", folder, start_new_session=True) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def stop(process: PreloadedProcess) -> None:
    process.terminate()
    process.wait(60)


def children_of(process: PreloadedProcess) -> list[int]:
    """The processes that take messages, without the browsers below them."""
    return [pid for pid, name in descendants(process.pid).items() if name.startswith("python")]


def each_once(folder: Path) -> bool:
    found = counts(folder)
    return found["done"] == found["captures"] == PAGES


@pytest.mark.ordeal
def test_candidates_are_captured_through_rabbitmq(workspace: Path, site: WebSite, rabbit_node: Broker) -> None:
    configure(workspace, site, rabbit_node.url)
    add(workspace, site)
    with running(workspace, "dispatch", "dispatch", "worker") as (first, second, worker):
        wait_until(lambda: each_once(workspace))
        with Workspace.open(workspace) as opened:
            alive = opened.store.runs.running(datetime.now(UTC))
            assert sorted(run.doing or "dispatch" for run in alive if run.slots == 0)
        for process in (first, second, worker):
            stop(process)
    assert counts(workspace)["cases"] == 3
    with Workspace.open(workspace) as opened:
        ended = {str(run.state) for run in opened.store.runs.latest(5)}
        assert "running" not in ended
        assert sum(run.counts.get("sent", 0) for run in opened.store.runs.latest(5)) == PAGES


@pytest.mark.ordeal
def test_candidates_are_captured_through_redis(workspace: Path, site: WebSite, redis_url: str) -> None:
    configure(workspace, site, redis_url)
    add(workspace, site)
    with running(workspace, "dispatch", "worker") as (dispatcher, worker):
        wait_until(lambda: each_once(workspace))
        stop(dispatcher)
        stop(worker)
    assert counts(workspace)["cases"] == 3


def test_logos_are_fingerprinted_before_the_first_message(
    workspace: Path, site: WebSite, rabbit_node: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(workspace, site, rabbit_node.url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with running(workspace, "worker") as (worker,):
        wait_until(lambda: any((tmp_path / "cache" / "clonewatch").glob("logos-*")))
        stop(worker)


@pytest.mark.ordeal
def test_the_message_of_a_killed_process_comes_to_another_one(
    workspace: Path, site: WebSite, rabbit_node: Broker
) -> None:
    configure(workspace, site, rabbit_node.url)
    add(workspace, site)
    site.open_for = 4
    with running(workspace, "dispatch", "worker") as (_, worker):
        wait_until(lambda: site.hits.total() > 4)
        killed = children_of(worker)
        for pid in killed:
            kill_quietly(pid)
        wait_until(lambda: not set(children_of(worker)) & set(killed))
        site.open_for = None
        site.gate.set()
        wait_until(lambda: each_once(workspace))
        stop(worker)
    assert counts(workspace)["quarantined"] == 0


def test_a_candidate_that_kills_every_worker_is_quarantined(
    workspace: Path, site: WebSite, rabbit_node: Broker
) -> None:
    configure(workspace, site, rabbit_node.url)
    add(workspace, site, 1)
    site.open_for = 0
    killed = seen = 0
    with running(workspace, "dispatch", "worker") as (_, worker):
        while counts(workspace)["quarantined"] == 0 and killed < 6:
            wait_until(lambda seen=seen: site.hits.total() > seen or counts(workspace)["quarantined"] == 1)  # type: ignore[misc]
            seen = site.hits.total()  # whoever comes in place of those that are killed now asks for the page again
            for pid in children_of(worker):
                kill_quietly(pid)
            killed += 1
        wait_until(lambda: counts(workspace)["quarantined"] == 1)
        stop(worker)
    assert 3 <= killed <= 4
    with Workspace.open(workspace) as opened:
        [(_, reason)] = opened.store.backlog.quarantined()
        assert "vanished 3 times" in reason
        assert opened.store.counts()["captures"] == 0


@pytest.mark.ordeal
def test_a_broker_that_is_lost_and_comes_back_costs_nothing(
    workspace: Path, site: WebSite, rabbit_node: Broker
) -> None:
    configure(workspace, site, rabbit_node.url, "hold_seconds = 5.0")
    add(workspace, site)
    site.open_for = 3
    with running(workspace, "dispatch", "worker") as (dispatcher, worker):
        wait_until(lambda: site.hits.total() > 3)
        rabbit_node.kill()
        site.open_for = None
        site.gate.set()
        time.sleep(2)  # so long it is away
        rabbit_node.start()
        wait_until(lambda: each_once(workspace))
        stop(dispatcher)
        stop(worker)


@pytest.mark.ordeal
def test_a_broker_that_is_away_keeps_nothing(workspace: Path, site: WebSite) -> None:
    add_to = Path(workspace)
    configure(add_to, site, "amqp://guest:guest@127.0.0.1:9//")
    add(add_to, site)
    config = BrokerConfig(url="amqp://guest:guest@127.0.0.1:9//")
    with Workspace.open(add_to) as opened:
        stopping = threading.Event()
        thread = threading.Thread(target=Dispatcher(make_app(config), opened.store, config).run, args=(stopping, 0.2))
        with capture_logs() as logs:
            thread.start()
            wait_until(lambda: sum("the broker does not answer" in entry["event"] for entry in logs) >= 2)
            stopping.set()
            thread.join(60)
        assert not thread.is_alive()
        assert opened.store.counts()["due"] == PAGES


def test_what_the_command_line_refuses(tmp_path: Path) -> None:
    complains(clonewatch("dispatch", "-w", tmp_path), 2, "no broker is configured")
    complains(clonewatch("worker", "-Q", "discover", "-w", tmp_path), 2, "--queue needs a broker")
    (tmp_path / "clonewatch.toml").write_text('[broker]\nurl = "http://x"\n')
    complains(clonewatch("worker", "-w", tmp_path), 3, "broker.url must begin with amqp://")


@pytest.mark.parametrize("command", ["worker", "dispatch"])
def test_without_the_extra_the_command_says_so(tmp_path: Path, command: str) -> None:
    (tmp_path / "clonewatch.toml").write_text('[broker]\nurl = "redis://127.0.0.1:1/0"\n')
    (tmp_path / "celery.py").write_text('raise ImportError("there is no celery")\n')
    done = clonewatch_process(command, "-w", tmp_path, env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})
    complains(done, 4, "there is no celery", "install clonewatch[broker]")
