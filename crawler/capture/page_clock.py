"""Move a page's own time on, so that what it has put off happens at once and nobody waits for it.

The browser calls this virtual time: timers, refreshes and animations that are due within the span run in their order, each at
its time by the page's clock, while only milliseconds pass here.  A page without any costs one round trip.  The browser has no
way back to real time, so from then on the page is granted the time that has passed here, in small pieces.

Protocol: https://chromedevtools.github.io/devtools-protocol/tot/Emulation/#method-setVirtualTimePolicy
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError

TICK_SECONDS = 0.05
STARVED_TASKS = 10_000
"""Tasks after which time goes on although the page always has another one to run."""
POLL_SECONDS = 0.02


class PageClock:
    """The clock of one page and its frames; workers keep real time."""

    def __init__(self, devtools: DevTools) -> None:
        self._devtools = devtools
        self._now = asyncio.get_running_loop().time
        self._spent = asyncio.Event()
        """All the time that was granted last has passed on the page."""
        self._ticks: asyncio.Task[None] | None = None
        devtools.session.on("Emulation.virtualTimeBudgetExpired", lambda _: self._spent.set())

    async def advance(self, seconds: float, limit: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Let ``seconds`` of the page's time pass within ``limit`` seconds; less where it has more to do, or ``enough`` turns true.

        Time stands still while the page fetches something, for half of ``limit``; afterwards it goes on all the same.

        Raises:
            DevToolsError: the page is gone, or does not answer.
        """
        await self._stop_ticks()
        try:
            until = self._now() + limit
            await self._grant(seconds, "pauseIfNetworkFetchesPending")
            if not await self._spends(until - limit / 2, enough):
                await self._grant(seconds, "advance")
                await self._spends(until, enough)
        finally:
            if not self._spent.is_set():
                self._devtools.session.post("Emulation.setVirtualTimePolicy", {"policy": "pause"})
            self._ticks = asyncio.create_task(self._keep_pace())

    async def close(self) -> None:
        """Stop the page's time."""
        await self._stop_ticks()

    async def _grant(self, seconds: float, policy: str) -> None:
        self._spent.clear()
        grant = {"policy": policy, "budget": seconds * 1000, "maxVirtualTimeTaskStarvationCount": STARVED_TASKS}
        await self._devtools.send("Emulation.setVirtualTimePolicy", grant, seconds=2)

    async def _spends(self, until: float, enough: Callable[[], bool]) -> bool:
        """Wait until the grant is spent, or there is enough; False when neither is so in time."""
        while not self._spent.is_set() and not enough():
            left = until - self._now()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(min(POLL_SECONDS, left)):
                    await self._spent.wait()
        return True

    async def _keep_pace(self) -> None:
        """Grant the page the time that passes here."""
        last = self._now()
        with suppress(DevToolsError):
            while True:
                await asyncio.sleep(TICK_SECONDS)
                last, passed = self._now(), self._now() - last
                await self._grant(passed, "advance")
                await self._spends(self._now() + 1.0, lambda: False)

    async def _stop_ticks(self) -> None:
        if self._ticks is not None:
            self._ticks.cancel()
            await asyncio.gather(self._ticks, return_exceptions=True)
            self._ticks = None
