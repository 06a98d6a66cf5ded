"""Share a few browsers among many captures: lease, launch and recycle them, and restart Playwright's driver after its death."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from playwright.async_api import Playwright

from crawler.browser.browser_process import CLOSE_SECONDS, BrowserProcess
from crawler.browser.browser_program import find_browser
from crawler.browser.launch_diagnosis import start_driver
from crawler.browser.memory_watch import MemoryWatch
from crawler.browser.temporary_folders import sweep
from crawler.net.guard import CaptureProxy, Guard
from crawler.runtime.allocator import release_free_memory
from detector.config import CaptureConfig
from detector.errors import BrowserMissing

log = structlog.get_logger(__name__)

CONTEXTS_PER_BROWSER = 8
"""Captures that share one browser: with fewer, fewer captures run again after a crash; with more, captures are faster."""


class BrowserPool:
    """Leases browsers to captures; an async context manager that leaves no process behind."""

    def __init__(self, config: CaptureConfig, guard: Guard) -> None:
        self._config = config
        self._closed_proxy: CaptureProxy = guard.closed_proxy()
        self._path = Path()
        self._playwright: Playwright | None = None
        self._browsers: list[BrowserProcess] = []
        self._lock = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._memory = MemoryWatch(self._pids, config.max_page_memory)

    async def __aenter__(self) -> Self:
        """Start the driver and a first browser, so that a missing browser is reported before any work begins.

        Raises:
            BrowserMissing: there is none, or it does not start.
        """
        self._path = find_browser()
        await asyncio.to_thread(sweep)
        await self._closed_proxy.__aenter__()
        try:
            self._playwright = await start_driver()
            self._browsers.append(await self._launch())
            self._memory.start()
        except BaseException:
            await self._close_all()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close_all()

    @asynccontextmanager
    async def lease(self, *, alone: bool = False) -> AsyncIterator[BrowserProcess]:
        """Lend a browser to one capture; ``alone``: one that no other capture shares.

        Raises:
            BrowserMissing: a browser had to be started, and did not start.
        """
        async with self._lock:
            process = None if alone else self._shareable()
            if process is None:
                process = await self._launch()
                process.alone = alone
                self._browsers.append(process)
            process.users += 1
            process.uses += 1
        try:
            yield process
        finally:
            process.users -= 1
            self._close_if_worn(process)

    def _shareable(self) -> BrowserProcess | None:
        """Return the busiest browser that can take one more capture, so that the others run empty and can be recycled."""
        fit = [one for one in self._browsers if self._is_fit(one) and one.users < CONTEXTS_PER_BROWSER]
        return max(fit, key=lambda one: one.users, default=None)

    def _is_fit(self, process: BrowserProcess) -> bool:
        worn = process.uses >= self._config.recycle_after
        return not (process.alone or process.retired or process.gone.is_set() or worn)

    def _close_if_worn(self, process: BrowserProcess) -> None:
        if process.users == 0 and not self._is_fit(process) and process in self._browsers:
            self._browsers.remove(process)
            task = asyncio.create_task(process.close())
            task.add_done_callback(lambda _: release_free_memory())  # the memory that its captures used
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _launch(self) -> BrowserProcess:
        try:
            return await self._launch_with_driver()
        except BrowserMissing as error:
            log.warning("a browser did not start; it is tried once more with a new driver", reason=str(error))
            await self._stop_driver()
            return await self._launch_with_driver()

    async def _launch_with_driver(self) -> BrowserProcess:
        if self._playwright is None:
            self._playwright = await start_driver()
        return await BrowserProcess.launch(
            self._playwright, self._path, proxy=self._closed_proxy.address, no_sandbox=self._config.no_sandbox
        )

    async def _stop_driver(self) -> None:
        """Stop Playwright's driver; the browsers that it controls are killed first."""
        for process in self._browsers:
            process.kill()
        driver, self._playwright = self._playwright, None
        if driver is not None:
            with suppress(Exception):  # a dead driver raises plain exceptions
                async with asyncio.timeout(CLOSE_SECONDS):
                    await driver.stop()

    def _pids(self) -> list[int]:
        return [process.pid for process in self._browsers if process.pid is not None]

    async def _close_all(self) -> None:
        await self._memory.close()
        browsers, self._browsers = self._browsers, []
        await asyncio.gather(*(process.close() for process in browsers), *self._closing, return_exceptions=True)
        await self._stop_driver()
        await self._closed_proxy.__aexit__(None, None, None)
