"""The base class of all sources of candidates.

A source is a subclass of :class:`DiscoverySpider` with a ``name`` and ``discover()``, in a module that ``SPIDER_MODULES`` lists::

    class Reports(DiscoverySpider):
        name = "reports"

        async def discover(self):
            yield Candidate(url="http://example.com/", source=self.name, reasons=("a customer reported it",))

Candidates go through triage into the backlog of the workspace.  A source that cannot be read says so with
:meth:`DiscoverySpider.fail`; what else runs goes on.  How far a source has got is an item like the others
(:class:`~crawler.discovery.spider_items.SourceCheckpoint`), stored together with the candidates before it or after them, and
never without them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.discovery.front_pages import addresses_of, front_pages
from crawler.discovery.source_tally import RunTally
from crawler.discovery.spider_items import Item, UnscoredNames
from crawler.discovery.spider_workspace import brands_of, open_workspace
from crawler.discovery.triage import NameScore, Triage
from crawler.runtime.thread_completion import finish_in_thread
from detector.config import Config
from detector.errors import ClonewatchError, StoreError
from detector.model import Brand, utcnow
from detector.sentences import without_secrets
from detector.store import Checkpoint, Intake, json_key
from detector.workspace import Workspace

SETTLED_SECONDS = 0.02


class DiscoverySpider(Spider):
    """A source of candidates; see the module's text."""

    minimum_score: ClassVar[float] = 0.0
    """Score below which a name without a brand is dropped: for sources that report every name there is."""

    def __init__(self, name: str | None = None, brand: str = "", **arguments: Any) -> None:
        """``brand``: ids, separated by commas; empty: all of the library."""
        super().__init__(name, **arguments)
        self.brand_ids = tuple(part.strip() for part in brand.split(",") if part.strip())
        self.tally = RunTally()
        self.fatal: ClonewatchError | None = None
        """The error after which nothing more can be stored; set by the pipeline."""
        self.room: Callable[[], Awaitable[None]] | None = None
        """Set by the pipeline: waits while more was found than the store has taken."""
        self.remarks: list[Checkpoint] = []
        """Errors of sources that are not stored yet."""
        self.complete = False
        """The run came to its end by itself, and all that was found is stored."""
        self.workspace: Workspace
        self._owns_workspace = False
        self._source: AsyncIterator[Item | Request] | None = None
        self._source_left = asyncio.Event()
        self._closed = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Made by Scrapy; opens the workspace, so that a bad one stops the spider before it starts.

        ``workspace`` may be given as a keyword: it then stays open when the spider ends.
        """
        given: Workspace | None = kwargs.pop("workspace", None)
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.workspace = given or open_workspace(crawler)
        crawler.signals.connect(spider._ended, signal=signals.spider_closed)
        crawler.signals.connect(spider._broke, signal=signals.spider_error)
        spider._owns_workspace = given is None
        crawler.signals.connect(spider._engine_stopped, signal=signals.engine_stopped)
        spider.tally.of(spider.name)
        spider.brands()
        return spider

    @cached_property
    def triage(self) -> Triage:
        """Triage with the brands of the workspace: one for the spider and its pipeline."""
        return Triage(self.workspace.library(), self.workspace.config.discover.brand_weights)

    def telling(self, names: Sequence[str]) -> Iterator[tuple[int, NameScore]]:
        """(position, score) of the names that speak of a brand that the run is about."""
        for position, score in self.triage.sift(names):
            if not self.brand_ids or score.brand in self.brand_ids:
                yield position, score

    def left(self, source: str, names: Sequence[str], told: Collection[int]) -> list[UnscoredNames]:
        """Return the names for the probe, where the configuration asks for one: those at other positions than ``told``."""
        config = self.workspace.config
        if self.name not in config.probe.sources:
            return []
        others = (name for place, name in enumerate(names) if place not in told)
        hosts = front_pages(others, self.workspace.library())
        urls = tuple(url for host in hosts for url in addresses_of(host, config.discover))
        return [UnscoredNames(source, urls)] if urls else []

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Return True if the configuration gives the source something to read; otherwise it runs only when it is named."""
        return True

    def brands(self) -> list[Brand]:
        """The brands that the run is about.

        Raises:
            UsageError: an id that the library does not have.
            BrandFileError: a brand's folder is malformed.
        """
        return brands_of(self.workspace, self.brand_ids)

    def discover(self) -> AsyncIterator[Item | Request]:
        """Give candidates, and requests whose callbacks give candidates.

        An error of :mod:`detector.errors` marks the whole source as failed; :meth:`fail` marks a part of it.
        """
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Item | Request]:
        """Yield what :meth:`discover` gives, as Scrapy asks for it."""
        source = self._source = aiter(self.discover())
        try:
            while True:
                if self.room is not None:
                    # before the next item is taken: one that was taken is given, also when the run is stopped
                    await self.room()
                try:
                    found = await anext(source)
                except StopAsyncIteration:
                    break
                yield found
        except StoreError as error:
            self.give_up(error)
        except ClonewatchError as error:
            self.fail(self.name, str(error))
        except Exception as error:
            self.logger.exception("source %s broke", self.name)
            self.fail(self.name, f"{type(error).__name__}: {error}")
        finally:
            self._source_left.set()
        await self._settled()

    async def end_source(self) -> None:
        """Run the clean-up code of :meth:`discover` where the run was stopped, while the store is still open.

        A stop cancels Scrapy's task that reads from the generator.  If the generator was running, it got the cancellation and is
        waited for; if it was suspended at a ``yield``, it got nothing and is closed here.
        """
        if self._source is None:
            return
        if getattr(self._source, "ag_running", False):
            await self._source_left.wait()
        close = getattr(self._source, "aclose", None)  # a third party's iterator need not be a generator
        try:
            if close is not None:
                await close()
        except StoreError as error:
            self.give_up(error)
        except Exception:
            self.logger.exception("source %s broke while it was stopped", self.name)

    async def _settled(self) -> None:
        """Wait until what was given is processed: Scrapy 2.19 looks whether a spider is idle when start() ends, then every 5 s."""
        while True:
            await asyncio.sleep(SETTLED_SECONDS)
            engine = self.crawler.engine
            slot = engine.scraper.slot if engine is not None else None
            if slot is None or slot.closing is not None or slot.is_idle():
                return

    def fail(self, source: str, reason: str, *, partly: bool = False) -> None:
        """Mark a source as failed, or (``partly``) as read only in part; the rest of the run goes on.

        What addresses in ``reason`` may keep secret is hidden: it is shown, logged and stored.
        """
        reason = without_secrets(reason)
        tally = self.tally.of(source)
        tally.error, tally.failed = reason, not partly
        self.logger.warning("source %s: %s", source, reason)
        if self.crawler.stats is not None:
            self.crawler.stats.set_value(f"clonewatch/{source}/error", reason)
        self._remark(source, "error", reason=reason)

    def give_up(self, error: Exception) -> None:
        """End the run because nothing more can be stored; the command then leaves with the exit code of ``error``."""
        if self.fatal is not None:
            return
        if isinstance(error, ClonewatchError):
            self.fatal = error
        else:
            said = (str(error).splitlines() or [""])[0]
            self.fatal = StoreError(f"what was found could not be stored ({type(error).__name__}: {said})")
        self.logger.error("the run ends: %s", self.fatal)
        for tally in self.tally:
            if not tally.error:
                tally.error, tally.failed = str(self.fatal), not tally.new
        if self.crawler.crawling:
            self._stopping = asyncio.create_task(self.crawler.stop_async())

    def finished(self) -> None:
        """Called when the run came to its end by itself and everything that was found is stored.

        To remember how far a source has got, yield :class:`~crawler.discovery.spider_items.SourceCheckpoint`: it is stored with
        the candidates.
        """

    async def _ended(self, reason: str) -> None:
        """Note how each source fared; ``reason`` is Scrapy's: ``finished`` unless the run was stopped."""
        try:
            if self.fatal is None and reason == "finished":
                self.finished()
                for tally in self.tally:
                    if not tally.error:
                        self._remark(tally.source, "success", new=tally.new)
            if self.fatal is None and self.remarks:
                await finish_in_thread(partial(self.workspace.store.take_in, Intake(checkpoints=self.remarks)))
            self.complete = self.fatal is None and reason == "finished"
        except StoreError as error:
            self.give_up(error)
        finally:
            self._closed.set()
        if self.crawler.stats is not None:
            for tally in self.tally:
                for count in ("found", "new", "owned", "seen", "dropped", "unresolved"):
                    self.crawler.stats.set_value(f"clonewatch/{tally.source}/{count}", getattr(tally, count))

    async def _engine_stopped(self) -> None:
        """Delay the end of the crawl until the pipeline has stored everything.

        When a stop arrives while the spider is closing already, Scrapy 2.19 does not wait for ``close_spider``.
        """
        await self._closed.wait()
        if self._owns_workspace:
            self.workspace.close()

    def _broke(self, failure: Failure) -> None:
        """Report that a callback raised an exception, so what it had not given yet is missing."""
        error = failure.value
        if isinstance(error, StoreError):
            self.give_up(error)
        else:
            self.fail(self.name, f"{type(error).__name__}: {error}", partly=True)

    def _remark(self, source: str, key: str, **value: object) -> None:
        self.remarks.append(Checkpoint.of(source, json_key(key, dict[str, Any]), {"at": utcnow().isoformat(), **value}))
