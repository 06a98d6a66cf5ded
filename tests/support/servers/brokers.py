"""Both brokers for tests (a RabbitMQ for a file of tests, which may kill it; a Redis for one test), and programs that use them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from benchmarks.process_tree import descendants
from tests.support.processes import kill_quietly
from tests.support.program import PROGRAM, ROOT, environment
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
def started(folder: Path, *commands: str, env: dict[str, str] | None = None) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Programs in the background, which do not outlive the test; nor do those that they have started.  They tell ``said.log``."""
    with ExitStack() as stack:
        running = []
        said = stack.enter_context((folder / "said.log").open("ab"))
        for command in commands:
            process = subprocess.Popen(
                [*PROGRAM, *command.split(), "-w", str(folder)],
                cwd=ROOT, env=environment(env), stdin=subprocess.DEVNULL, stderr=said,
            )  # fmt: skip
            stack.callback(_end, process)
            running.append(process)
        yield running


def _end(process: subprocess.Popen[bytes]) -> None:
    for pid in (*descendants(process.pid), process.pid):
        kill_quietly(pid)
    process.wait()
