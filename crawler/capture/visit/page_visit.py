"""One visit of one address in a fresh tab, from the first request to the conclusion."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError, DevToolsSession, Event
from crawler.browser.cdp.tab import BrowserTab
from crawler.capture.certificates import BrokenCertificates
from crawler.capture.disguise import Disguise
from crawler.capture.events.network_listener import NetworkListener
from crawler.capture.events.page_events import PageEvents
from crawler.capture.page_clock import PageClock
from crawler.capture.page_halt import PageHalt
from crawler.capture.page_settling import PageSettling
from crawler.capture.pressure import PressureGauge
from crawler.capture.profiles import Profile
from crawler.capture.record.recording import TrafficRecorder
from crawler.capture.request_hold import RequestHold
from crawler.capture.sight import SightSoFar
from crawler.capture.unpacked_bytes import UnpackedBytes
from crawler.capture.visit.conclusion import collect, conclude, recognise
from crawler.capture.visit.context import VisitContext
from crawler.capture.visit.form_look import look_behind, may_click, recording_context
from crawler.capture.visit.late_look import LateLook
from crawler.capture.visit.navigation import conclude_error, go
from crawler.capture.visit.page_look import EarlyLook, PageLook
from crawler.capture.visit.pictures import PagePictures
from crawler.net.guard import CaptureProxy
from detector.config import CaptureConfig
from detector.evidence import Evidence


class PageVisit:
    """Drives one page of a fresh context; :meth:`run` returns within ``total_seconds``."""

    def __init__(
        self,
        tab: BrowserTab,
        profile: Profile,
        version: str,
        proxy: CaptureProxy,
        config: CaptureConfig,
        evidence: Evidence,
        seen: SightSoFar,
        *,
        bare: bool,
    ) -> None:
        """Prepare a visit of the address of ``seen`` in a ``tab`` that is still paused.

        ``version`` is the browser's; a ``bare`` visit does without scripts, pictures and fonts.
        """
        devtools = DevTools(tab.session, tab.target)
        self._tab = tab
        self._devtools = devtools
        self._seen = seen
        self._bare = bare
        self._events = PageEvents(tab, proxy.ledger, config)
        self._visit = VisitContext(tab, devtools, profile, version, proxy, config, evidence, self._events)
        self._certificates = BrokenCertificates(devtools)
        self._unpacked_bytes = UnpackedBytes(devtools, proxy.ledger)
        self._recorder = TrafficRecorder(devtools, proxy.ledger)
        self._network = NetworkListener((self._events, self._unpacked_bytes, self._recorder.log))
        self._hold = RequestHold(devtools, tab)
        self._pressure = PressureGauge()
        self._clock = PageClock(devtools)
        pictures = PagePictures(self._visit)
        self._pictures = pictures
        self._look = PageLook(self._visit, pictures, self._certificates)
        self._early_look = EarlyLook(self._visit, self._look, pictures)

    async def run(self) -> None:
        """Visit the page until it is done, has crashed, or is out of time; the sight holds a conclusion afterwards.

        Raises:
            DevToolsError: the browser failed in a way that no page explains.
            EvidenceError: a picture could not be stored.
        """
        seen, ended = self._seen, self._events.ended
        steps = asyncio.create_task(self._steps())
        try:
            total_seconds = self._visit.config.total_seconds
            await asyncio.wait((steps, ended), timeout=total_seconds, return_when=asyncio.FIRST_COMPLETED)
            if steps.done():
                steps.result()
        finally:
            steps.cancel()
            await asyncio.gather(steps, return_exceptions=True)
            await self._early_look.fall_back(seen)
            seen.sight = collect(self._visit, seen.sight, self._pressure)
            if not seen.sight.recording.exchanges:
                recording = self._recorder.so_far(recording_context(self._visit, seen.sight))
                seen.sight = replace(seen.sight, recording=recording)
            for listener in (self._clock, self._events, self._certificates, self._unpacked_bytes, self._recorder):
                await listener.close()
        conclude(self._visit, seen)

    async def _steps(self) -> None:
        await self._begin()
        visit, seen = self._visit, self._seen
        deadline = asyncio.get_running_loop().time() + visit.config.navigation_seconds
        if not await go(visit, seen):
            return
        halt = PageHalt(self._devtools, seen.note)
        await self._settle(halt, deadline)
        if visit.shows_browser_error():
            conclude_error(visit, seen, self._events.steps[-1].failure if self._events.steps else "")
        elif self._events.painted and self._events.main_failure() is None and not await self._broke_off_empty():
            await self._examine(halt)

    async def _begin(self) -> None:
        """Set the listeners, the disguise and the limits, and let the page run."""
        devtools, visit = self._devtools, self._visit
        self._tab.on_worker = self._follow
        commands: list[Coroutine[Any, Any, object]] = [
            self._certificates.listen(),
            self._network.listen(devtools, visit.proxy.ledger.limits),
            self._pressure.listen(devtools),
            Disguise(visit.profile, visit.config).apply(devtools, visit.version, self._pressure.channel),
        ]
        if self._bare:
            commands += [
                devtools.send("Emulation.setScriptExecutionDisabled", {"value": True}),
                self._hold.guard(_is_document_or_style),
            ]
        await self._tab.begin(*map(asyncio.ensure_future, commands))

    def _follow(self, worker: DevToolsSession) -> None:
        """Listen to a worker that is about to begin: its requests count as the page's."""
        self._hold.follow(worker)
        self._network.follow(worker)

    async def _settle(self, halt: PageHalt, deadline: float) -> None:
        """Wait until the page has settled, and picture it early where that takes long."""
        early = asyncio.create_task(self._early_look.run())
        try:
            settling = PageSettling(self._events, self._devtools, halt, self._visit.config, self._seen.note)
            await settling.wait(deadline)
            self._look.overgrown = settling.overgrown
        finally:
            early.cancel()
            await asyncio.gather(early, return_exceptions=True)

    async def _broke_off_empty(self) -> bool:
        """Tell whether the connection broke before anything came that could be painted: there is nothing to picture."""
        with suppress(DevToolsError):
            return (
                bool(self._events.breakage) and await self._devtools.evaluate("!document.body?.hasChildNodes()") is True
            )
        return False

    def _may_change(self, halt: PageHalt) -> bool:
        """Tell whether time and gestures may still show something else: the page was seen, and its scripts may run."""
        sight, events = self._seen.sight, self._events
        return (
            not (self._bare or sight.outcome or halt.frozen or events.stopped or events.ended.done())
            and sight.shows_page
        )

    async def _examine(self, halt: PageHalt) -> None:
        """Look at the page, recognise what it is, and click on to a form where one may lie behind it."""
        visit, seen = self._visit, self._seen
        sight = await self._look.look(seen, halt)
        seen.sight = recognise(visit, replace(sight, network=self._events.requests.entries()), self._pressure)
        if self._may_change(halt) and self._look.activity is not None:
            resized = self._pictures.restore_viewport()
            settling = PageSettling(self._events, self._devtools, halt, visit.config, seen.note)
            late = LateLook(visit, self._look, halt, self._clock, settling.wait, resized=resized)
            await late.run(seen, self._look.activity)
            if not seen.sight.settled:
                sight = replace(seen.sight, network=self._events.requests.entries())
                seen.sight = recognise(visit, sight, self._pressure)
        if may_click(visit, seen.sight, halt):
            self._pictures.restore_viewport()
            await look_behind(visit, seen, self._look, halt, self._hold, self._recorder)
        else:
            recording = await self._recorder.finish(recording_context(visit, seen.sight))
            seen.sight = replace(seen.sight, recording=recording)


def _is_document_or_style(request: Event) -> bool:
    return request.get("resourceType") in ("Document", "Stylesheet")
