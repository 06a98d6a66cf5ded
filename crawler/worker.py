"""The backlog's consumer: claims due candidates, captures and judges them, and stores each result in one transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog

from crawler.capture import Capturer
from crawler.examine import Examiner
from crawler.inspect import Inspector
from crawler.registration import Registrations
from crawler.results import Result
from crawler.workspace import Workspace
from detector.bundle import Sealer
from detector.errors import StoreError
from detector.judge import Judge
from detector.store import Claim

log = structlog.get_logger(__name__)


async def work_off(
    workspace: Workspace,
    judge: Judge,
    *,
    brands: Collection[str] | None = None,
    on_result: Callable[[Result], None] = lambda result: None,
    on_claim: Callable[[Claim], None] = lambda claim: None,
    patience: float | None = None,
) -> int:
    """Capture and judge until the backlog has nothing due; returns the number of candidates that were finished.

    ``patience``: seconds after which a backlog without anything due is asked again; the work then ends only by being cancelled.

    Killed at any moment, the rows it had claimed return to the backlog when their lease ends; a row is marked as done in the
    transaction that stores its result.

    Raises:
        StoreError, EvidenceError: the store cannot take results (disk full); what was claimed is given back.
    """
    slots, sealer = workspace.config.capture.slots, workspace.sealer
    finished = 0
    async with _open_examiner(workspace, judge) as examiner:
        running: dict[asyncio.Task[Result], Claim] = {}
        try:
            while True:
                free = slots - len(running)
                claims = workspace.store.claim(free, brands=brands) if free else []
                for claim in claims:
                    on_claim(claim)
                    running[asyncio.create_task(_one(examiner, sealer, claim))] = claim
                if not running:
                    if patience is None:
                        return finished
                    await asyncio.sleep(patience)
                    continue
                # free slots are offered again in a while: what has come due meanwhile need not wait for a slow page
                wait = patience if free > len(claims) else None
                done, _ = await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    result = task.result()
                    claim = running.pop(task)
                    workspace.store.finish(claim, result.capture, result.verdict, seal=result.seal)
                    finished += 1
                    on_result(result)
        finally:
            await _give_back(workspace, running)


@asynccontextmanager
async def _open_examiner(workspace: Workspace, judge: Judge) -> AsyncIterator[Examiner]:
    config, evidence = workspace.config, workspace.evidence
    async with (
        Capturer(config.capture, evidence) as capturer,
        Inspector(judge, evidence) as inspector,
        Registrations(config.registration) as registrations,
    ):
        yield Examiner(capturer, inspector, evidence, config.capture, registrations)


async def _one(examiner: Examiner, sealer: Sealer, claim: Claim) -> Result:
    return await _sealed(sealer, await examiner.examine(claim.candidate.url, claim.candidate.brands))


async def _sealed(sealer: Sealer, result: Result) -> Result:
    """The same result, its evidence hashed for the manifest that is stored with it."""
    return replace(result, seal=await asyncio.to_thread(sealer.prepare, result.capture, result.verdict))


async def _give_back(workspace: Workspace, running: dict[asyncio.Task[Result], Claim]) -> None:
    """Return what was claimed and is not finished, so that the next run need not wait for the leases."""
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for claim in running.values():
        try:
            workspace.store.release(claim, reason="the run was stopped")
        except StoreError as error:
            # the error that stopped the run is the one to report; these rows return when their leases end
            log.warning("claim not given back", url=claim.candidate.url, error=str(error))


async def scan_urls(workspace: Workspace, judge: Judge, urls: Collection[str]) -> AsyncIterator[Result]:
    """Capture and judge URLs now, in the order in which they finish; one result a URL."""
    waiting, sealer = deque(urls), workspace.sealer
    async with _open_examiner(workspace, judge) as examiner:

        async def look(url: str) -> Result:
            return await _sealed(sealer, await examiner.examine(url))

        running: set[asyncio.Task[Result]] = set()
        try:
            while waiting or running:
                while waiting and len(running) < workspace.config.capture.slots:
                    running.add(asyncio.create_task(look(waiting.popleft())))
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    result = task.result()
                    workspace.store.record(result.capture, result.verdict, source="scan", seal=result.seal)
                    yield result
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
