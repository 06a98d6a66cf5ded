"""The Celery task that captures and judges one candidate per message.

Each process of a worker has its own browser, on an event loop in a thread that lives for many messages.
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

from crawler.browser.temporary_folders import OwnFolder
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
"""Seconds between two attempts to reach the store."""
LATER = timedelta(minutes=5)
"""Time after which a capture that exceeded its time limit is tried again."""
SHARE_OF_WAIT = 0.3
"""Share of ``broker.soft_seconds`` that may pass before a capture begins: one that waited longer would hit its time limit early."""


class WorkerProcess:
    """Workspace, browser and judge of one process of a worker; opened at its first message."""

    def __init__(self, folder: Path, options: dict[str, Any], isolation: SuspectIsolation) -> None:
        self._folder, self._options = folder, options
        self.isolation = isolation
        self._workspace: Workspace | None = None
        self._processor: CandidateProcessor | None = None
        self._stack = AsyncExitStack()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="captures", daemon=True)

    @property
    def workspace(self) -> Workspace:
        """The workspace, with this process's own connection to the store."""
        if self._workspace is None:
            self._workspace = Workspace.open(self._folder, **self._options)
        return self._workspace

    @cached_property
    def rejudge(self) -> Rejudger:
        """Judge for stored captures; the thread of the captures has a judge of its own."""
        return Rejudger(self.workspace)

    def examine(self, claim: BacklogClaim) -> None:
        """Capture, judge and store one candidate."""
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
        if self._processor is None:
            judge = Judge(workspace.library(), workspace.config.detect)
            examiner = await self._stack.enter_async_context(open_examiner(workspace, judge))
            self._processor = CandidateProcessor(workspace, examiner)
        result = await self._processor.process(claim)
        finish = partial(workspace.store.finish, claim, result.capture, result.verdict, seal=result.seal)
        await retry_store(finish, ASK_SECONDS, seconds=math.inf)  # the time limit of the task ends it

    def close(self) -> None:
        """Close browser, event loop and store."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result(20)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        if self._workspace is not None:
            self._workspace.close()


def register(app: Celery, folder: Path, options: dict[str, Any]) -> Sequence[WorkerProcess]:
    """Register the capture task; return a list that holds this process's :class:`WorkerProcess` once the process has begun."""
    processes: list[WorkerProcess] = []
    shared = OwnFolder()
    isolation = SuspectIsolation(shared.path)

    def start(**_: object) -> None:
        processes[:] = [WorkerProcess(folder, options, isolation)]

    def end(**_: object) -> None:
        for process in processes:
            process.close()

    def end_worker(**_: object) -> None:
        shared.remove()

    worker_process_init.connect(start, weak=False)
    worker_process_shutdown.connect(end, weak=False)
    worker_shutdown.connect(end_worker, weak=False)

    @app.task(name=TASK, bind=True)  # type: ignore[untyped-decorator]
    def capture(_self: Task, row_id: int, token: str) -> None:
        [process] = processes
        with _isolated_if_suspect(process, row_id, token):
            _capture(process, row_id, token)

    return processes


@contextmanager
def _isolated_if_suspect(process: WorkerProcess, row_id: int, token: str) -> Iterator[None]:
    """Run a capture beside others, or alone where a worker vanished with its candidate before.

    Raises:
        Reject: the store does not answer, or the wait was so long that the capture would exceed its time limit.
    """
    since, isolation = time.monotonic(), process.isolation
    try:
        with isolation.alone() if _lost_worker_before(process, row_id, token) else isolation.beside_others():
            if time.monotonic() - since > SHARE_OF_WAIT * process.workspace.config.broker.soft_seconds:
                raise Reject("it waited too long for its turn", requeue=True)
            yield
    except SoftTimeLimitExceeded as error:  # the wait exceeded the limit, not a capture: no attempt is counted
        raise Reject("it waited too long for its turn", requeue=True) from error


def _capture(process: WorkerProcess, row_id: int, token: str) -> None:
    claim = _begin(process, row_id, token)
    if claim is None:
        return  # another worker has the lease, or the candidate is in quarantine
    try:
        process.examine(claim)
    except SoftTimeLimitExceeded:
        process.workspace.store.backlog.fail(
            claim, due=utcnow() + LATER, reason="its capture took longer than broker.soft_seconds"
        )
    except Postponement as later:
        process.workspace.store.backlog.release(claim, due=later.due, reason=later.reason)
    except (
        ClonewatchError
    ) as error:  # evidence that cannot be stored, no browser: the fault of this machine, not of the page
        log.warning("a candidate is returned to the backlog", url=claim.candidate.url, error=str(error))
        process.workspace.store.backlog.release(claim, due=utcnow() + LATER, reason=str(error))
        time.sleep(ASK_SECONDS)


def _lost_worker_before(process: WorkerProcess, row_id: int, token: str) -> bool:
    try:
        return process.workspace.store.backlog.lost_worker_before(row_id, token)
    except StoreError as error:
        raise _requeued(error) from error


def _begin(process: WorkerProcess, row_id: int, token: str) -> BacklogClaim | None:
    try:
        return process.workspace.store.backlog.begin(row_id, token)
    except StoreError as error:
        raise _requeued(error) from error


def _requeued(error: StoreError) -> Reject:
    """Wait a while, then return the exception that sends the message back to its queue."""
    log.warning("the store does not answer; the message is returned to its queue", error=str(error))
    time.sleep(ASK_SECONDS)
    return Reject(str(error), requeue=True)
