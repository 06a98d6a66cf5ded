"""The Celery application: its queues, and the settings that keep a message until its work is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from amqp.exceptions import InternalError
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from detector.config import BrokerConfig

CAPTURE = "capture"
"""Queue of captures, and the end of the task's name."""
TASK = f"clonewatch.{CAPTURE}"
DISCOVER = "discover"
"""Queue of crawl jobs."""
JOB = "clonewatch.job"
JUDGE = "judge"
"""Queue of stored captures to judge again."""
JUDGE_TASK = f"clonewatch.{JUDGE}"
QUEUES = (CAPTURE, DISCOVER, JUDGE)
CONNECT_SECONDS = 5
DEATHS = 3
"""Workers that one message of the queue ``judge`` may kill; for captures the store counts them."""

BROKER_ERRORS = (OperationalError, InternalError, OSError)
"""Errors of a broker that is unreachable or failing, and may work later.  Kombu turns most errors of a connection into
OperationalError, but not InternalError (AMQP reply code 541), which RabbitMQ sends when it stops or a queue has lost its leader.
"""


@contextmanager
def connected(app: Celery) -> Iterator[Connection]:
    """Open a connection to send messages, or fail within a few seconds.

    Raises:
        OperationalError, InternalError, OSError: the broker does not answer, or fails.
    """
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=CONNECT_SECONDS)
        yield connection


def make_app(config: BrokerConfig) -> Celery:
    """Return the application for the configured broker; it connects when it is first used."""
    app = Celery("clonewatch", broker=config.url)
    is_rabbit = config.url.startswith("amqp")
    kind: dict[str, str | int] = {"x-queue-type": "quorum"} if is_rabbit else {}
    limit: dict[str, str | int] = {"x-delivery-limit": DEATHS} if is_rabbit else {}
    app.conf.update(
        task_queues=[
            Queue(name, durable=True, queue_arguments=kind | limit if name == JUDGE else kind)  # type: ignore[no-untyped-call]
            for name in QUEUES
        ],
        task_default_queue=CAPTURE,
        task_ignore_result=True,
        # whatever happens to a worker, its message goes to another one; the store counts how often
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        worker_prefetch_multiplier=1,
        worker_detect_quorum_queues=is_rabbit,
        task_soft_time_limit=config.soft_seconds,
        task_time_limit=config.hard_seconds,
        worker_max_tasks_per_child=config.recycle_after,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # messages are two JSON values: nothing is unpickled
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"confirm_publish": True}
        if is_rabbit
        else {"visibility_timeout": int(config.hard_seconds + config.hold_seconds)},
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )
    return app
