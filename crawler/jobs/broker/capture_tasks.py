"""The task of a worker's process: one message, one capture with its verdict.

Each process has a browser of its own, on an event loop in a thread of its own, which lives for many messages.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from celery import Celery, Task
from celery.exceptions import Reject
from celery.signals import worker_process_init, worker_process_shutdown, worker_shutdown

from crawler.browser.leftovers import OwnFolder
from crawler.examine.backlog_worker import CandidateProcessor, open_examiner, retry_store
from crawler.examine.rejudging import Rejudger
from crawler.examine.wildcard_farms import Postponement
from crawler.jobs.broker.celery_app import TASK
from crawler.jobs.broker.suspect_isolation import SuspectIsolation
from detector.errors import ClonewatchError, StoreError
from detector.judge import Judge
from detector.model import utcnow
from detector.store import BacklogClaim
from detector.workspace import Workspace

log = structlog.get_logger(__name__)

ASK_SECONDS = 3.0
"""Between two questions to a store that is away."""
LATER = timedelta(minutes=5)
"""When a capture that was ended by the clock is tried again."""
SHARE_OF_WAIT = 0.3
"""Of ``broker.soft_seconds`` that may go by before a capture begins: one that waited longer would be ended too early."""


class WorkerProcess:
    """What one process of a worker works with; opened at its first message."""

    def __init__(self, folder: Path, options: dict[str, Any], company: SuspectIsolation) -> None:
        self._folder, self._options = folder, options
        self.company = company
        self._workspace: Workspace | None = None
        self._looker: CandidateProcessor | None = None
        self._stack = AsyncExitStack()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="captures", daemon=True)

    @property
    def workspace(self) -> Workspace:
        """The process's own connection to the store."""
        if self._workspace is None:
            self._workspace = Workspace.open(self._folder, **self._options)
        return self._workspace

    @cached_property
    def rejudge(self) -> Rejudger:
        """What judges stored captures anew, with a judge of its own: the other one belongs to the thread of the captures."""
        return Rejudger(self.workspace)

    def look(self, claim: BacklogClaim) -> None:
        """Capture, judge and store."""
        if not self._thread.is_alive():
            self._thread.start()
        working = asyncio.run_coroutine_threadsafe(self._examine(claim), self._loop)
        try:
            working.result()
        except BaseException:
            working.cancel()
            raise

    async def _examine(self, claim: BacklogClaim) -> None:
        workspace = self.workspace
        if self._looker is None:
            judge = Judge(workspace.library(), workspace.config.detect)
            examiner = await self._stack.enter_async_context(open_examiner(workspace, judge))
            self._looker = CandidateProcessor(workspace, examiner)
        result = await self._looker.look(claim)
        finish = partial(workspace.store.finish, claim, result.capture, result.verdict, seal=result.seal)
        await retry_store(finish, ASK_SECONDS, seconds=math.inf)  # the clock of the task ends it

    def close(self) -> None:
        """End browser, loop and store."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result(20)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        if self._workspace is not None:
            self._workspace.close()


def register(app: Celery, folder: Path, options: dict[str, Any]) -> Sequence[WorkerProcess]:
    """Teach ``app`` the task, in this workspace with these options; what comes back holds the process's hands once it has begun."""
    hands: list[WorkerProcess] = []
    shared = OwnFolder()
    company = SuspectIsolation(shared.path)

    def start(**_: object) -> None:
        hands[:] = [WorkerProcess(folder, options, company)]

    def end(**_: object) -> None:
        for one in hands:
            one.close()

    def end_worker(**_: object) -> None:
        shared.remove()

    worker_process_init.connect(start, weak=False)
    worker_process_shutdown.connect(end, weak=False)
    worker_shutdown.connect(end_worker, weak=False)

    @app.task(name=TASK, bind=True)  # type: ignore[untyped-decorator]
    def capture(_self: Task, row_id: int, token: str) -> None:
        [one] = hands
        with _in_company(one, row_id, token):
            _capture(one, row_id, token)

    return hands


@contextmanager
def _in_company(hands: WorkerProcess, row_id: int, token: str) -> Iterator[None]:
    """A capture beside others, or alone where a worker vanished with its candidate before.

    Raises:
        Reject: the store does not answer, or the wait was so long that the capture would be ended by the clock.
    """
    since, company = time.monotonic(), hands.company
    try:
        with company.alone() if _came_back(hands, row_id, token) else company.beside_others():
            if time.monotonic() - since > SHARE_OF_WAIT * hands.workspace.config.broker.soft_seconds:
                raise Reject("it waited too long for its turn", requeue=True)
            yield
    except SoftTimeLimitExceeded as error:  # not the capture's own, which is counted: nothing was begun
        raise Reject("it waited too long for its turn", requeue=True) from error


def _capture(one: WorkerProcess, row_id: int, token: str) -> None:
    claim = _begin(one, row_id, token)
    if claim is None:
        return  # another worker's by now, or given up
    try:
        one.look(claim)
    except SoftTimeLimitExceeded:
        one.workspace.store.fail(claim, due=utcnow() + LATER, reason="its capture took longer than broker.soft_seconds")
    except Postponement as later:
        one.workspace.store.release(claim, due=later.due, reason=later.reason)
    except ClonewatchError as error:  # evidence that cannot be stored, no browser: this machine's trouble
        log.warning("a capture goes back to the backlog", url=claim.candidate.url, error=str(error))
        one.workspace.store.release(claim, due=utcnow() + LATER, reason=str(error))
        time.sleep(ASK_SECONDS)


def _came_back(hands: WorkerProcess, row_id: int, token: str) -> bool:
    try:
        return hands.workspace.store.came_back(row_id, token)
    except StoreError as error:
        raise _back(error) from error


def _begin(hands: WorkerProcess, row_id: int, token: str) -> BacklogClaim | None:
    try:
        return hands.workspace.store.begin(row_id, token)
    except StoreError as error:
        raise _back(error) from error


def _back(error: StoreError) -> Reject:
    """What sends a message back to its queue after a while."""
    log.warning("the store does not answer; the message goes back", error=str(error))
    time.sleep(ASK_SECONDS)
    return Reject(str(error), requeue=True)
