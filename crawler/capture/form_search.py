"""Search for the form behind a page that has none, with a bounded number of harmless clicks (:mod:`crawler.capture.clicks`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError
from crawler.browser.cdp.tab import BrowserTab
from crawler.capture.clicks import ClickTarget, asks_for_something, click, find_target, nothing_submitted
from crawler.capture.events.page_events import PageEvents
from crawler.capture.request_hold import RequestHold
from detector.model import Click, PageFacts

POLL_SECONDS = 0.1
_FIELDS = (
    "Array.from(document.querySelectorAll('input, textarea, select')).filter((field) => field.checkVisibility()).length"
)


class FormSearch:
    """Clicks until the page asks for something; ``clicks`` are all that were made, successful or not."""

    def __init__(
        self,
        tab: BrowserTab,
        hold: RequestHold,
        devtools: DevTools,
        events: PageEvents,
        *,
        settle: Callable[[float], Awaitable[None]],
        read: Callable[[], Awaitable[PageFacts]],
        note: Callable[[str], None],
    ) -> None:
        """``settle`` waits for the page until a time of the event loop's clock; ``read`` reads its facts."""
        self._tab = tab
        self._hold = hold
        self._devtools = devtools
        self._events = events
        self._settle = settle
        self._read = read
        self._note = note
        self._clock = asyncio.get_running_loop().time
        self.clicks: list[Click] = []

    async def run(self, most: int, until: float, late_seconds: float, first: Callable[[], Awaitable[None]]) -> bool:
        """Make at most ``most`` clicks before ``until``; True where a form that asks for something is visible now.

        A form that a script shows is waited for ``late_seconds``; ``first`` is awaited before the first click.  Any error ends
        the search.
        """
        done: list[str] = []
        with suppress(DevToolsError, msgspec.DecodeError):
            target = await find_target(self._devtools)
            if target is None:
                return False
            await first()
            async with nothing_submitted(self._hold, self._note):
                while target is not None:
                    done.append(target.key)
                    if await self._leads_to_form(target, until, late_seconds):
                        return True
                    if len(done) >= most or self._clock() >= until:
                        return False
                    target = await find_target(self._devtools, done)
        return False

    async def _leads_to_form(self, target: ClickTarget, until: float, late_seconds: float) -> bool:
        """Click; True where the page asks for something once it has settled, or within ``late_seconds`` of that."""
        fields = await self._count_fields()
        self._events.restart_waiting()
        self.clicks.append(target.clicked(""))
        try:
            await click(self._devtools, target)
            await self._settle(until)
            late = min(until, self._clock() + late_seconds)
            while not asks_for_something(await self._read()):
                known, fields = fields, await self._count_fields()
                while fields == known:
                    if self._clock() >= late:
                        return False
                    await asyncio.sleep(POLL_SECONDS)
                    fields = await self._count_fields()
        finally:
            self.clicks[-1] = target.clicked(self._tab.url)
        return True

    async def _count_fields(self) -> int:
        count = await self._devtools.evaluate(_FIELDS, seconds=1)
        return count if isinstance(count, int) else 0
