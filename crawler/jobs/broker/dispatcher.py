"""Fill the broker's queue from the backlog; any number of dispatchers may run at the same time."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import structlog
from amqp.exceptions import ChannelError
from celery import Celery

from crawler.jobs.broker.celery_app import BROKER_ERRORS, CAPTURE, TASK, connected
from detector.config import BrokerConfig
from detector.errors import StoreError
from detector.store import BacklogClaim, Store

log = structlog.get_logger(__name__)


class Dispatcher:
    """Sends due candidates to the broker as long as its queue is short."""

    def __init__(self, app: Celery, store: Store, config: BrokerConfig) -> None:
        """``store``: holds the backlog.  Nothing is sent before :meth:`run` or :meth:`fill`."""
        self._app, self._store, self._config = app, store, config
        self.sent = 0

    def run(self, stopping: threading.Event, patience: float) -> None:
        """Send until ``stopping`` is set; after ``patience`` seconds, try again to reach a broker or store that did not answer."""
        while not stopping.is_set():
            try:
                sent = self.fill()
            except BROKER_ERRORS as error:
                log.warning("the broker does not answer; trying again", seconds=patience, error=str(error))
                sent = 0
            except StoreError as error:
                log.warning("the store does not answer; trying again", seconds=patience, error=str(error))
                sent = 0
            if not sent:
                stopping.wait(patience)

    def fill(self) -> int:
        """Send as many candidates as the queue has room for; return their number.

        Raises:
            OperationalError, InternalError, OSError: the broker does not answer, or fails; what it did not take is due again.
            StoreError: the store does not answer.
        """
        room = self._config.ahead - self.depth()
        if room <= 0:
            return 0
        held = self._store.backlog.dispatch(room, timedelta(seconds=self._config.hold_seconds))
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
        """Return the number of messages that no worker has taken yet."""
        with connected(self._app) as connection:
            queue = self._app.amqp.queues[CAPTURE](connection.default_channel)
            queue.declare()
            try:
                return int(queue.queue_declare(passive=True).message_count)
            except ChannelError:  # the queue does not exist: Redis deletes a queue when it is empty
                return 0

    def _give_back(self, claims: list[BacklogClaim]) -> None:
        for claim in claims:
            with contextlib.suppress(StoreError):  # then they return to the backlog when their leases end
                self._store.backlog.release_held(claim)
