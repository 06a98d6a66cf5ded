"""Look at a page that has settled, or picture it early while it still loads."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import msgspec

from crawler.browser.cdp.commands import PageActivity
from crawler.browser.cdp.session import DevToolsError
from crawler.capture.certificates import BrokenCertificates
from crawler.capture.outcomes import first_line
from crawler.capture.page_facts import read_facts
from crawler.capture.page_halt import PageHalt
from crawler.capture.sight import PageSight, SightSoFar
from crawler.capture.visit.context import VisitContext
from crawler.capture.visit.pictures import PagePictures
from crawler.pages.pictures import is_one_colour
from detector.model import PageFacts

EARLY_SECONDS = 1.0
"""A page that has not loaded by then is pictured as it is, in case there is no later chance."""


class PageLook:
    """Takes pictures, facts and the TLS summary of the page that is shown now."""

    def __init__(self, visit: VisitContext, pictures: PagePictures, certificates: BrokenCertificates) -> None:
        self._visit = visit
        self._pictures = pictures
        self._certificates = certificates
        self.overgrown = False
        """The page was stopped while it grew: its facts are incomplete."""
        self.activity: PageActivity | None = None
        """Activity of the page when its facts had been read, before it was pictured as a whole."""

    async def look(self, seen: SightSoFar, halt: PageHalt) -> PageSight:
        """Return a new sight with all that can be seen of the page.

        ``seen`` is brought up to date after each step, so that a page which dies half-way leaves what was seen until then.

        Raises:
            EvidenceError: a picture could not be stored.
        """
        png = await self._glance(seen, halt)
        with suppress(DevToolsError):
            self.activity = await self._visit.devtools.activity()
        if png is not None:
            if await _is_blank(png, seen.sight.facts):
                seen.sight = replace(seen.sight, blank=True)
            await asyncio.gather(self._pictures.take_full_page(seen), self._pictures.take_icon(seen))
        response = self._visit.events.main_response()
        if response is not None and response.security and response.url.startswith("https:"):
            seen.sight = replace(seen.sight, tls=self._certificates.summary(response.url, response.security))
        return seen.sight

    async def glance(self, seen: SightSoFar, halt: PageHalt) -> PageSight:
        """Return a new sight with the picture of the viewport and the facts only.

        Raises:
            EvidenceError: the picture could not be stored.
        """
        await self._glance(seen, halt)
        return seen.sight

    async def _glance(self, seen: SightSoFar, halt: PageHalt) -> bytes | None:
        png = await self._pictures.take_screenshot(seen, halt)
        try:
            seen.sight = replace(seen.sight, facts=await self.read())
        except (DevToolsError, msgspec.DecodeError) as error:
            seen.note(f"the page's facts could not be read ({first_line(error)})")
            seen.sight = replace(seen.sight, unread=True)
        return png

    async def read(self) -> PageFacts:
        """Read the facts of the page.

        Raises:
            DevToolsError: the page did not answer in time, or is gone.
            msgspec.DecodeError: its answer is no list of facts.
        """
        visit = self._visit
        facts = await read_facts(
            visit.devtools, max_text=visit.config.max_text, resources=visit.events.requests.font_urls()
        )
        return facts.reaching("elements") if self.overgrown else facts


async def _is_blank(png: bytes, facts: PageFacts | None) -> bool:
    """Tell whether a page has neither text nor pictures, and its screenshot one colour."""
    if facts is None or facts.text.strip() or facts.images:
        return False
    return await asyncio.to_thread(is_one_colour, png)


class EarlyLook:
    """Pictures a page that is still loading: an endless stream or a busy script may leave no time for a picture later."""

    def __init__(self, visit: VisitContext, look: PageLook, pictures: PagePictures) -> None:
        self._visit = visit
        self._look = look
        self._pictures = pictures
        self._png = b""
        self._facts: PageFacts | None = None

    async def run(self) -> None:
        """Wait a little, then take one picture and the facts of a page that has been painted and not loaded yet."""
        await asyncio.sleep(EARLY_SECONDS)
        events = self._visit.events
        with suppress(DevToolsError, msgspec.DecodeError):
            while not self._png and events.loaded_at is None:
                if events.painted:
                    self._png = await self._visit.devtools.screenshot(seconds=2)
                    self._facts = await self._look.read()
                await asyncio.sleep(EARLY_SECONDS / 4)

    async def fall_back(self, seen: SightSoFar) -> None:
        """Use the early picture where no other was taken, unless it shows one colour only.

        Raises:
            EvidenceError: it could not be stored.
        """
        if seen.sight.screenshot is not None or not self._png or await asyncio.to_thread(is_one_colour, self._png):
            return
        await self._pictures.store_screenshot(seen, self._png)
        seen.sight = replace(seen.sight, pictured_early=True, facts=seen.sight.facts or self._facts)
        seen.note("it was pictured while it was still loading; there was no later chance")
