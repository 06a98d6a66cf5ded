"""Scrapy pipeline that judges the spiders' items by triage and stores what is worth a capture in the backlog."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import (
    FileCheckpoint,
    FoundCandidate,
    Item,
    ProbesSettled,
    Reopen,
    SourceCheckpoint,
    UnscoredNames,
)
from crawler.discovery.triage import TriageOutcome
from crawler.runtime.thread_completion import finish_in_thread
from detector.errors import ClonewatchError, UsageError
from detector.model import Candidate
from detector.store import Intake, IntakeCounts, Store

WAKE_SECONDS = 0.1
"""Seconds between two checks of a crawl that is stopping; see ``_wake_scraper``."""
REMEMBERED = 2_000_000
"""URLs of this run that are kept in memory to count duplicates; of further ones only the store knows whether they are new."""


@dataclass(frozen=True, slots=True)
class _BatchResult:
    """The result of storing a batch."""

    counts: IntakeCounts | None = None
    """None: nothing of the batch is stored."""
    error: Exception | None = None
    unwritten: tuple[tuple[FileCheckpoint, OSError], ...] = ()


class TriagePipeline:
    """Judges each candidate and stores the chosen ones in batches; SQL runs in a thread, never on the event loop.

    A batch is one transaction: candidates, names to probe, and the checkpoints of the sources that yielded them.  A batch is stored
    when it is full, and at least every ``CLONEWATCH_FLUSH_SECONDS``: a crash loses no more than that, and it is read again.
    """

    def __init__(self, spider: DiscoverySpider, *, batch: int, seconds: float) -> None:
        self._spider = spider
        self._size = batch
        self._seconds = seconds
        self._batch = Intake()
        self._files: list[FileCheckpoint] = []
        """Files to write once the batch is stored."""
        self._listed: set[int] = set()
        self._storing = asyncio.Lock()
        self._marking = asyncio.Lock()
        self._came: Counter[str] = Counter()
        self._coming = asyncio.Event()
        self._closing = asyncio.Event()
        self._tickers: list[asyncio.Task[None]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the pipeline, as Scrapy does.

        Raises:
            UsageError: the spider is not a :class:`DiscoverySpider`.
        """
        if not isinstance(crawler.spider, DiscoverySpider):
            raise UsageError(
                "TriagePipeline works only with spiders that subclass crawler.discovery.spider.DiscoverySpider"
            )
        return cls(
            crawler.spider,
            batch=crawler.settings.getint("CLONEWATCH_BATCH"),
            seconds=crawler.settings.getfloat("CLONEWATCH_FLUSH_SECONDS"),
        )

    async def open_spider(self) -> None:
        """Start the tasks that store small batches from time to time, and that end a stopped crawl."""
        self._spider.room = self._room
        self._tickers = [asyncio.create_task(self._tick()), asyncio.create_task(self._wake_scraper())]

    async def process_item(self, item: Item) -> Candidate:
        """Judge one candidate; return it as it is stored.

        Raises:
            DropItem: it is not stored, or is no candidate; the message says why.
        """
        if isinstance(item, SourceCheckpoint | ProbesSettled | FileCheckpoint):
            await self._mark(item)
            raise DropItem(f"{item.source}: its checkpoint will be stored", log_level="DEBUG")
        if isinstance(item, UnscoredNames | Reopen):
            await self._pass_on(item)
            raise DropItem(f"{item.source}: an item that needs no triage will be stored", log_level="DEBUG")
        found = item if isinstance(item, FoundCandidate) else FoundCandidate(item)
        source = found.candidate.source
        tally = self._spider.tally.of(source)
        tally.found += 1
        self._arrived(source)
        try:
            decision = self._spider.triage.judge(
                found.candidate, minimum=self._spider.minimum_score, ceiling=found.ceiling, seen=self._again(source)
            )
        except ClonewatchError as error:  # no candidate can be judged: a brand's folder or the weights are malformed
            self._give_up(error)
            raise DropItem(str(error), log_level="DEBUG") from error
        except Exception:
            # the source's checkpoint will cover it, so it would never be read again: store it unjudged, for a capture
            self._spider.logger.exception("%r could not be judged", found.candidate.url)
            await self._add(found.candidate)
            return found.candidate
        if not decision.selected:
            if decision.outcome is TriageOutcome.OWNED:
                tally.owned += 1
            elif decision.outcome is TriageOutcome.SEEN:
                tally.seen += 1
            else:
                tally.dropped += 1
            raise DropItem(decision.reason, log_level="DEBUG")
        await self._add(decision.candidate)
        return decision.candidate

    async def _add(self, candidate: Candidate) -> None:
        self._batch.candidates.append(candidate)
        await self._flush_if_full()

    async def _pass_on(self, item: UnscoredNames | Reopen) -> None:
        if isinstance(item, Reopen):
            self._spider.tally.of(item.source).found += 1
        item.join(self._batch)
        self._arrived(item.source)
        await self._flush_if_full()

    async def _mark(self, mark: SourceCheckpoint | ProbesSettled | FileCheckpoint) -> None:
        """Add a checkpoint to the batch, once all items that its source yielded before are stored or in the same batch.

        Items are processed concurrently: earlier ones may still be under way.
        """
        async with self._marking:
            while self._came[mark.source] < mark.after and self._spider.fatal is None:
                self._coming.clear()
                await self._coming.wait()
            if isinstance(mark, FileCheckpoint):
                self._files.append(mark)
            else:
                mark.join(self._batch)
        await self._flush_if_full()

    def _arrived(self, source: str) -> None:
        self._came[source] += 1
        self._coming.set()

    async def close_spider(self) -> None:
        """Store the last batch and wait until it is stored; nothing is cancelled."""
        self._closing.set()
        for broken in await asyncio.gather(*self._tickers, return_exceptions=True):
            if isinstance(broken, Exception):
                self._give_up(broken)
        await self._spider.end_source()
        await self._flush()

    async def _wake_scraper(self) -> None:
        """End a stopped crawl that Scrapy 2.19 would wait for without end: items of ``start()`` do not wake it when they are done.

        Checked at intervals, not when an item ends: Scrapy counts an item as done a moment after the pipeline returned it, and the
        stop may come in between.
        """
        while not await self._closes_within(WAKE_SECONDS):
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
        while not await self._closes_within(self._seconds):
            await self._flush()

    async def _closes_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        return self._closing.is_set()

    async def _flush_if_full(self) -> None:
        if len(self._batch) >= self._size:
            await self._flush()

    async def _flush(self) -> None:
        async with self._storing:
            batch, self._batch = self._batch, Intake()
            files, self._files = self._files, []
            batch.checkpoints += self._spider.remarks
            self._spider.remarks.clear()
            if (batch or files) and self._spider.fatal is None:
                await finish_in_thread(partial(_store, self._spider.workspace.store, batch, files), self._count)

    def _count(self, stored: _BatchResult) -> None:
        """Count what was stored, and only that; report what could not be stored."""
        if stored.counts is not None:
            for source, new in stored.counts.new.items():
                self._spider.tally.of(source).new += new
            for source, known in stored.counts.known.items():
                self._spider.tally.of(source).seen += known
            for source, queued in stored.counts.queued.items():
                self._spider.tally.of(source).left += queued
        if stored.error is not None:
            if not isinstance(stored.error, ClonewatchError):
                self._spider.logger.error("a batch could not be stored", exc_info=stored.error)
            self._give_up(stored.error)
        for filed, error in stored.unwritten:
            reason = f"{filed.place} cannot be written ({error.strerror}): the next run reports these names again"
            self._spider.fail(filed.source, reason, partly=True)

    def _give_up(self, error: Exception) -> None:
        self._spider.give_up(error)
        self._coming.set()


def _store(store: Store, batch: Intake, files: Sequence[FileCheckpoint]) -> _BatchResult:
    """Store a batch, then write the files that depend on it; errors are in the result."""
    try:
        counts = store.take_in(batch) if batch else IntakeCounts()
    except Exception as error:  # any error ends the run: what is found from now on would be lost
        return _BatchResult(error=error)
    unwritten = []
    for filed in files:
        try:
            filed.write()
        except OSError as error:
            unwritten.append((filed, error))
        except Exception as error:
            return _BatchResult(counts, error, tuple(unwritten))
    return _BatchResult(counts, unwritten=tuple(unwritten))
