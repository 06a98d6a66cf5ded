"""Process the backlog: claim due candidates, capture and judge them, and store each result in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from crawler.capture.capturer import Capturer
from crawler.examine.examination_result import ExaminationResult
from crawler.examine.examiner import Examiner
from crawler.examine.hosting import HostingLookup
from crawler.examine.inspection import CaptureInspector
from crawler.examine.registration import RegistrationLookup
from crawler.examine.wildcard_farms import Postponement, WildcardFarms
from detector.bundle import EvidenceSealer
from detector.errors import EvidenceError, StoreError
from detector.judge import Judge
from detector.store import BacklogClaim
from detector.workspace import Workspace

log = structlog.get_logger(__name__)

T = TypeVar("T")
RETRY_SECONDS = 600.0
"""Seconds for which a worker that waits for work tries to reach a store that does not answer."""


async def process_backlog(
    workspace: Workspace,
    judge: Judge,
    *,
    brands: Collection[str] | None = None,
    on_result: Callable[[ExaminationResult], None] = lambda result: None,
    on_claim: Callable[[BacklogClaim], None] = lambda claim: None,
    on_return: Callable[[BacklogClaim], None] = lambda claim: None,
    patience: float | None = None,
) -> int:
    """Capture and judge until nothing in the backlog is due; return the number of candidates that were finished.

    ``on_return`` is called with each candidate that is returned to the backlog without a result.
    ``patience``: seconds after which a backlog with nothing due is asked again; the work then ends only when it is cancelled.

    If the process is killed, the rows it had claimed return to the backlog when their leases end; a row is marked as done in the
    transaction that stores its result.

    Raises:
        StoreError, EvidenceError: results cannot be stored (disk full); claimed candidates are returned to the backlog.
    """
    async with open_examiner(workspace, judge) as examiner:
        work = _BacklogRun(
            workspace, CandidateProcessor(workspace, examiner), brands, on_result, on_claim, on_return, patience
        )
        try:
            return await work.run()
        finally:
            await _give_back(workspace, work.running)


class _BacklogRun:
    """One worker's claims, from the backlog to their stored results."""

    def __init__(
        self,
        workspace: Workspace,
        processor: CandidateProcessor,
        brands: Collection[str] | None,
        on_result: Callable[[ExaminationResult], None],
        on_claim: Callable[[BacklogClaim], None],
        on_return: Callable[[BacklogClaim], None],
        patience: float | None,
    ) -> None:
        self.running: dict[asyncio.Task[ExaminationResult], BacklogClaim] = {}
        self._store, self._slots = workspace.store, workspace.config.capture.slots
        self._processor, self._brands, self._patience = processor, brands, patience
        self._on_result, self._on_claim, self._on_return = on_result, on_claim, on_return

    async def run(self) -> int:
        """Work until nothing is due, or without end where ``patience`` is set; return the number of finished candidates."""
        finished = 0
        while True:
            # a row that may have killed a worker is captured alone: another one would be blamed for the next death as well
            free = 0 if any(claim.alone for claim in self.running.values()) else self._slots - len(self.running)
            ask = partial(self._store.backlog.claim, free, brands=self._brands, busy=bool(self.running))
            claims = await retry_store(ask, self._patience) if free else []
            for claim in claims:
                self._on_claim(claim)
                self.running[asyncio.create_task(self._processor.process(claim))] = claim
            if not self.running:
                if self._patience is None:
                    return finished
                await asyncio.sleep(self._patience)
                continue
            # ask for candidates again after a while: one that has become due must not wait for a slow page
            wait = self._patience if free > len(claims) else None
            done, _ = await asyncio.wait(self.running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                finished += await self._settle(task)

    async def _settle(self, task: asyncio.Task[ExaminationResult]) -> bool:
        """Store a result; False where the candidate was returned instead: it was postponed, or its evidence cannot be stored."""
        claim = self.running[task]
        try:
            result = task.result()
        except Postponement as later:
            await self._return(task, due=later.due, reason=later.reason)
            return False
        except EvidenceError as error:
            if self._patience is None:
                raise
            log.warning("a candidate is returned to the backlog", url=claim.candidate.url, error=str(error))
            await self._return(task, due=None, reason=str(error))
            await asyncio.sleep(self._patience)
            return False
        finish = partial(self._store.finish, claim, result.capture, result.verdict, seal=result.seal)
        await retry_store(finish, self._patience)
        self.running.pop(task)
        self._on_result(result)
        return True

    async def _return(self, task: asyncio.Task[ExaminationResult], *, due: datetime | None, reason: str) -> None:
        """Return a candidate to the backlog without a result."""
        claim = self.running[task]
        await retry_store(partial(self._store.backlog.release, claim, due=due, reason=reason), self._patience)
        self.running.pop(task)
        self._on_return(claim)


async def retry_store(ask: Callable[[], T], patience: float | None, *, seconds: float = RETRY_SECONDS) -> T:
    """Call the store; retry for ``seconds``, every ``patience`` seconds, so that a short outage of the database loses no result.

    Raises:
        StoreError: it does not answer within ``seconds``, or at the first call where ``patience`` is None.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except StoreError as error:
            if patience is None or time.monotonic() > until:
                raise
            log.warning("the store does not answer; trying again", seconds=patience, error=str(error))
            await asyncio.sleep(patience)


@asynccontextmanager
async def open_examiner(workspace: Workspace, judge: Judge) -> AsyncIterator[Examiner]:
    """Open an examiner with a browser of its own for the duration of the block."""
    config, evidence = workspace.config, workspace.evidence
    async with (
        Capturer(config.capture, evidence) as capturer,
        CaptureInspector(judge, evidence) as inspector,
        RegistrationLookup(config.registration, allow_private=config.capture.allow_private) as registrations,
        HostingLookup(
            config.registration,
            nameservers=config.discover.nameservers,
            allow_private=config.capture.allow_private,
        ) as hosting,
    ):
        yield Examiner(capturer, inspector, evidence, config.capture, registrations, hosting)


class CandidateProcessor:
    """Examines claimed candidates, unless they belong to a wildcard farm whose page is known."""

    def __init__(self, workspace: Workspace, examiner: Examiner) -> None:
        """``workspace`` and ``examiner`` must stay open while it is used."""
        self._examiner, self._sealer = examiner, workspace.sealer
        self._farms = WildcardFarms(workspace.store, workspace.config.capture)
        self._farms.forget()

    async def process(self, claim: BacklogClaim) -> ExaminationResult:
        """Examine a candidate and return the result, with its evidence sealed.

        Raises:
            Postponement: the candidate belongs to a wildcard farm and must wait.
            EvidenceError: something could not be stored.
        """
        zone = await self._farms.pass_by(claim.candidate)
        result = await self._examiner.examine(claim.candidate.url, claim.candidate.brands)
        self._farms.learn(zone, claim.candidate, result)
        return await sealed(self._sealer, result)


async def sealed(sealer: EvidenceSealer, result: ExaminationResult) -> ExaminationResult:
    """Return the result with its evidence hashed for the manifest that is stored with it."""
    return replace(result, seal=await asyncio.to_thread(sealer.prepare, result.capture, result.verdict))


async def _give_back(workspace: Workspace, running: dict[asyncio.Task[ExaminationResult], BacklogClaim]) -> None:
    """Return unfinished claims to the backlog, so that the next run need not wait for the leases to end."""
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for claim in running.values():
        try:
            workspace.store.backlog.release(claim, reason="the run was stopped")
        except StoreError as error:
            # the error that stopped the run is the one to report; these rows return when their leases end
            log.warning(
                "a claim could not be released; it returns when its lease ends",
                url=claim.candidate.url,
                error=str(error),
            )


async def scan_urls(workspace: Workspace, judge: Judge, urls: Collection[str]) -> AsyncIterator[ExaminationResult]:
    """Capture and judge URLs now; yield one result per URL, in the order in which they finish."""
    waiting, sealer = deque(urls), workspace.sealer
    async with open_examiner(workspace, judge) as examiner:

        async def examine(url: str) -> ExaminationResult:
            return await sealed(sealer, await examiner.examine(url))

        running: set[asyncio.Task[ExaminationResult]] = set()
        try:
            while waiting or running:
                while waiting and len(running) < workspace.config.capture.slots:
                    running.add(asyncio.create_task(examine(waiting.popleft())))
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                results = [task.result() for task in done]
                for result in results:  # all of them before any is given: the caller may not come back for the next
                    workspace.store.record(result.capture, result.verdict, source="scan", seal=result.seal)
                for result in results:
                    yield result
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
