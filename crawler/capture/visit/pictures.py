"""Take the pictures of a page: its viewport, all of it, and its icon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from crawler.browser.cdp.session import DevToolsError
from crawler.capture.favicon import MOST_REQUESTS, fetch_icon, whole_icons
from crawler.capture.outcomes import first_line
from crawler.capture.page_halt import PageHalt
from crawler.capture.sight import SightSoFar
from crawler.capture.visit.context import VisitContext
from crawler.runtime.thread_completion import finish_in_thread
from detector.model import StoredFile


class PagePictures:
    """Takes and stores the pictures of one visit; each is written into the sight as soon as it is stored."""

    def __init__(self, visit: VisitContext) -> None:
        self._visit = visit
        self._viewport_is_tall = False
        """The viewport is as high as the page, for the picture of all of it."""

    def restore_viewport(self) -> bool:
        """Give the page the profile's viewport back, where the picture of the full page enlarged it; False where it did not."""
        if not self._viewport_is_tall:
            return False
        self._viewport_is_tall = False
        metrics = self._visit.profile.metrics(self._visit.config)
        self._visit.devtools.session.post("Emulation.setDeviceMetricsOverride", metrics)
        return True

    async def take_screenshot(self, seen: SightSoFar, halt: PageHalt) -> bytes | None:
        """Store a picture of the viewport at the top of the page and return it as PNG; None when none could be taken.

        It is tried again after a busy script was ended, and then after slow effects were switched off.

        Raises:
            EvidenceError: the picture could not be stored.
        """
        devtools, problem = self._visit.devtools, ""
        for remedy in (halt.revive, halt.calm, None):
            try:
                await devtools.evaluate("window.scrollTo({top: 0, left: 0, behavior: 'instant'})", seconds=2)
                png = await devtools.screenshot(seconds=4)
                await self.store_screenshot(seen, png)
                return png
            except DevToolsError as error:
                problem = first_line(error)
                if remedy is not None:
                    await remedy()
        seen.note(f"no picture could be taken ({problem})")
        return None

    async def store_screenshot(self, seen: SightSoFar, png: bytes) -> None:
        """Store ``png`` as the picture of the viewport.

        Raises:
            EvidenceError: it could not be stored.
        """

        def keep(stored: StoredFile) -> None:
            seen.sight = replace(seen.sight, screenshot=stored)

        await self._store(png, keep)

    async def take_full_page(self, seen: SightSoFar) -> None:
        """Store a picture of the page down to ``full_page_height``; the screenshot, where that shows all of it.

        Raises:
            EvidenceError: the picture could not be stored.
        """

        def keep(stored: StoredFile | None) -> None:
            seen.sight = replace(seen.sight, full_page=stored)

        devtools, config = self._visit.devtools, self._visit.config
        width, height = devtools.viewport or self._visit.profile.size(config)
        try:
            page_height = min(await devtools.content_height(), config.full_page_height)
            if page_height <= height:
                keep(seen.sight.screenshot)
            else:
                await self._store(await self._tall_picture(width, page_height), keep)
        except DevToolsError as error:
            seen.note(f"no picture of the full page could be taken ({first_line(error)})")

    async def _tall_picture(self, width: int, height: int) -> bytes:
        devtools, profile = self._visit.devtools, self._visit.profile
        if profile.device.mobile:
            # the layout of a page for phones depends on more than the size of its viewport
            return await devtools.screenshot((width, height), seconds=6)
        self._viewport_is_tall = True
        return await devtools.tall_screenshot(profile.metrics(self._visit.config), height, seconds=6)

    async def take_icon(self, seen: SightSoFar) -> None:
        """Fetch the page's icon through the capture's proxy and store it, where there is one.

        Raises:
            EvidenceError: it could not be stored.
        """

        def keep(stored: StoredFile) -> None:
            seen.sight = replace(seen.sight, favicon=stored)

        visit = self._visit
        icons = seen.sight.facts.icons if seen.sight.facts else ()
        with suppress(DevToolsError):
            icons = await whole_icons(visit.devtools, icons)
        visit.proxy.ledger.raise_request_limit(MOST_REQUESTS)
        png = await fetch_icon(visit.proxy.address, icons, visit.tab.url, visit.profile.agent(visit.version))
        if png is not None:
            await self._store(png, keep)

    async def _store(self, png: bytes, keep: Callable[[StoredFile], None]) -> None:
        """Store a picture: one that was taken in time counts, also where the time runs out while it is written."""
        await finish_in_thread(partial(self._visit.evidence.put, png, "image/png"), keep)
