"""Both brokers for tests (a RabbitMQ for a file of tests, which may kill it; a Redis for one test), and programs that use them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from benchmarks.process_tree import descendants
from tests.support.preloaded import Process
from tests.support.processes import kill_quietly
from tests.support.program import PROGRAM, ROOT, background, environment
from tests.support.servers.rabbitmq import Broker, NoRabbitError, rabbit
from tests.support.servers.redis import NoRedisError, redis


@pytest.fixture(scope="module")
def rabbit_node() -> Iterator[Broker]:
    """A node of RabbitMQ."""
    try:
        with rabbit() as broker:
            yield broker
    except NoRabbitError as error:
        pytest.skip(str(error))


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Where a Redis of the test's own listens."""
    try:
        with redis() as url:
            yield url
    except NoRedisError as error:
        pytest.skip(str(error))


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
