"""When has a page shown what it has to show?  After its load and a quiet network, or when waiting is not worth it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress

from playwright.async_api import Error

from crawler.devtools import DevTools
from crawler.page_watch import PageWatch
from detector.config import CaptureConfig

POLL_SECONDS = 0.05
QUIET_SECONDS = 0.25
"""Without any request under way: the network is quiet."""
SILENT_SECONDS = 1.5
"""Without any event on a page that has not loaded: time to ask whether it is still alive."""
STALL_SECONDS = 2.5
"""Without any event on a page that was parsed: what it still waits for is not worth the wait."""
MAX_REVIVALS = 3
MAX_REFRESHES = 3
MAX_REFRESH_SECONDS = 5.0
"""A ``meta refresh`` that is due later than this is not waited for."""
REFRESH_GRACE_SECONDS = 0.5
_REFRESH = """document.querySelector('meta[http-equiv="refresh" i]')?.getAttribute("content")"""


class Settling:
    """Waits for one page; what it had to do to it, it tells ``note`` in sentences."""

    def __init__(
        self, watch: PageWatch, devtools: DevTools, config: CaptureConfig, note: Callable[[str], None]
    ) -> None:
        self._watch = watch
        self._devtools = devtools
        self._config = config
        self._note = note
        self._clock = asyncio.get_running_loop().time
        self._revivals = 0

    async def wait(self, deadline: float) -> None:
        """Until the page has settled and leads nowhere else, or ``deadline`` (of the loop's clock)."""
        await self._loaded_and_quiet(deadline)
        for _ in range(MAX_REFRESHES):
            if not await self._is_led_on(deadline):
                return
            await self._loaded_and_quiet(deadline)

    async def revive(self) -> None:
        """End a script that keeps the page from answering, so that the rest of the page can be seen."""
        if not await self._devtools.answers():
            with suppress(Error):
                await self._devtools.terminate_script()
                self._note("a script ran without end and was terminated")

    async def _loaded_and_quiet(self, deadline: float) -> None:
        watch, settle = self._watch, self._config.settle_seconds
        while (now := self._clock()) < deadline:
            quiet = now - watch.last_activity
            if watch.loaded_at is not None:
                idle = not watch.in_flight and quiet >= min(QUIET_SECONDS, settle)
                if idle or now - watch.loaded_at >= settle:
                    return
            elif watch.parsed and quiet >= max(STALL_SECONDS, settle):
                self._note("the page never finished loading; it was captured as it stood")
                return
            elif watch.painted and quiet >= SILENT_SECONDS and self._revivals < MAX_REVIVALS:
                self._revivals += 1
                await self.revive()
            await asyncio.sleep(POLL_SECONDS)
        self._note(f"loading was cut off after {self._config.navigation_seconds:g} s")

    async def _is_led_on(self, deadline: float) -> bool:
        """Wait for a ``meta refresh`` that is due soon; False when there is none, or it leads nowhere in time."""
        delay = None
        with suppress(Error):
            delay = refresh_delay(await self._devtools.evaluate(_REFRESH, seconds=1))
        if delay is None or self._clock() + delay > deadline:
            return False
        steps, until = len(self._watch.steps), self._clock() + delay + REFRESH_GRACE_SECONDS
        while self._clock() < until:
            if len(self._watch.steps) > steps:
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False


def refresh_delay(content: object) -> float | None:
    """Seconds after which a ``meta refresh`` leads to another address soon; None when it does not.

    The grammar is the HTML standard's (pragma directives, refresh state), short of its quirks.
    """
    found = (
        re.match(r"\s*(\d{1,4}(?:\.\d*)?)\s*[;,]\s*(?:url\s*=)?\s*\S", content, re.IGNORECASE)
        if isinstance(content, str)
        else None
    )
    delay = float(found[1]) if found else None
    return delay if delay is not None and delay <= MAX_REFRESH_SECONDS else None
