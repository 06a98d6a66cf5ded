"""Captures that are judged anew, as messages: one word each, the capture's number."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from celery import Celery, Task
from kombu.exceptions import OperationalError

from crawler.jobs.broker.capture_tasks import WorkerProcess
from crawler.jobs.broker.celery_app import JUDGE, JUDGE_TASK, connected
from detector.config import BrokerConfig
from detector.errors import ClonewatchError, EnvironmentFault
from detector.sentences import counted

log = structlog.get_logger(__name__)

ASK_SECONDS = 3.0
"""Before a capture is sent again whose result could not be stored."""


def send_captures(app: Celery, ids: Sequence[int]) -> None:
    """Send captures to be judged.

    Raises:
        EnvironmentFault: the broker does not take them all.
    """
    sent = 0
    try:
        with connected(app) as connection:
            for capture_id in ids:
                app.send_task(JUDGE_TASK, args=(capture_id,), queue=JUDGE, retry=False, connection=connection)
                sent += 1
    except (OperationalError, OSError) as error:
        raise EnvironmentFault(
            f"the broker does not answer ({error}); {counted(sent, 'page was', 'pages were')} sent of {len(ids)}: "
            "call it again (a page that is judged twice does no harm), or with --here"
        ) from error


def register_judging(app: Celery, hands: Sequence[WorkerProcess], config: BrokerConfig) -> None:
    """Teach ``app`` to judge captures anew.

    ``hands``: the process's own, as :func:`crawler.jobs.broker.capture_tasks.register` fills them.
    """
    is_rabbit = config.url.startswith("amqp")

    @app.task(name=JUDGE_TASK, bind=True)  # type: ignore[untyped-decorator]
    def judge_anew(self: Task, capture_id: int) -> None:
        # RabbitMQ counts how often a message came back; to Redis it is only known that it did
        if not is_rabbit and (self.request.delivery_info or {}).get("redelivered"):
            log.warning("a capture whose judging ended a worker is passed over", capture=capture_id)
            return
        try:
            [one] = hands
            _told(one, capture_id)
        except ClonewatchError as error:
            # a message of its own: that the store was away does not count as a worker's death
            log.warning("a capture is judged later", capture=capture_id, error=str(error))
            time.sleep(ASK_SECONDS)
            app.send_task(JUDGE_TASK, args=(capture_id,), queue=JUDGE)


def _told(hands: WorkerProcess, capture_id: int) -> None:
    if type(capture_id) is not int or not 0 < capture_id < 2**63:
        log.warning("a message that names no capture was dropped", capture=repr(capture_id)[:80])
        return
    try:
        verdict = hands.rejudge.judge(capture_id)
    except SoftTimeLimitExceeded:
        log.warning("judging a capture anew took longer than broker.soft_seconds", capture=capture_id)
        return
    if verdict is not None and verdict.is_suspect:
        log.info(
            "a cleared page is suspicious now", capture=capture_id, brand=verdict.brand, decision=str(verdict.decision)
        )
