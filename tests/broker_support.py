"""Both brokers for tests: a RabbitMQ for a file of tests, which may kill it, and a Redis for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rabbitmq_support import Broker, NoRabbitError, rabbit
from tests.redis_support import NoRedisError, redis


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
