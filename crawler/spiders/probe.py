"""Spider ``probe``: fetches front pages of inconspicuous names over plain HTTP and reports those that hint at a brand."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from crawler.capture.profile_data import load_profile_data
from crawler.capture.profiles import Profiles
from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import ProbesSettled
from crawler.net.fetcher import downloader_of
from crawler.net.guard import Guard
from crawler.probe.front_page_visit import FrontPageVisitor, ProbeResult
from crawler.probe.judge_messages import FrontPageKind, unjudged
from crawler.probe.judge_pool import JudgePool
from crawler.probe.kit_index import KitIndex
from crawler.runtime.thread_completion import finish_in_thread
from detector.config import CaptureConfig, Config
from detector.errors import StoreError
from detector.model import Candidate, utcnow
from detector.sentences import counted
from detector.store import DueProbe

BATCH = 500
"""Names that are taken out of the queue at once."""
SETTLE, SETTLE_SECONDS = 200, 1.0
STEPS = 6
"""Time of one probe in all, as a multiple of ``probe.seconds``: a server that makes each step last that long gets six of them."""
_LEAST, _SPAN = 0.3, 0.65
"""Lowest and highest priority of a candidate, by its score."""
_UNUSED = (
    "offsite.OffsiteMiddleware", "robotstxt.RobotsTxtMiddleware", "httpauth.HttpAuthMiddleware",
    "downloadtimeout.DownloadTimeoutMiddleware", "defaultheaders.DefaultHeadersMiddleware", "useragent.UserAgentMiddleware",
    "retry.RetryMiddleware", "redirect.MetaRefreshMiddleware", "redirect.RedirectMiddleware", "cookies.CookiesMiddleware",
    "httpproxy.HttpProxyMiddleware", "stats.DownloaderStats",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _FinishedProbe:
    """A finished probe."""

    probe: DueProbe
    seen: ProbeResult


class ProbeSpider(DiscoverySpider):
    """Probe the names that are due in the queue of probes."""

    name = "probe"
    custom_settings = {  # noqa: RUF012
        "DOWNLOAD_MAXSIZE": 16_000_000,  # limits decompressed bodies; what comes over the network is cut much earlier
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "crawler.probe.download_handler.GuardedDownloadHandler"),
        "DOWNLOADER_MIDDLEWARES": {f"scrapy.downloadermiddlewares.{name}": None for name in _UNUSED},
    }

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        """Take the arguments of every source."""
        super().__init__(name, **arguments)
        self._given = 0
        self._shown: Counter[str] = Counter()

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Return True if a source queues names for probes."""
        return bool(config.probe.sources)

    async def discover(self) -> AsyncIterator[Candidate | ProbesSettled]:
        """Yield candidates among all names that were due when the run began.

        Raises:
            SourceError: the Scrapy crawler is not running.
        """
        config = self.workspace.config
        kits = await asyncio.to_thread(KitIndex.of_store, self.workspace.store)
        profiles = Profiles(load_profile_data(config.capture.profiles))
        async with JudgePool(config.brand_folders(), kits, config.probe.processes) as judges:
            visitor = FrontPageVisitor(
                Guard(_bounds(config)),
                downloader_of(self.crawler),
                judges.judge,
                tuple(profiles.named(name) for name in config.probe.profiles),
                most_bytes=config.probe.max_bytes,
                most_seconds=STEPS * config.probe.seconds,
            )
            began = time.monotonic()
            async for item in self._all(visitor):
                yield item
            self._shown["lost"] = judges.lost
            self._sum_up(time.monotonic() - began)

    async def _all(self, visitor: FrontPageVisitor) -> AsyncIterator[Candidate | ProbesSettled]:
        ended: asyncio.Queue[_FinishedProbe | None] = asyncio.Queue(SETTLE)
        queue = _DueNames(self, ended)
        workers = [
            asyncio.create_task(self._work(visitor, queue, ended)) for _ in range(self.workspace.config.probe.at_once)
        ]
        running = len(workers)
        done: list[DueProbe] = []
        nothing: list[DueProbe] = []
        settled = time.monotonic()
        try:
            while running:
                try:
                    async with asyncio.timeout(SETTLE_SECONDS):
                        over = await ended.get()
                except TimeoutError:
                    over = None
                else:
                    running -= over is None
                if over is not None:
                    probe = replace(over.probe, address=over.seen.address)
                    (done if self._is_done(over.seen) else nothing).append(probe)
                    if over.seen.finding.sent:
                        self._given += 1
                        yield self._candidate(over.probe, over.seen)
                full = len(done) + len(nothing) >= SETTLE or time.monotonic() - settled >= SETTLE_SECONDS
                if (full or not running) and (done or nothing):
                    queue.over([*done, *nothing])
                    yield self._settled_probes(done, nothing)
                    done, nothing, settled = [], [], time.monotonic()
            await asyncio.gather(*workers)  # an unexpected error ends the run, and is reported
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await queue.give_back()

    async def _work(
        self, visitor: FrontPageVisitor, queue: _DueNames, ended: asyncio.Queue[_FinishedProbe | None]
    ) -> None:
        try:
            while (probe := await queue.next()) is not None:
                seen = await visitor.probe(probe.url)
                self._shown[seen.finding.shown] += 1
                self._shown["cloaked"] += seen.cloaked
                self.tally.of(self.name).tried += 1
                await ended.put(_FinishedProbe(probe, seen))
        except asyncio.CancelledError:
            raise  # nobody reads the queue any more: waiting for room in it would never end
        except Exception:
            await ended.put(None)
            raise
        await ended.put(None)

    @staticmethod
    def _is_done(seen: ProbeResult) -> bool:
        """Return True if the name need not be probed again: it shows an ordinary page, or one that is captured now."""
        return seen.finding.sent or (seen.finding.shown is FrontPageKind.PAGE and not seen.cloaked)

    def _candidate(self, probe: DueProbe, seen: ProbeResult) -> Candidate:
        finding = seen.finding
        return Candidate(
            seen.start or probe.url,
            source=self.name,
            brands=(finding.brand,) if finding.brand else (),
            priority=round(min(1.0, _LEAST + _SPAN * finding.score), 3),
            reasons=(*finding.reasons, f"Its name was reported by {probe.source}."),
        )

    def _settled_probes(self, done: list[DueProbe], nothing: list[DueProbe]) -> ProbesSettled:
        remember = timedelta(hours=self.workspace.config.probe.remember_hours)
        return ProbesSettled(self.name, tuple(done), tuple(nothing), remember, self._given)

    # --- reporting -------------------------------------------------------------------------------------------------

    def left_to_browser(self, probe: DueProbe) -> ProbeResult:
        """Return the finding for a name whose probes never ended: a browser should capture it."""
        self.logger.warning("%s is left to the browser: none of its probes ended", probe.url)
        self._shown["given up"] += 1
        return ProbeResult(unjudged("none of its probes ended"))

    def _sum_up(self, seconds: float) -> None:
        tally, shown = self.tally.of(self.name), self._shown
        again = shown[FrontPageKind.NOTHING] + shown[FrontPageKind.WALL] + shown[FrontPageKind.BRAND]
        parts = [counted(shown[FrontPageKind.PAGE], "page")] if shown[FrontPageKind.PAGE] else []
        parts += [f"{again} to be probed again (no page, a challenge, or a brand's own site)"] if again else []
        parts += [f"{shown['cloaked']} that show visitors different pages"] if shown["cloaked"] else []
        if shown["lost"]:
            parts.append(counted(shown["lost"], "page that could not be judged", "pages that could not be judged"))
        parts += [f"{shown['given up']} left to the browser, as no probe ended"] if shown["given up"] else []
        if tally.tried and seconds > 0:
            parts.append(f"{tally.tried / seconds:.0f} a second")
        tally.note = ", ".join(parts) or "no name is due"
        if self.crawler.stats is not None:
            for key, count in shown.items():
                self.crawler.stats.set_value(f"clonewatch/{self.name}/{key}", count)


