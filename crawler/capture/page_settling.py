"""Wait until a page has settled: loaded, with a quiet network; or until waiting longer is not worth it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError
from crawler.capture.events.page_events import PageEvents
from crawler.capture.inner_trees import SEEN
from crawler.capture.page_halt import PageHalt
from detector.config import CaptureConfig

BROKE_OFF = "the connection broke before the page was complete"
POLL_SECONDS = 0.05
QUIET_SECONDS = 0.25
"""After this long without events and requests under way, the network counts as quiet."""
SILENT_SECONDS = 1.5
"""After this long without events, a page that has not loaded is asked whether it still answers."""
STALL_SECONDS = 2.5
"""After this long without events, a page whose document has come is not waited for any longer."""
STOP_POLLS = 10
"""Polls for the end of loading after the command to stop it."""
MAX_REVIVALS = 3
MAX_NODES = 300_000
"""A document that grows beyond this is stopped: more of it adds nothing to a picture, and takes long to lay out."""
COUNT_SECONDS = 0.2
MAX_REFRESHES = 3
MAX_LATE_SECONDS = 5.0
"""Neither a ``meta refresh`` that is due later nor scripts that may navigate or fill the page are waited for longer."""
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
"""Returns the content of a ``meta refresh``, and whether an almost empty page has scripts that may still navigate or fill it."""


class PageSettling:
    """Waits for one page; interventions are reported to ``note`` as sentences."""

    def __init__(
        self, events: PageEvents, devtools: DevTools, halt: PageHalt, config: CaptureConfig, note: Callable[[str], None]
    ) -> None:
        self._events = events
        self._devtools = devtools
        self._halt = halt
        self._config = config
        self._note = note
        self._clock = asyncio.get_running_loop().time
        self._revivals = 0
        self._next_count = self._clock() + 0.5
        self._ended = False
        self.overgrown = False
        """The page was stopped while it grew: the rest of it is not known."""

    async def wait(self, deadline: float) -> None:
        """Wait until the page has settled and does not navigate any more, or until ``deadline`` (of the event loop's clock)."""
        await self._wait_for_quiet_network(deadline)
        late = min(deadline, self._clock() + MAX_LATE_SECONDS)
        for _ in range(MAX_REFRESHES):
            refresh, expects_more = await self._outlook()
            if not await self._refreshes(refresh, deadline) and not await self._scripts_change_page(expects_more, late):
                return
            await self._wait_for_quiet_network(deadline)

    async def _wait_for_quiet_network(self, deadline: float) -> None:
        while (now := self._clock()) < deadline:
            if self._events.stopped:
                await self._halt.freeze()
                await self._stop()
                return
            if self._events.loaded_at is not None:
                if self._has_settled(now):
                    return
            elif self._events.painted:
                problem = await self._reason_to_stop(now) or await self._overgrown(now)
                if problem:
                    self._note(problem)
                    await self._stop()
                    return
            await asyncio.sleep(POLL_SECONDS)
        self._note(f"loading was cut off after {round(self._config.navigation_seconds, 1):g} s")
        if self._events.painted:
            await self._halt.revive()
            await self._stop()

    def _has_settled(self, now: float) -> bool:
        events, settle = self._events, self._config.settle_seconds
        idle = not events.requests.in_flight and now - events.last_activity >= min(QUIET_SECONDS, settle)
        return idle or now - (events.loaded_at or now) >= settle

    async def _reason_to_stop(self, now: float) -> str:
        """Return why a page that has not loaded is not waited for any longer, as a sentence; empty where it is."""
        quiet = now - self._events.last_activity
        if self._events.breakage and quiet >= QUIET_SECONDS:
            return BROKE_OFF
        if quiet >= SILENT_SECONDS and self._revivals < MAX_REVIVALS:
            self._revivals += 1
            await self._halt.revive()
        elif (
            quiet >= max(STALL_SECONDS, self._config.settle_seconds)
            and self._events.document_came
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
        await self._halt.stop_loading()
        for _ in range(STOP_POLLS):
            if self._events.loaded_at is not None:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _outlook(self) -> tuple[object, bool]:
        """Return the content of a ``meta refresh``, and True where scripts may still navigate or fill the page."""
        with suppress(DevToolsError):
            answer = await self._devtools.evaluate(f"({_OUTLOOK})(({SEEN})())", seconds=1)
            if isinstance(answer, list) and len(answer) == 2:
                return answer[0], answer[1] is True
        return None, False

    async def _refreshes(self, refresh: object, deadline: float) -> bool:
        """Wait for a ``meta refresh`` that is due soon; False when there is none, or it does not navigate in time."""
        delay = refresh_delay(refresh)
        if delay is None or self._clock() + delay > deadline:
            return False
        steps, until = len(self._events.steps), self._clock() + delay + REFRESH_GRACE_SECONDS
        while self._clock() < until:
            if len(self._events.steps) > steps:
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False

    async def _scripts_change_page(self, expects_more: bool, until: float) -> bool:
        """Wait for scripts that navigate from, or fill, an almost empty page; False when they do neither."""
        steps, waited = len(self._events.steps), False
        while expects_more and not self._ended:
            waited, ask = True, self._clock() + LATE_POLL_SECONDS
            while self._clock() < ask:
                if len(self._events.steps) > steps:
                    return True
                if self._clock() >= until:
                    return False
                await asyncio.sleep(POLL_SECONDS)
            _, expects_more = await self._outlook()
        return waited


def refresh_delay(content: object) -> float | None:
    """Return the seconds after which a ``meta refresh`` navigates to another address; None when it does not, or not soon.

    The grammar is the HTML standard's (pragma directives, refresh state), without its quirks.
    """
    found = (
        re.match(r"\s*(\d{1,4}(?:\.\d*)?)\s*[;,]\s*(?:url\s*=)?\s*\S", content, re.IGNORECASE)
        if isinstance(content, str)
        else None
    )
    delay = float(found[1]) if found else None
    return delay if delay is not None and delay <= MAX_LATE_SECONDS else None
