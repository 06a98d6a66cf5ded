"""When has a page shown what it has to show?  After its load and a quiet network, or when waiting is not worth it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.pipe import DevToolsError
from crawler.capture.page_events import PageEvents
from crawler.capture.page_facts import SEEN
from crawler.capture.page_halt import PageHalt
from detector.config import CaptureConfig

BROKE_OFF = "the connection broke before the page was complete"
POLL_SECONDS = 0.05
QUIET_SECONDS = 0.25
"""Without any request under way: the network is quiet."""
SILENT_SECONDS = 1.5
"""Without any event on a page that has not loaded: time to ask whether it is still alive."""
STALL_SECONDS = 2.5
"""Without any event on a page whose document has come: what it still waits for is not worth the wait."""
STOP_POLLS = 10
"""Between the order to stop loading and a page that has taken it in."""
MAX_REVIVALS = 3
MAX_NODES = 300_000
"""Of a document that is still growing: more of it adds nothing to a picture, and takes long to lay out."""
COUNT_SECONDS = 0.2
MAX_REFRESHES = 3
MAX_LATE_SECONDS = 5.0
"""A ``meta refresh`` that is due later than this is not waited for, nor is a script that may lead on or fill the page."""
REFRESH_GRACE_SECONDS = 0.5
LATE_POLL_SECONDS = 0.5

_OUTLOOK = r"""((seeing) => {
  const { find, opaque, rectOf, placeOf, UNSEEN } = seeing;
  const shown = (element) => {
    const { x, y, width, height } = rectOf(element);
    return placeOf([x, y, width, height], null) !== UNSEEN && opaque(element);
  };
  const some = (selector) => find(document, selector).some(shown);
  const refresh = document.querySelector('meta[http-equiv="refresh" i]')?.getAttribute("content") ?? null;
  // Characters that a person can read, up to as many as say that there is no need to wait.
  const readable = () => {
    const walker = document.createTreeWalker(document.body ?? document, NodeFilter.SHOW_TEXT);
    let count = 0;
    while (count <= 400 && walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      const said = walker.currentNode.data.trim();
      const silent = /^(script|style|noscript|title|textarea)$/.test(parent?.localName ?? "title");
      if (said && !silent && shown(parent)) count += said.length;
    }
    return count;
  };
  const expectsMore = () => {
    if (some("input:not([type=hidden]), textarea, select, object, embed")) return false;
    const text = readable();
    if (text > 400) return false;
    const scripts = Array.from(document.scripts, (script) => script.src ? null : script.text.slice(0, 200000));
    const empty = text === 0 && !some("img, svg, canvas, video, iframe");
    if (empty) return scripts.length > 0;
    const timer = /set(Timeout|Interval)|requestAnimationFrame|Promise|await/;
    const leads = /location|navigat|\.submit\b|\.click\b|document\.write|innerHTML|eval|atob|fromCharCode|unescape/;
    return scripts.some((code) => (code === null ? text < 80 : timer.test(code) && leads.test(code)));
  };
  return [refresh, expectsMore()];
})"""
"""The content of a ``meta refresh``, and whether a page that shows hardly anything has scripts that may yet lead on or fill it."""


class PageSettling:
    """Waits for one page; what it had to do to it, it tells ``note`` in sentences."""

    def __init__(
        self, watch: PageEvents, devtools: DevTools, brake: PageHalt, config: CaptureConfig, note: Callable[[str], None]
    ) -> None:
        self._watch = watch
        self._devtools = devtools
        self._brake = brake
        self._config = config
        self._note = note
        self._clock = asyncio.get_running_loop().time
        self._revivals = 0
        self._next_count = self._clock() + 0.5
        self._ended = False
        self.overgrown = False
        """The page was stopped while it grew: what was still to come is not known."""

    async def wait(self, deadline: float) -> None:
        """Until the page has settled and leads nowhere else, or ``deadline`` (of the loop's clock)."""
        await self._loaded_and_quiet(deadline)
        late = min(deadline, self._clock() + MAX_LATE_SECONDS)
        for _ in range(MAX_REFRESHES):
            refresh, expects_more = await self._outlook()
            if not await self._is_led_on(refresh, deadline) and not await self._gets_more(expects_more, late):
                return
            await self._loaded_and_quiet(deadline)

    async def _loaded_and_quiet(self, deadline: float) -> None:
        while (now := self._clock()) < deadline:
            if self._watch.stopped:
                await self._brake.freeze()
                await self._stop()
                return
            if self._watch.loaded_at is not None:
                if self._has_settled(now):
                    return
            elif self._watch.painted:
                problem = await self._given_up(now) or await self._overgrown(now)
                if problem:
                    self._note(problem)
                    await self._stop()
                    return
            await asyncio.sleep(POLL_SECONDS)
        self._note(f"loading was cut off after {round(self._config.navigation_seconds, 1):g} s")
        if self._watch.painted:
            await self._brake.revive()
            await self._stop()

    def _has_settled(self, now: float) -> bool:
        watch, settle = self._watch, self._config.settle_seconds
        idle = not watch.in_flight and now - watch.last_activity >= min(QUIET_SECONDS, settle)
        return idle or now - (watch.loaded_at or now) >= settle

    async def _given_up(self, now: float) -> str:
        """Why a page that has not loaded is not waited for any longer, in a sentence; empty where it is."""
        quiet = now - self._watch.last_activity
        if self._watch.breakage and quiet >= QUIET_SECONDS:
            return BROKE_OFF
        if quiet >= SILENT_SECONDS and self._revivals < MAX_REVIVALS:
            self._revivals += 1
            await self._brake.revive()
        elif (
            quiet >= max(STALL_SECONDS, self._config.settle_seconds)
            and self._watch.document_came
            and await self._devtools.answers()
        ):
            return "the page never finished loading; it was captured as it stood"
        return ""

    async def _overgrown(self, now: float) -> str:
        if now < self._next_count:
            return ""
        self._next_count = now + COUNT_SECONDS
        nodes = 0
        with suppress(DevToolsError):
            nodes = await self._devtools.count_nodes()
        self.overgrown = nodes > MAX_NODES
        return f"the page grew to {nodes} nodes; it was captured as it stood" if self.overgrown else ""

    async def _stop(self) -> None:
        self._ended = True
        await self._brake.stop_loading()
        for _ in range(STOP_POLLS):
            if self._watch.loaded_at is not None:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _outlook(self) -> tuple[object, bool]:
        """What a ``meta refresh`` says, and whether scripts may yet lead on or fill the page."""
        with suppress(DevToolsError):
            answer = await self._devtools.evaluate(f"({_OUTLOOK})(({SEEN})())", seconds=1)
            if isinstance(answer, list) and len(answer) == 2:
                return answer[0], answer[1] is True
        return None, False

    async def _is_led_on(self, refresh: object, deadline: float) -> bool:
        """Wait for a ``meta refresh`` that is due soon; False when there is none, or it leads nowhere in time."""
        delay = refresh_delay(refresh)
        if delay is None or self._clock() + delay > deadline:
            return False
        steps, until = len(self._watch.steps), self._clock() + delay + REFRESH_GRACE_SECONDS
        while self._clock() < until:
            if len(self._watch.steps) > steps:
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False

    async def _gets_more(self, expects_more: bool, until: float) -> bool:
        """Wait for scripts that lead on from, or fill, a page that shows hardly anything; False when they do neither."""
        steps, waited = len(self._watch.steps), False
        while expects_more and not self._ended:
            waited, ask = True, self._clock() + LATE_POLL_SECONDS
            while self._clock() < ask:
                if len(self._watch.steps) > steps:
                    return True
                if self._clock() >= until:
                    return False
                await asyncio.sleep(POLL_SECONDS)
            _, expects_more = await self._outlook()
        return waited


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
    return delay if delay is not None and delay <= MAX_LATE_SECONDS else None
