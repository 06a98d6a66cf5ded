"""Capture addresses: several at once, each in a fresh browser context behind a proxy of its own; each yields a result.

When one page crashes its browser, the other captures in it are tried again, the last time in a browser of their own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from crawler.browser.browser_pool import BrowserPool
from crawler.capture.profiles import Profile, Profiles
from crawler.capture.record.recording import Recording
from crawler.capture.sight import PageSight, SightSoFar
from crawler.capture.target import url_problem
from crawler.capture.visit.attempt import AttemptRunner, BrowserLostError, CaptureAttempt
from crawler.capture.visit.tries import (
    better,
    broke_off,
    joined,
    may_show_more_bare,
)
from crawler.net.guard import CaptureProxy, Guard
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.model import Capture, Outcome

log = structlog.get_logger(__name__)

TRIES = 4
"""The last two are in a browser that no other capture shares; so is the next one after a page is suspected of a crash."""
ALONE = 2
SHARE_OF_TIME = 0.7
"""Share of the rest of ``total_seconds`` that a try may take; the last one may take all of it."""
SHARE_OF_INNOCENT = 0.3
"""Share of ``total_seconds`` that a capture still gets after another page crashed its browser, however late it is."""
LEAST_SECONDS = 3.0
"""A try is not worth beginning with less."""
BARE_SECONDS = 5.0
"""Least time of a bare try, however late it is: there is one only where nothing was seen of the page."""

UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
"""Characters that neither the database nor UTF-8 accepts."""


@dataclass(frozen=True, slots=True)
class RecordedCapture:
    """A capture with its network recording, which is stored only where the page turns out to be suspicious."""

    capture: Capture
    recording: Recording
    before: tuple[Capture, ...] = ()
    """The same page at other moments of the visit: before the first click where clicks led to a form, before or after time had
    passed and the page had been scrolled."""

    def keep(self, evidence: Evidence) -> Capture:
        """Store the recording, and return the capture that names its files.

        Raises:
            EvidenceError: it could not be stored.
        """
        return replace(self.capture, bundle=self.recording.store(evidence))


class Capturer:
    """Takes captures; an async context manager that leaves no process, port or folder behind."""

    def __init__(self, config: CaptureConfig, evidence: Evidence) -> None:
        """Read the settings; nothing is started yet.

        Raises:
            ConfigError: ``resolve``, ``allow_private``, a proxy or a profile of ``config`` is malformed.
        """
        self._config = config
        self.profiles = Profiles.of(config)
        """Profiles that :meth:`record` accepts."""
        self._guard = Guard(config)
        self._pool = BrowserPool(config, self._guard)
        self._attempts = AttemptRunner(config, evidence, self._pool)
        self._slots = asyncio.Semaphore(config.slots)

    async def __aenter__(self) -> Self:
        """Start the first browser.

        Raises:
            BrowserMissing: there is none, or it does not start.
        """
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.__aexit__(kind, error, trace)

    async def capture(self, url: str, *, profile: str | None = None, proxy: str | None = None) -> Capture:
        """Capture ``url`` as :meth:`record` does, without the recording."""
        return (await self.record(url, profile=profile, proxy=proxy)).capture

    async def record(self, url: str, *, profile: str | None = None, proxy: str | None = None) -> RecordedCapture:
        """Capture ``url`` as ``profile`` sees it, with a recording; all that goes wrong with the page becomes an outcome.

        Waits for a free slot.  By default the profile is the configured one, and the proxy that of the profile's place, else
        ``capture.proxy``; an empty ``proxy`` means no proxy.

        Raises:
            UsageError: there is no such profile.
            ConfigError: ``proxy`` is malformed.
            EvidenceError: a picture could not be stored.
            BrowserMissing: the browser no longer starts.
        """
        visitor = self.profiles.named(profile or self._config.profile)
        open_proxy = partial(self._guard.capture_proxy, place=visitor.place_name, proxy=proxy)
        open_proxy()  # raises at once where ``proxy`` is malformed, which is the caller's mistake
        problem = url_problem(url)
        if problem is not None:
            # replaced, not removed: without the character it would be the address of another page, which then counts as captured
            marked = UNSTORABLE.sub("\ufffd", url)
            return RecordedCapture(
                Capture(url=marked, outcome=Outcome.BAD_URL, profile=visitor.name, note=problem), Recording()
            )
        async with self._slots:
            sight = await self._try_until_seen(url, visitor, open_proxy)
        return RecordedCapture(sight.as_capture(), sight.recording, sight.before)

    async def _try_until_seen(self, url: str, visitor: Profile, open_proxy: Callable[[], CaptureProxy]) -> PageSight:
        """Try several times within ``total_seconds``: in a shared browser where possible, then alone, and at last bare."""
        how, best, least = CaptureAttempt(), PageSight(url, visitor.name), 0.0
        begun = best
        for left in reversed(range(TRIES)):
            remaining = max(self._config.total_seconds - begun.elapsed(), BARE_SECONDS if how.bare else least)
            if best.outcome and remaining < LEAST_SECONDS:
                break
            how = replace(how, alone=how.alone or left < ALONE)
            seen = SightSoFar(begun.begun_again())
            try:
                await self._attempts.run(seen, visitor, open_proxy(), how, remaining * (SHARE_OF_TIME if left else 1.0))
            except BrowserLostError as lost:
                log.info("a browser was lost; its captures run again", url=url, tries_left=left, alone=how.alone)
                best = better(best, seen.sight)
                least = 0.0 if lost.suspect or how.alone else self._config.total_seconds * SHARE_OF_INNOCENT
                how = CaptureAttempt(alone=lost.suspect or how.alone, bare=how.alone)
                continue
            sight = seen.sight
            if how.bare:
                return joined(best, sight) if sight.screenshot is not None or not best.outcome else best
            best = better(best, sight)
            if broke_off(sight) and left > 1:
                continue
            if not may_show_more_bare(sight):
                break
            how = replace(how, bare=True)
        return best.concluded(Outcome.CRASHED, "the page crashes the whole browser, also when it is alone in it")

    async def capture_many(self, urls: AsyncIterable[str] | Iterable[str]) -> AsyncIterator[Capture]:
        """Capture all ``urls``, several at once, and yield the results as they finish; each address gives one.

        Raises:
            EvidenceError, BrowserMissing: as :meth:`capture`; captures that still run are cancelled.
        """
        source = aiter(urls) if isinstance(urls, AsyncIterable) else _as_async(urls)
        running: set[asyncio.Task[Capture]] = set()
        more = True
        try:
            while more or running:
                while more and len(running) < self._config.slots:
                    url = await anext(source, None)
                    if url is None:
                        more = False
                    else:
                        running.add(asyncio.create_task(self.capture(url)))
                if running:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        yield task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _as_async(urls: Iterable[str]) -> AsyncIterator[str]:
    for url in urls:
        yield url