class _DueNames:
    """Iterator over the names that were due when the run began, read from the store in batches."""

    def __init__(self, spider: ProbeSpider, ended: asyncio.Queue[_FinishedProbe | None]) -> None:
        """``ended`` receives the names that are not probed again because none of their probes ended."""
        self._spider, self._ended = spider, ended
        self._until = utcnow()
        self._waiting: list[DueProbe] = []
        self._taken: dict[int, DueProbe] = {}
        """Names taken from the store whose probes have not ended, by key."""
        self._given_up: list[DueProbe] = []
        self._taking = asyncio.Lock()
        self._empty = False

    async def next(self) -> DueProbe | None:
        """Return the next name; None where there is none left."""
        async with self._taking:
            while not self._waiting and not self._empty and self._spider.fatal is None:
                probes = self._spider.workspace.store.probes
                await finish_in_thread(partial(probes.take, BATCH, utcnow(), until=self._until), self._took)
                while self._given_up:
                    probe = self._given_up.pop()
                    await self._ended.put(_FinishedProbe(probe, self._spider.left_to_browser(probe)))
            return self._waiting.pop() if self._waiting else None

    def _took(self, batch: tuple[list[DueProbe], list[DueProbe]]) -> None:
        taken, self._given_up = batch
        self._waiting = taken[::-1]
        self._taken |= {probe.key: probe for probe in taken}
        self._empty = not taken and not self._given_up

    def over(self, probes: Sequence[DueProbe]) -> None:
        """Forget names whose probes have ended: the next :class:`ProbesSettled` records them."""
        for probe in probes:
            self._taken.pop(probe.key, None)

    async def give_back(self) -> None:
        """Return the names whose probes have not ended: they are due at once, and the interrupted try does not count."""
        left, self._taken, self._waiting, self._empty = list(self._taken.values()), {}, [], True
        if not left:
            return
        try:
            await finish_in_thread(partial(self._spider.workspace.store.probes.release, left, utcnow()))
        except StoreError as error:  # they are due again when their leases end
            self._spider.logger.warning(
                "%s could not be returned to the probe queue: %s", counted(len(left), "name"), error
            )


def _bounds(config: Config) -> CaptureConfig:
    """Return the capture configuration for probes, with short time limits."""
    probe = config.probe
    return replace(
        config.capture,
        navigation_seconds=probe.seconds,
        total_seconds=probe.seconds,
    )
