"""One try to capture a page in one browser, and what becomes of that browser."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from crawler.browser.browser_pool import BrowserPool
from crawler.browser.browser_process import BrowserProcess
from crawler.browser.cdp.session import DevToolsError
from crawler.browser.cdp.tab import BrowserTab
from crawler.capture.outcomes import first_line
from crawler.capture.profiles import Profile
from crawler.capture.sight import SightSoFar
from crawler.capture.visit.page_visit import PageVisit
from crawler.capture.visit.tries import (
    deserves_another_try,
    is_cut_short,
)
from crawler.net.guard import CaptureProxy
from detector.config import CaptureConfig
from detector.errors import ClonewatchError
from detector.evidence import Evidence
from detector.model import Outcome

log = structlog.get_logger(__name__)
SHARE_OF_TRY = 0.67
"""Share of a try's time for loading the page; the rest is for pictures and facts."""
BARE_BYTES = 500_000
"""Limit of one answer in a bare try."""
CLOSE_SECONDS = 4.0
"""The browser of a context that does not close within this is killed."""
LOST_SECONDS = 0.5
"""Time between a page's error and the event that its whole browser has ended."""
CONTEXT_SECONDS = 10.0
"""A browser that opens no new page within this hangs, and is killed."""


class BrowserLostError(Exception):
    """The browser died during a capture; ``suspect``: this page may have caused it."""

    def __init__(self, *, suspect: bool = False) -> None:
        super().__init__("the browser was lost")
        self.suspect = suspect


@dataclass(frozen=True, slots=True)
class CaptureAttempt:
    """The conditions of one try to capture a page."""

    alone: bool = False
    """In a browser that no other capture shares."""
    bare: bool = False
    """Without scripts, pictures and fonts, and no more than the beginning of its document."""


class AttemptRunner:
    """Runs attempts in the browsers of a pool."""

    def __init__(self, config: CaptureConfig, evidence: Evidence, pool: BrowserPool) -> None:
        self._config = config
        self._evidence = evidence
        self._pool = pool

    async def run(
        self, seen: SightSoFar, profile: Profile, closed_proxy: CaptureProxy, how: CaptureAttempt, seconds: float
    ) -> None:
        """Try once in one browser, within ``seconds`` plus the time to close a browser that hangs.

        Raises:
            BrowserLostError: the browser died, and it is not known whether this page caused it.
        """
        config = replace(
            self._config,
            total_seconds=seconds,
            navigation_seconds=min(self._config.navigation_seconds, seconds * SHARE_OF_TRY),
        )
        async with self._pool.lease(alone=how.alone) as process, closed_proxy as proxy:
            seen.sight = replace(seen.sight, browser=process.label)
            try:
                tab = await self._open(process, proxy, profile, bare=how.bare)
                try:
                    visit = PageVisit(tab, profile, process.version, proxy, config, self._evidence, seen, bare=how.bare)
                    await visit.run()
                finally:
                    closed = await _closes(tab)
            except (ClonewatchError, BrowserLostError):
                raise
            except Exception as error:
                if await _is_lost(process):
                    raise BrowserLostError from error
                if not isinstance(error, DevToolsError):
                    log.exception("a capture failed with an unexpected error", url=seen.sight.url)
                seen.conclude(Outcome.FAILED, f"{type(error).__name__}: {first_line(error)}")
                if not how.alone:
                    process.retired = True
                    raise BrowserLostError(suspect=True) from error
                return
            if not closed:
                process.kill()
            if not how.alone and deserves_another_try(seen.sight, closed):
                # a browser whose helper processes have died keeps running, and crashes every later page
                process.retired = process.retired or seen.sight.outcome == Outcome.CRASHED
                raise BrowserLostError(suspect=True)
            if not closed:
                seen.note("the page hung its browser, which was killed")
            elif is_cut_short(seen.sight) and await _is_lost(process):
                raise BrowserLostError(suspect=seen.sight.screenshot is not None)

    async def _open(self, process: BrowserProcess, proxy: CaptureProxy, profile: Profile, *, bare: bool) -> BrowserTab:
        if bare:
            proxy.ledger.limits = replace(proxy.ledger.limits, response_bytes=BARE_BYTES)
        try:
            async with asyncio.timeout(CONTEXT_SECONDS):
                return await process.open(proxy=proxy.address, bounds=profile.window_bounds(self._config))
        except TimeoutError as error:
            process.kill()  # another page made the browser hang
            raise BrowserLostError from error


async def _closes(tab: BrowserTab) -> bool:
    """Close the page and its context; False when the browser hangs."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await tab.close()
    except TimeoutError:
        return False
    except DevToolsError:
        return True
    return True


async def _is_lost(process: BrowserProcess) -> bool:
    """Tell whether the browser (or Playwright's driver) has died; a browser that does not answer is killed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOST_SECONDS):
            await process.gone.wait()
    if not process.gone.is_set() and not await process.answers():
        process.kill()
        return True
    return process.gone.is_set()
