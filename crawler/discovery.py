"""What every source of candidates has in common.

A source is a subclass of :class:`DiscoverySpider` with a ``name`` and ``discover()``, in a module that ``SPIDER_MODULES`` lists::

    class Reports(DiscoverySpider):
        name = "reports"

        async def discover(self):
            yield Candidate(url="http://example.com/", source=self.name, reasons=("a customer reported it",))

Candidates go through triage into the backlog of the workspace.  A source that cannot be read says so with
:meth:`DiscoverySpider.fail`; what else runs goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler

from crawler.probe.names import addresses_of, front_pages
from crawler.tally import Tally
from crawler.triage import NameScore, Triage
from crawler.workspace import Workspace
from detector.config import Config
from detector.errors import ClonewatchError, StoreError, UsageError
from detector.model import Brand, Candidate, utcnow
from detector.store import Probe, Store

SETTLED_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with what triage should know beside it."""

    candidate: Candidate
    ceiling: float = 1.0
    """The priority is not raised above this, whatever the name says: parked domains."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a source has got: kept once every candidate that it gave before is stored, and not a moment earlier."""

    source: str
    key: str
    value: str
    after: int
    """Items of this source that were given before."""

    def keep(self, store: Store) -> None:
        """Store it."""
        store.remember(self.source, self.key, self.value)


@dataclass(frozen=True, slots=True)
class Left:
    """Names that say nothing by themselves, left to the cheap look."""

    source: str
    names: tuple[str, ...]

    def keep(self, store: Store) -> int:
        """Queue them; the number of new ones."""
        return store.probes.add(self.names, self.source, utcnow())


@dataclass(frozen=True, slots=True)
class Looked:
    """Cheap looks that have ended: kept once the candidates that they led to are stored."""

    source: str
    done: tuple[Probe, ...]
    nothing: tuple[Probe, ...]
    remember: timedelta
    after: int
    """Items of this source that were given before."""

    def keep(self, store: Store) -> None:
        """Settle them in the queue."""
        store.probes.settle(self.done, self.nothing, utcnow(), remember=self.remember)


@dataclass(frozen=True, slots=True)
class Again:
    """A candidate that was done with, to be looked at once more."""

    candidate: Candidate

    def keep(self, store: Store) -> int:
        """Reopen it; 0 where it is open, or nobody knows it."""
        return store.reopen([self.candidate])


Item = Candidate | Found | Reached | Left | Looked | Again


class DiscoverySpider(Spider):
    """A source of candidates; see the module's text."""

    minimum_score: ClassVar[float] = 0.0
    """Score below which a name without a brand is dropped: for sources that report every name there is."""

    def __init__(self, name: str | None = None, brand: str = "", **arguments: Any) -> None:
        """``brand``: ids, separated by commas; empty: all of the library."""
        super().__init__(name, **arguments)
        self.brand_ids = tuple(part.strip() for part in brand.split(",") if part.strip())
        self.tally = Tally()
        self.fatal: ClonewatchError | None = None
        """Why nothing more can be stored; set by the pipeline."""
        self.room: Callable[[], Awaitable[None]] | None = None
        """Set by the pipeline: waits while more was found than the store has taken."""
        self.workspace: Workspace

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Made by Scrapy; opens the workspace, so that a bad one stops the spider before it starts.

        ``workspace`` may be given as a keyword: it then stays open when the spider ends.
        """
        given: Workspace | None = kwargs.pop("workspace", None)
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.workspace = given or _open_workspace(crawler)
        crawler.signals.connect(spider._ended, signal=signals.spider_closed)
        if given is None:
            crawler.signals.connect(spider.workspace.close, signal=signals.engine_stopped)
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

    def left(self, source: str, names: Sequence[str], told: Collection[int]) -> list[Left]:
        """What is left of ``names`` to the cheap look where the configuration wants one: those at other places than ``told``."""
        config = self.workspace.config
        if self.name not in config.probe.sources:
            return []
        others = (name for place, name in enumerate(names) if place not in told)
        hosts = front_pages(others, self.workspace.library())
        urls = tuple(url for host in hosts for url in addresses_of(host, config.discover))
        return [Left(source, urls)] if urls else []

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Whether there is anything to read: a source without it runs only when it is named."""
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
        """What Scrapy asks for; yields from :meth:`discover`."""
        try:
            async for found in self.discover():
                if self.room is not None:
                    await self.room()
                yield found
        except ClonewatchError as error:
            self.fail(self.name, str(error))
        except Exception as error:
            self.logger.exception("source %s broke", self.name)
            self.fail(self.name, f"{type(error).__name__}: {error}")
        await self._settled()

    async def _settled(self) -> None:
        """Wait until what was given is processed: Scrapy 2.19 looks whether a spider is idle when start() ends, then every 5 s."""
        while True:
            await asyncio.sleep(SETTLED_SECONDS)
            engine = self.crawler.engine
            slot = engine.scraper.slot if engine is not None else None
            if slot is None or slot.closing is not None or slot.is_idle():
                return

    def fail(self, source: str, reason: str, *, partly: bool = False) -> None:
        """Mark a source as failed, or (``partly``) as read only in part; the rest of the run goes on."""
        tally = self.tally.of(source)
        tally.error, tally.failed = reason, not partly
        self.logger.warning("source %s: %s", source, reason)
        if self.crawler.stats is not None:
            self.crawler.stats.set_value(f"clonewatch/{source}/error", reason)
        self._remember(source, "error", {"at": utcnow().isoformat(), "reason": reason})

    def finished(self) -> None:
        """Called when everything that was found is stored: the place to remember how far a source has got."""

    def _ended(self) -> None:
        if self.fatal is None:
            try:
                self.finished()
            except StoreError as error:
                self.fatal = error
        for tally in self.tally:
            if not tally.error and self.fatal is None:
                self._remember(tally.source, "success", {"at": utcnow().isoformat(), "new": tally.new})
            if self.crawler.stats is not None:
                for count in ("found", "new", "owned", "seen", "dropped", "unresolved"):
                    self.crawler.stats.set_value(f"clonewatch/{tally.source}/{count}", getattr(tally, count))

    def _remember(self, source: str, key: str, value: dict[str, object]) -> None:
        try:
            self.workspace.store.remember(source, key, json.dumps(value))
        except StoreError as error:
            self.logger.warning("source %s: %s", source, error)


def brands_of(workspace: Workspace, ids: Collection[str]) -> list[Brand]:
    """The brands of those ids, in the library's order; all where no id is given.

    Raises:
        UsageError: an id that the library does not have.
        BrandFileError: a brand's folder is malformed.
    """
    library = workspace.library()
    unknown = [brand for brand in ids if library.get(brand) is None]
    if unknown:
        raise UsageError(f"unknown brand {', '.join(unknown)}; `clonewatch brands list` shows those there are")
    return [brand for brand in library if not ids or brand.id in ids]


def _open_workspace(crawler: Crawler) -> Workspace:
    folder = crawler.settings.get("CLONEWATCH_WORKSPACE")
    brands = [part for part in (crawler.settings.get("CLONEWATCH_BRANDS") or "").split(os.pathsep) if part]
    return Workspace.open(Path(folder) if folder else None, brands=brands or None)
