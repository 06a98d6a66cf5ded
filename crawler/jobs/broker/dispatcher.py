"""Fills the queue from the backlog; any number of dispatchers may run at once."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import structlog
from amqp.exceptions import ChannelError
from celery import Celery
from kombu.exceptions import OperationalError

from crawler.jobs.broker.celery_app import CAPTURE, TASK, connected
from detector.config import BrokerConfig
from detector.errors import StoreError
from detector.store import BacklogClaim, Store

log = structlog.get_logger(__name__)


class Dispatcher:
    """Sends what is due, as long as the queue is short."""

    def __init__(self, app: Celery, store: Store, config: BrokerConfig) -> None:
        """``store`` is the backlog's; nothing is done yet."""
        self._app, self._store, self._config = app, store, config
        self.sent = 0

    def run(self, stopping: threading.Event, patience: float) -> None:
        """Until told to stop; a broker or a store that is away is asked again after ``patience`` seconds."""
        while not stopping.is_set():
            try:
                sent = self.fill()
            except (OperationalError, OSError) as error:
                log.warning("the broker does not answer; asked again", seconds=patience, error=str(error))
                sent = 0
            except StoreError as error:
                log.warning("the store does not answer; asked again", seconds=patience, error=str(error))
                sent = 0
            if not sent:
                stopping.wait(patience)

    def fill(self) -> int:
        """Send as many as the queue lacks; how many.

        Raises:
            OperationalError, OSError: the broker is away; what it did not take is due again.
            StoreError: the store is away.
        """
        room = self._config.ahead - self.depth()
        if room <= 0:
            return 0
        held = self._store.dispatch(room, timedelta(seconds=self._config.hold_seconds))
        for position, claim in enumerate(held):
            try:
                # confirmed by the broker before the next one is sent
                self._app.send_task(TASK, args=(claim.id, claim.token), queue=CAPTURE, retry=False)
            except BaseException:
                self._give_back(held[position:])
                raise
            self.sent += 1
        return len(held)

    def depth(self) -> int:
        """Messages that no worker has taken yet."""
        with connected(self._app) as connection:
            queue = self._app.amqp.queues[CAPTURE](connection.default_channel)
            queue.declare()
            try:
                return int(queue.queue_declare(passive=True).message_count)
            except ChannelError:  # to Redis an empty queue is none
                return 0

    def _give_back(self, claims: list[BacklogClaim]) -> None:
        for claim in claims:
            with contextlib.suppress(StoreError):  # then they come back when nobody holds them any more
                self._store.release_held(claim)
