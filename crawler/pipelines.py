"""Scrapy items on their way through triage into the backlog."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.discovery import Again, DiscoverySpider, Found, Item, Left, Looked, Reached
from crawler.triage import TriageOutcome
from detector.errors import ClonewatchError, StoreError, UsageError
from detector.model import Candidate

WAKE_SECONDS = 0.1
"""How often a stopping crawl is looked at; see ``_wake_scraper``."""
REMEMBERED = 2_000_000
"""URLs of this run that are kept in memory to count doublets; beyond that the store alone tells."""


class TriagePipeline:
    """Judges each candidate and stores the chosen ones in batches; SQL runs in a thread, never on the event loop.

    What was found is stored after at most one batch or ``CLONEWATCH_FLUSH_SECONDS``: more a crash cannot take.
    """

    def __init__(self, spider: DiscoverySpider, *, batch: int, seconds: float) -> None:
        self._spider = spider
        self._size = batch
        self._seconds = seconds
        self._batch: list[Candidate] = []
        self._listed: set[int] = set()
        self._storing = asyncio.Lock()
        self._marking = asyncio.Lock()
        self._came: Counter[str] = Counter()
        self._coming = asyncio.Event()
        self._tickers: list[asyncio.Task[None]] = []
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        if not isinstance(crawler.spider, DiscoverySpider):
            raise UsageError("TriagePipeline serves spiders that are a crawler.discovery.DiscoverySpider")
        return cls(
            crawler.spider,
            batch=crawler.settings.getint("CLONEWATCH_BATCH"),
            seconds=crawler.settings.getfloat("CLONEWATCH_FLUSH_SECONDS"),
        )

    async def open_spider(self) -> None:
        """Start to store small batches by the clock."""
        self._spider.room = self._room
        self._tickers = [asyncio.create_task(self._tick()), asyncio.create_task(self._wake_scraper())]

    async def process_item(self, item: Item) -> Candidate:
        """Judge one candidate; returns it as it is stored, or drops it with the reason."""
        if isinstance(item, Reached | Looked):
            await self._keep(item)
            raise DropItem(f"{item.source} has got on", log_level="DEBUG")
        if isinstance(item, Again):
            await self._reopen(item)
            raise DropItem(f"{item.candidate.url} is looked at again", log_level="DEBUG")
        if isinstance(item, Left):
            await self._leave(item)
            raise DropItem(f"{item.source} left names to the cheap look", log_level="DEBUG")
        found = item if isinstance(item, Found) else Found(item)
        source = found.candidate.source
        tally = self._spider.tally.of(source)
        tally.found += 1
        self._arrived(source)
        decision = self._spider.triage.judge(
            found.candidate, minimum=self._spider.minimum_score, ceiling=found.ceiling, seen=self._again(source)
        )
        if not decision.selected:
            if decision.outcome is TriageOutcome.OWNED:
                tally.owned += 1
            elif decision.outcome is TriageOutcome.SEEN:
                tally.seen += 1
            else:
                tally.dropped += 1
            raise DropItem(decision.reason, log_level="DEBUG")
        self._batch.append(decision.candidate)
        if len(self._batch) >= self._size:
            await self._flush()
        return decision.candidate

    def _arrived(self, source: str) -> None:
        self._came[source] += 1
        self._coming.set()

    async def _reopen(self, again: Again) -> None:
        tally = self._spider.tally.of(again.candidate.source)
        tally.found += 1
        if self._spider.fatal is None:
            try:
                new = await asyncio.to_thread(again.keep, self._spider.workspace.store)
                tally.new += new
                tally.seen += 1 - new
            except StoreError as error:
                await self._give_up(error)
        self._arrived(again.candidate.source)

    async def _leave(self, left: Left) -> None:
        """Queue names for the cheap look; they have arrived once they are stored."""
        if self._spider.fatal is None:
            try:
                new = await asyncio.to_thread(left.keep, self._spider.workspace.store)
                self._spider.tally.of(left.source).left += new
            except StoreError as error:
                await self._give_up(error)
        self._arrived(left.source)

    async def _keep(self, mark: Reached | Looked) -> None:
        """Store how far a source has got, after all that it gave before.

        Items are processed side by side: those before this one may still be on their way.
        """
        async with self._marking:
            while self._came[mark.source] < mark.after and self._spider.fatal is None:
                self._coming.clear()
                await self._coming.wait()
            await self._flush()
            if self._spider.fatal is None:
                try:
                    await asyncio.to_thread(mark.keep, self._spider.workspace.store)
                except StoreError as error:
                    await self._give_up(error)

    async def close_spider(self) -> None:
        """Store what is left."""
        for ticker in self._tickers:
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticker
        await self._flush()

    async def _wake_scraper(self) -> None:
        """Scrapy 2.19 waits for ever when it is stopped while items of ``start()`` are under way: their end wakes nobody.

        Looked at by the clock, not at an item's end: Scrapy counts the item off some steps after the pipeline let it go,
        and the stop may come in between.
        """
        while True:
            await asyncio.sleep(WAKE_SECONDS)
            engine = self._spider.crawler.engine
            slot = engine.scraper.slot if engine is not None else None
            if slot is not None and slot.closing is not None and not slot.closing.called and slot.is_idle():
                slot.closing.callback(self._spider)

    def _again(self, source: str) -> Callable[[str], bool]:
        def seen(url: str) -> bool:
            key = hash((source, url))
            if key in self._listed:
                return True
            if len(self._listed) < REMEMBERED:
                self._listed.add(key)
            return False

        return seen

    async def _room(self) -> None:
        if len(self._batch) >= self._size:
            async with self._storing:
                pass

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._flush()

    async def _flush(self) -> None:
        async with self._storing:
            batch, self._batch = self._batch, []
            if not batch or self._spider.fatal is not None:
                return
            by_source: dict[str, list[Candidate]] = defaultdict(list)
            for candidate in batch:
                by_source[candidate.source].append(candidate)
            try:
                for source, candidates in by_source.items():
                    new = await asyncio.to_thread(self._spider.workspace.store.add_candidates, candidates)
                    self._spider.tally.of(source).new += new
                    self._spider.tally.of(source).seen += len(candidates) - new
            except Exception as error:  # whatever it is: going on would lose what is found from here
                if not isinstance(error, ClonewatchError):
                    self._spider.logger.exception("a batch could not be stored")
                await self._give_up(error)

    async def _give_up(self, error: Exception) -> None:
        """End the run with its reason: candidates that cannot be stored must not look like candidates that are known."""
        known = isinstance(error, ClonewatchError)
        reason = (
            str(error)
            if known
            else f"a batch could not be stored ({type(error).__name__}: {str(error).splitlines()[0]})"
        )
        self._spider.fatal = error if isinstance(error, ClonewatchError) else StoreError(reason)
        self._coming.set()
        self._spider.fail(self._spider.name, reason)
        crawler = self._spider.crawler
        if crawler.crawling and self._stopping is None:
            self._stopping = asyncio.create_task(crawler.stop_async())
