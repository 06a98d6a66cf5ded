"""Messages that ask workers to judge a stored capture again; each carries the capture's id."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from celery import Celery, Task

from crawler.jobs.broker.capture_tasks import WorkerProcess
from crawler.jobs.broker.celery_app import BROKER_ERRORS, JUDGE, JUDGE_TASK, connected
from detector.config import BrokerConfig
from detector.errors import ClonewatchError, EnvironmentFault
from detector.sentences import counted

log = structlog.get_logger(__name__)

ASK_SECONDS = 3.0
"""Seconds before a capture whose result could not be stored is sent again."""


def send_captures(app: Celery, ids: Sequence[int]) -> None:
    """Send the ids of captures to the workers, to be judged again.

    Raises:
        EnvironmentFault: the broker does not take them all.
    """
    sent = 0
    try:
        with connected(app) as connection:
            for capture_id in ids:
                app.send_task(JUDGE_TASK, args=(capture_id,), queue=JUDGE, retry=False, connection=connection)
                sent += 1
    except BROKER_ERRORS as error:
        raise EnvironmentFault(
            f"the broker does not answer ({error}); {counted(sent, 'page was', 'pages were')} sent of {len(ids)}: "
            "run the command again (judging a page twice does no harm), or with --here"
        ) from error


def register_judging(app: Celery, processes: Sequence[WorkerProcess], config: BrokerConfig) -> None:
    """Register the task that judges stored captures again.

    ``processes``: the list that :func:`crawler.jobs.broker.capture_tasks.register` returns.
    """
    is_rabbit = config.url.startswith("amqp")

    @app.task(name=JUDGE_TASK, bind=True)  # type: ignore[untyped-decorator]
    def judge_again(self: Task, capture_id: int) -> None:
        # RabbitMQ limits redeliveries itself; Redis only knows that a message was redelivered
        if not is_rabbit and (self.request.delivery_info or {}).get("redelivered"):
            log.warning("a capture is skipped because judging it ended a worker", capture=capture_id)
            return
        try:
            [process] = processes
            _judge(process, capture_id)
        except ClonewatchError as error:
            # a new message, so that an unreachable store does not count as a worker's death
            log.warning("a capture will be judged later", capture=capture_id, error=str(error))
            time.sleep(ASK_SECONDS)
            app.send_task(JUDGE_TASK, args=(capture_id,), queue=JUDGE)


def _judge(process: WorkerProcess, capture_id: int) -> None:
    if type(capture_id) is not int or not 0 < capture_id < 2**63:
        log.warning("a message without a valid capture id was dropped", capture=repr(capture_id)[:80])
        return
    try:
        verdict = process.rejudge.judge(capture_id)
    except SoftTimeLimitExceeded:
        log.warning("judging a capture again took longer than broker.soft_seconds", capture=capture_id)
        return
    if verdict is not None and verdict.is_suspect:
        log.info(
            "a cleared page is suspicious now", capture=capture_id, brand=verdict.brand, decision=str(verdict.decision)
        )
