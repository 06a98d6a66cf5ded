"""One look at one address: go there, wait until it has settled, take pictures and facts.

What has been seen is written into a :class:`PageSight` as it comes, so that a page which dies half-way still leaves what it showed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.pipe import DevToolsError, DevToolsSession, DevToolsTimeoutError, Event
from crawler.browser.cdp.tab import BrowserTab
from crawler.capture.certificates import BrokenCertificates
from crawler.capture.clicks import asks_for_something
from crawler.capture.disguise import Disguise
from crawler.capture.favicon import MOST_REQUESTS, fetch_icon
from crawler.capture.form_search import FormSearch
from crawler.capture.outcomes import outcome_of_error, outcome_of_trouble
from crawler.capture.page_events import PageEvents, ResponseHead
from crawler.capture.page_facts import read_facts
from crawler.capture.page_halt import PageHalt
from crawler.capture.pressure import PressureGauge
from crawler.capture.profiles import Profile
from crawler.capture.record.recording import RecordingContext, TrafficRecorder
from crawler.capture.request_hold import RequestHold
from crawler.capture.settle import PageSettling
from crawler.capture.sight import PageSight
from crawler.capture.unpacked_bytes import UnpackedBytes
from crawler.net.guard import CaptureProxy, Failure, FailureKind
from crawler.pages.challenge import recognise_challenge
from crawler.pages.parked import parked_sentence
from crawler.pages.pictures import is_one_colour
from crawler.pages.text import clean
from crawler.runtime.thread_completion import finish_in_thread
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.model import NO_PRESSURE, Outcome, PageFacts, StoredFile, http_outcome

GLANCE_SECONDS = 1.0
"""A page that has not loaded by then is pictured as it is, to be on the safe side."""


class PageVisit:
    """Drives one page of a fresh context; :meth:`run` returns once the look is over, within ``total_seconds``."""

    def __init__(
        self,
        tab: BrowserTab,
        profile: Profile,
        version: str,
        gate: CaptureProxy,
        config: CaptureConfig,
        evidence: Evidence,
        sight: PageSight,
        *,
        bare: bool,
    ) -> None:
        """``tab`` is still paused; ``version``: the browser's."""
        self._tab = tab
        self._profile = profile
        self._version = version
        self._devtools = DevTools(tab.session, tab.target)
        self._gate = gate
        self._config = config
        self._evidence = evidence
        self._sight = sight
        self._watch = PageEvents(tab, gate.ledger, config)
        self._certificates = BrokenCertificates(self._devtools)
        self._weight = UnpackedBytes(self._devtools, gate.ledger)
        self._recorder = TrafficRecorder(self._devtools, gate.ledger)
        self._door = RequestHold(self._devtools, tab)
        self._pressure = PressureGauge()
        self._png = b""
        self._early = b""
        """What was painted while the page was still loading, should there never be more."""
        self._early_facts: PageFacts | None = None
        self._is_tall = False
        """The viewport is as high as the page, for the picture of all of it."""
        self._overgrown = False
        """The page was stopped while it grew."""
        self._bare = bare
        """Without scripts, pictures and fonts."""
        self._settled = False
        """What has been seen stays, whatever the page does from now on."""

    async def run(self) -> None:
        """Look, until done, crashed, or out of time; the sight holds a conclusion afterwards.

        Raises:
            DevToolsError: the browser failed in a way that no page explains.
            EvidenceError: a picture could not be stored.
        """
        steps = asyncio.create_task(self._steps())
        try:
            await asyncio.wait(
                (steps, self._watch.ended), timeout=self._config.total_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if steps.done():
                steps.result()
        finally:
            steps.cancel()
            await asyncio.gather(steps, return_exceptions=True)
            await self._fall_back_on_glance()
            self._collect()
            if not self._sight.recording.exchanges:
                self._sight.recording = self._recorder.so_far(self._about())
            for listener in (self._watch, self._certificates, self._weight, self._recorder):
                await listener.close()
        self._conclude()

    def _follow(self, worker: DevToolsSession) -> None:
        """A worker is about to begin: what it asks the network for is the page's doing."""
        self._watch.follow(worker)
        self._weight.follow(worker)
        self._recorder.listen(worker)
        self._door.follow(worker)
        worker.post("Network.enable")

    # --- the steps ----------------------------------------------------------------------------------------------

    async def _steps(self) -> None:
        devtools, disguise = self._devtools, Disguise(self._profile, self._config)
        self._tab.on_worker = self._follow
        orders: list[Coroutine[Any, Any, object]] = [
            self._certificates.listen(),
            self._weight.listen(),
            self._pressure.listen(devtools),
            disguise.put_on(devtools, self._version, self._pressure.channel),
        ]
        if self._bare:
            orders += [
                devtools.send("Emulation.setScriptExecutionDisabled", {"value": True}),
                self._door.guard(_is_document_or_style),
            ]
        self._recorder.listen(self._tab.session)
        await self._tab.begin(*map(asyncio.ensure_future, orders))
        deadline = asyncio.get_running_loop().time() + self._config.navigation_seconds
        if not await self._go():
            return
        brake = PageHalt(devtools, self._sight.note)
        glance = asyncio.create_task(self._glance(devtools))
        try:
            settling = PageSettling(self._watch, devtools, brake, self._config, self._sight.note)
            await settling.wait(deadline)
            self._overgrown = settling.overgrown
        finally:
            glance.cancel()
            await asyncio.gather(glance, return_exceptions=True)
        if self._shows_an_error():
            self._conclude_error(self._watch.steps[-1].failure if self._watch.steps else "")
        elif self._watch.painted and self._guards_answer() is None and not await self._broke_off_empty(devtools):
            await self._look(devtools, brake)

    async def _glance(self, devtools: DevTools) -> None:
        """Picture what is there early on: a stream without end or a busy script may leave no time for a picture later."""
        await asyncio.sleep(GLANCE_SECONDS)
        with suppress(DevToolsError, msgspec.DecodeError):
            while not self._early and self._watch.loaded_at is None:
                if self._watch.painted:
                    self._early = await devtools.screenshot(seconds=2)
                    self._early_facts = await self._read(devtools)
                await asyncio.sleep(GLANCE_SECONDS / 4)

    async def _fall_back_on_glance(self) -> None:
        if self._sight.screenshot is None and self._early and not await asyncio.to_thread(is_one_colour, self._early):
            await self._store(self._early, self._show)
            self._sight.glanced = True
            self._sight.facts = self._sight.facts or self._early_facts
            self._sight.note("it was pictured while it was still loading; there was no later chance")

    async def _go(self) -> bool:
        """Navigate; False when that ended the look."""
        try:
            failure = await self._navigate()
        except DevToolsTimeoutError:
            self._sight.note(f"the server did not answer within {round(self._config.navigation_seconds, 1):g} s")
            return self._watch.painted
        if self._watch.ended.done():
            return False
        if not failure:
            return self._guards_answer() is None
        # a page that leads on before it is there takes the place of what was asked for
        if "ERR_ABORTED" in failure and not self._watch.downloads and self._is_led_on():
            return True
        self._conclude_error(failure)
        return False

    async def _navigate(self) -> str:
        """Go there; why that failed, in the browser's words, or nothing once a document has come."""
        order = {"url": self._sight.url}
        referrer = self._profile.referrer_for(self._sight.url)
        if referrer:
            order |= {"referrer": referrer, "referrerPolicy": "unsafeUrl"}
        try:
            answer = await self._devtools.send("Page.navigate", order, seconds=self._config.navigation_seconds)
        except DevToolsTimeoutError:
            raise
        except DevToolsError as error:
            return str(error)
        return "Download is starting" if answer.get("isDownload") else str(answer.get("errorText") or "")

    def _is_led_on(self) -> bool:
        """Whether the first address was left for another one that no server redirected to."""
        steps = self._watch.steps
        return any(not step.redirected for step in steps[:-1])

    async def _broke_off_empty(self, devtools: DevTools) -> bool:
        """Whether the connection broke before anything came that could be painted: no picture is to be had."""
        with suppress(DevToolsError):
            return bool(self._watch.breakage) and await devtools.evaluate("!document.body?.hasChildNodes()") is True
        return False

    async def _look(self, devtools: DevTools, brake: PageHalt) -> None:
        await self._see(devtools, brake)
        self._sight.network = self._watch.entries()
        self._recognise()
        if self._may_click(brake):
            await self._reach_form(devtools, brake)
        else:
            self._sight.recording = await self._recorder.finish(self._about())

    async def _see(self, devtools: DevTools, brake: PageHalt) -> None:
        await self._take_picture(devtools, brake)
        width, height = devtools.viewport or self._profile.size(self._config)
        try:
            self._sight.facts = await self._read(devtools)
        except (DevToolsError, msgspec.DecodeError) as error:
            self._sight.note(f"the page's facts could not be read ({first_line(error)})")
            self._sight.unread = True
        if self._sight.screenshot is not None:
            await self._judge_blank()
            await asyncio.gather(self._full_page(devtools, width, height), self._icon())
        self._read_tls()

    async def _read(self, devtools: DevTools) -> PageFacts:
        facts = await read_facts(devtools, max_text=self._config.max_text, resources=self._watch.font_urls())
        return facts.reaching("elements") if self._overgrown else facts

    def _about(self) -> RecordingContext:
        """What a recording says of the visit."""
        title = self._sight.facts.title if self._sight.facts else ""
        return RecordingContext(self._tab.url, title, self._sight.browser, self._profile.name)

    def _recognise(self) -> None:
        """Say so where the page is a wall or parked."""
        sight = self._sight
        if sight.facts is None:
            return
        sight.challenge = recognise_challenge(sight.facts, sight.network)
        if sight.screenshot is None:
            return
        self._collect()
        if sight.challenge is not None and sight.challenge.blocking:
            sight.conclude(Outcome.CAPTCHA, f"a challenge ({sight.challenge.vendor}) stands in place of the page")
        elif sight.status is None or sight.status < 400:
            parked = parked_sentence(sight.facts, sight.network, final_url=sight.final_url, address=sight.address)
            if parked:
                sight.conclude(Outcome.PARKED, parked)

    def _may_click(self, brake: PageHalt) -> bool:
        """Whether a form may lie behind what is shown."""
        sight = self._sight
        if (
            not self._config.max_clicks
            or sight.facts is None
            or sight.screenshot is None
            or sight.blank
            or sight.outcome
        ):
            return False
        if brake.frozen or self._watch.stopped or self._watch.ended.done() or (sight.status or 0) >= 400:
            return False
        return not asks_for_something(sight.facts)

    async def _reach_form(self, devtools: DevTools, brake: PageHalt) -> None:
        """Click on to a form.  Where one is reached, the sight becomes that of the page which shows it; else it stays."""
        if self._is_tall:
            self._is_tall = False
            devtools.session.post("Emulation.setDeviceMetricsOverride", self._profile.metrics(self._config))
        first, recorder = self._sight, self._recorder
        search = FormSearch(
            self._tab,
            self._door,
            devtools,
            self._watch,
            settle=PageSettling(self._watch, devtools, brake, self._config, first.note).wait,
            read=lambda: self._read(devtools),
            note=first.note,
        )

        async def before() -> None:
            self._settled = True
            first.before = replace(first.freeze(), outcome=Outcome.OK)
            first.recording = await recorder.finish(self._about())

        until = asyncio.get_running_loop().time() + self._config.navigation_seconds
        reached = False
        try:
            found = await search.run(self._config.max_clicks, until, self._config.settle_seconds, before)
            if found:
                self._sight = PageSight(first.url, first.profile, started=first.started, clock=first.clock)
                await self._see(devtools, brake)
                reached = self._sight.facts is not None and self._sight.screenshot is not None
        finally:
            later, self._sight = self._sight, first
            first.clicks = tuple(search.clicks)
            if reached:
                first.before_clicks = first.screenshot
                for name in ("screenshot", "full_page", "favicon", "facts", "tls"):
                    setattr(first, name, getattr(later, name) or getattr(first, name))
                self._settled = False
            else:
                first.before = None
        first.network = self._watch.entries()
        if reached and first.facts is not None:
            first.challenge = recognise_challenge(first.facts, first.network)
        if reached or not search.clicks:
            first.recording = await recorder.finish(self._about())

    async def _take_picture(self, devtools: DevTools, brake: PageHalt) -> None:
        """The viewport at the top of the page; tried again where a script or its effects stood in the way."""
        for remedy in (brake.revive, brake.calm, None):
            try:
                await devtools.evaluate("window.scrollTo({top: 0, left: 0, behavior: 'instant'})", seconds=2)
                self._png = await devtools.screenshot(seconds=4)
                await self._store(self._png, self._show)
                return
            except DevToolsError as error:
                problem = first_line(error)
                if remedy is not None:
                    await remedy()
        self._sight.note(f"no picture could be taken ({problem})")

    async def _full_page(self, devtools: DevTools, width: int, height: int) -> None:
        try:
            page_height = min(await devtools.content_height(), self._config.full_page_height)
            if page_height <= height:
                self._sight.full_page = self._sight.screenshot
            else:
                await self._store(await self._picture(devtools, width, page_height), self._show_full)
        except DevToolsError as error:
            self._sight.note(f"no picture of the full page could be taken ({first_line(error)})")

    async def _picture(self, devtools: DevTools, width: int, height: int) -> bytes:
        if self._profile.device.mobile:
            return await devtools.screenshot((width, height), seconds=6)  # a phone's layout goes by more than its size
        self._is_tall = True
        return await devtools.tall_screenshot(self._profile.metrics(self._config), height, seconds=6)

    async def _icon(self) -> None:
        agent = self._profile.agent(self._version)
        icons = self._sight.facts.icons if self._sight.facts else ()
        self._gate.ledger.allow(MOST_REQUESTS)
        png = await fetch_icon(self._gate.address, icons, self._tab.url, agent)
        if png is not None:
            await self._store(png, self._show_icon)

    async def _judge_blank(self) -> None:
        facts = self._sight.facts
        if facts is None or facts.text.strip() or facts.images:
            return
        if await asyncio.to_thread(is_one_colour, self._png):
            self._sight.blank = True

    async def _store(self, png: bytes, then: Callable[[StoredFile], None]) -> None:
        """Keep a picture: one that was taken in time counts although the time runs out while it is written."""
        await finish_in_thread(partial(self._evidence.put, png, "image/png"), then)

    def _show(self, stored: StoredFile) -> None:
        self._sight.screenshot = stored

    def _show_full(self, stored: StoredFile) -> None:
        self._sight.full_page = stored

    def _show_icon(self, stored: StoredFile) -> None:
        self._sight.favicon = stored

    def _read_tls(self) -> None:
        response = self._main_response()
        if response is not None and response.security and response.url.startswith("https:"):
            self._sight.tls = self._certificates.summary(response.url, response.security)

    # --- what it comes to ---------------------------------------------------------------------------------------

    def _main_response(self) -> ResponseHead | None:
        """The answer behind what the page shows now."""
        return next((step.response for step in reversed(self._watch.steps) if step.response is not None), None)

    def _collect(self) -> None:
        """Write down what the events have told, whatever became of the steps."""
        sight, watch = self._sight, self._watch
        if self._settled:
            return
        response, marked = self._main_response(), self._guards_answer()
        if response is not None and marked is None:
            sight.status = response.status
        if watch.painted and not self._shows_an_error():
            sight.final_url = self._tab.url
        elif watch.steps:
            sight.final_url = watch.steps[-1].request.url
        sight.pressure = self._pressure.read(sight.facts.pressure if sight.facts else NO_PRESSURE)
        if sight.facts is not None:
            sight.facts = replace(sight.facts, url=clean(sight.final_url))
        sight.address = watch.address_of(sight.final_url)
        sight.redirects = watch.hops()
        sight.dns = self._gate.ledger.dns()
        sight.network = sight.network or watch.entries()
        if marked is not None:
            sight.conclude(*outcome_of_trouble(marked))

    def _shows_an_error(self) -> bool:
        """Whether the page has led to where nothing came from: the browser shows a page of its own instead."""
        return self._tab.url.startswith("chrome-error:")

    def _guards_answer(self) -> Failure | None:
        """Why the main document never came, where the guard answered in its server's place."""
        response = self._main_response()
        return None if response is None else self._watch.marked(response)

    def _conclude_error(self, message: str) -> None:
        step = self._watch.steps[-1] if self._watch.steps else None
        trouble = self._watch.trouble_with(step.request.url) if step else self._gate.ledger.stopped
        response = step.response if step else None
        if trouble is not None and "Download is starting" not in message:
            self._sight.conclude(*outcome_of_trouble(trouble))
        elif response is not None and response.status >= 400:
            self._sight.conclude(http_outcome(response.status), f"the server answered {response.status} without a page")
        elif response is not None and response.status in (204, 205) and "ERR_ABORTED" in message:
            self._sight.conclude(Outcome.BLANK, f"the server answered {response.status}: no page at all")
        else:
            self._sight.conclude(*outcome_of_error(message))

    def _conclude(self) -> None:
        sight, watch = self._sight, self._watch
        self._note_counts()
        if self._settled:
            sight.conclude(Outcome.OK)
        nothing = sight.screenshot is None or sight.blank
        if watch.ended.done() and not watch.ended.cancelled():
            self._conclude_ended(watch.ended.result())
        over = watch.trouble_with(sight.final_url)
        if over is not None and (over is self._gate.ledger.stopped or over.kind is FailureKind.OVERSIZE):
            outcome, sentence = outcome_of_trouble(over)
            if nothing:
                sight.conclude(outcome, sentence)
            if over is not self._gate.ledger.stopped and sight.facts is not None:
                sight.facts = sight.facts.reaching("bytes")  # the document itself was cut
            sight.note(sentence)
        if sight.status is not None and sight.status >= 400:
            sight.conclude(http_outcome(sight.status))
        elif watch.breakage and nothing:
            sight.conclude(*outcome_of_error(watch.breakage))
        elif sight.blank:
            sight.conclude(Outcome.BLANK, "the page shows one colour, and neither text nor pictures")
        elif sight.screenshot is not None:
            sight.conclude(Outcome.OK)
        else:
            sight.conclude(Outcome.TIMEOUT, "nothing was seen in time")

    def _note_counts(self) -> None:
        for count, what in (
            (self._watch.dialogs, "dialogs dismissed"),
            (self._watch.popups, "pop-ups closed"),
            (self._watch.downloads, "downloads refused"),
        ):
            if count:
                self._sight.note(f"{what}: {count}")

    def _conclude_ended(self, ending: Outcome) -> None:
        if ending == Outcome.CRASHED and self._sight.screenshot is not None:
            self._sight.note("the page crashed its renderer after it had been seen")
        else:
            self._sight.conclude(ending, _ENDINGS.get(ending, ""))


_ENDINGS = {
    Outcome.CRASHED: "the page crashed its renderer",
    Outcome.REDIRECT_LOOP: "the page leads on and on",
    Outcome.FAILED: "the page closed itself",
}


def _is_document_or_style(request: Event) -> bool:
    return request.get("resourceType") in ("Document", "Stylesheet")


def first_line(error: Exception) -> str:
    """The first line of what went wrong, bounded."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
