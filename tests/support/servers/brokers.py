"""Both brokers for tests, one of each per pytest worker, and programs that use them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from amqp.exceptions import AMQPError
from redis import Redis

from benchmarks.process_tree import descendants
from crawler.jobs.broker.celery_app import QUEUES, make_app
from detector.config import BrokerConfig
from tests.support.preloaded import Process
from tests.support.processes import kill_quietly
from tests.support.program import PROGRAM, ROOT, background, environment, wait_until
from tests.support.servers.rabbitmq import Broker, NoRabbitError, rabbit
from tests.support.servers.redis import NoRedisError, redis


@pytest.fixture(scope="session")
def _rabbit() -> Iterator[Broker]:
    with ExitStack() as stack:
        try:
            broker = stack.enter_context(rabbit())
        except NoRabbitError as error:
            pytest.skip(str(error))
        yield broker


@pytest.fixture
def rabbit_node(_rabbit: Broker) -> Broker:
    """A node of RabbitMQ without the messages of other tests; a test may kill it and start it again."""
    _rabbit.renew()
    wait_until(lambda: _purged(_rabbit.url))
    return _rabbit


def _purged(url: str) -> bool:
    """Empty all queues; False while a node that was just started has no leaders for them yet.

    They are not deleted: Celery's pooled connections of this process remember that they have declared them.
    """
    app = make_app(BrokerConfig(url=url))
    try:
        with app.connection_for_write() as connection:
            for name in QUEUES:
                queue = app.amqp.queues[name](connection.default_channel)
                queue.declare()
                queue.purge()
    except AMQPError:
        return False
    return True


@pytest.fixture(scope="session")
def _redis() -> Iterator[str]:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(redis())
        except NoRedisError as error:
            pytest.skip(str(error))
        yield url


@pytest.fixture
def redis_url(_redis: str) -> str:
    """URL of an empty Redis."""
    with Redis.from_url(_redis) as client:
        client.flushall()
    return _redis


@contextmanager
def started(folder: Path, *commands: str, env: dict[str, str] | None = None) -> Iterator[list[Process]]:
    """Programs in the background, which do not outlive the test; nor do those that they have started.  They tell ``said.log``."""
    with ExitStack() as stack:
        running: list[Process] = []
        preloaded = "PYTHONPATH" not in (env or {})  # a module of that path may change what has been imported
        said = stack.enter_context((folder / "said.log").open("ab"))
        for command in commands:
            words = [*command.split(), "-w", str(folder)]
            process = (
                background(*words, env=env, stderr=said)
                if preloaded
                else subprocess.Popen(
                    [*PROGRAM, *words], cwd=ROOT, env=environment(env), stdin=subprocess.DEVNULL, stderr=said
                )
            )
            stack.callback(_end, process)
            running.append(process)
        yield running


def _end(process: Process) -> None:
    for pid in (*descendants(process.pid), process.pid):
        kill_quietly(pid)
    process.wait()
