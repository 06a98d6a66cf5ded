"""The dispatcher outlives a broker that fails in any of the ways that brokers fail."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from amqp.exceptions import InternalError
from kombu.exceptions import OperationalError
from structlog.testing import capture_logs

from crawler.jobs.broker.celery_app import make_app
from crawler.jobs.broker.dispatcher import Dispatcher
from detector.config import BrokerConfig
from detector.store import Store


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the connection was refused"),
        ConnectionResetError("the connection was reset"),
        InternalError("INTERNAL_ERROR", reply_code=541),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_broker_is_logged_and_the_dispatcher_tries_again(tmp_path: Path, error: Exception) -> None:
    config = BrokerConfig(url="amqp://127.0.0.1//")
    stopping = threading.Event()

    class FailingOnce(Dispatcher):
        calls = 0

        def fill(self) -> int:
            self.calls += 1
            if self.calls == 1:
                raise error
            stopping.set()
            return 0

    with Store.open(tmp_path / "store.sqlite") as store, capture_logs() as logs:
        dispatcher = FailingOnce(make_app(config), store, config)
        dispatcher.run(stopping, 0.001)
    assert dispatcher.calls == 2
    assert [entry["event"] for entry in logs] == ["the broker does not answer; trying again"]
    assert str(error) in logs[0]["error"]
