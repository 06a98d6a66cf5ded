"""Look at a page once more after time has passed, the page was scrolled and the mouse moved, where that changed it.

A page may show its victims something only after some seconds, or to whoever scrolls or moves the mouse.  Its own clock is moved on
for that (:mod:`crawler.capture.page_clock`), and one round of gestures is made (:mod:`crawler.capture.gestures`); where no script
runs and no style changes meanwhile, there is nothing to look at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec

from crawler.browser.cdp.commands import PageActivity
from crawler.browser.cdp.session import DevToolsError
from crawler.capture.clicks import asks_for_something
from crawler.capture.gestures import Gestures
from crawler.capture.page_clock import PageClock
from crawler.capture.page_halt import PageHalt
from crawler.capture.sight import PageSight, SightSoFar, overtaken
from crawler.capture.visit.context import VisitContext
from crawler.capture.visit.page_look import PageLook
from detector.frames import with_frames
from detector.model import NO_PRESSURE, PageFacts

ADVANCE_LIMIT_SECONDS = 2.0
"""Limit, in real time, of one step of the page's time."""
EARLY_SHARE = 0.35
"""Share of the time that passes before the gestures; what they set off has the rest of it, in two steps."""
MAX_NAVIGATIONS = 3
LATER = "this is the page after some seconds, scrolled, and with the mouse moved"


class LateLook:
    """Lets time pass on one page, stirs it, and looks again where it has changed."""

    def __init__(
        self,
        visit: VisitContext,
        look: PageLook,
        halt: PageHalt,
        clock: PageClock,
        settle: Callable[[float], Awaitable[None]],
        *,
        resized: bool,
    ) -> None:
        """``settle`` waits for the page until a time of the event loop's clock; ``resized``: its viewport has just changed."""
        config, profile = visit.config, visit.profile
        self._visit = visit
        self._look = look
        self._halt = halt
        self._clock = clock
        self._settle = settle
        self._resized = resized
        self._now = asyncio.get_running_loop().time
        self._gestures = Gestures(visit.devtools, profile.size(config), touch=profile.device.touch_points > 0)
        self._steps = len(visit.events.steps)
        """Documents that the page had led to when it was looked at last."""
        self._left = 0
        """Times that it has led on since."""

    async def run(self, seen: SightSoFar, began: PageActivity) -> None:
        """Let ``seen`` show the page as it is now where it led on, or asks for something only now; else keep that in ``before``.

        ``began``: the page's activity when it was looked at first.

        Raises:
            EvidenceError: a picture could not be stored.
        """
        first = seen.sight
        if first.facts is None:
            return
        seen.sight = replace(first, settled=True)
        again = SightSoFar(first.begun_again())
        try:
            if not await self._has_changed(first.facts, began):
                seen.sight = first
                return
            later = await (self._look.look if self._left else self._look.glance)(again, self._halt)
        except (DevToolsError, msgspec.DecodeError):
            return  # the page has died, and what was seen of it counts
        if later.facts is None or not later.shows_page or _same(first, later):
            return
        if self._left or (_asks(later.facts) and not _asks(first.facts)):
            seen.sight = overtaken(first, later).noted(LATER)
        else:
            moment = replace(first, screenshot=later.screenshot, facts=later.facts, full_page=None).noted(LATER)
            seen.sight = replace(seen.sight, before=(moment.concluded(first.as_seen()).as_capture(),))

    async def _has_changed(self, first: PageFacts, began: PageActivity) -> bool:
        """Let time pass and make gestures, until the page asks for something that it did not; True where anything happened.

        Raises:
            DevToolsError, msgspec.DecodeError: the page is gone, or does not answer.
        """
        devtools, allowed = self._visit.devtools, self._visit.config.navigation_seconds
        until = self._now() + allowed
        if self._resized:
            await self._gestures.nudge()  # calculates the styles anew
        idle = await devtools.activity()
        known = idle if idle.script_seconds == began.script_seconds else began
        start, asked = known, _asks(first)
        for act in (
            lambda: self._pass(allowed * EARLY_SHARE),
            lambda: self._gestures.make(self._visit.config.full_page_height),
            lambda: self._pass(allowed * EARLY_SHARE),
            lambda: self._pass_rest(allowed * (1 - 2 * EARLY_SHARE)),
        ):
            await self._follow(act, until)
            now = await devtools.activity()
            if now == known:
                continue
            known = now
            if not asked and _asks(await self._look.read()):
                return True
            if self._left >= MAX_NAVIGATIONS or self._now() >= until:
                break
        return self._left > 0 or known != start

    async def _follow(self, act: Callable[[], Awaitable[None]], until: float) -> None:
        """Act, and wait for the page where that led on to another one."""
        try:
            await act()
        except DevToolsError:
            if not self._leads_on():
                raise
        if self._leads_on():
            self._left += 1
            self._steps = len(self._visit.events.steps)
            await self._settle(until)
            self._steps = len(self._visit.events.steps)

    async def _pass(self, seconds: float) -> None:
        """Let ``seconds`` of the page's time pass."""
        await self._clock.advance(seconds, ADVANCE_LIMIT_SECONDS, self._leads_on)

    async def _pass_rest(self, seconds: float) -> None:
        """Let ``seconds`` pass, and paint what all the time brought: animations make no script run."""
        await self._pass(seconds)
        if not self._leads_on():
            await self._gestures.nudge()

    def _leads_on(self) -> bool:
        return len(self._visit.events.steps) > self._steps


def _asks(facts: PageFacts) -> bool:
    return asks_for_something(with_frames(facts))


def _same(first: PageSight, later: PageSight) -> bool:
    """Tell whether a page shows and says what it did before."""
    return first.screenshot == later.screenshot and _said(first) == _said(later)


def _said(sight: PageSight) -> PageFacts | None:
    return replace(sight.facts, pressure=NO_PRESSURE, resources=(), url="") if sight.facts else None
