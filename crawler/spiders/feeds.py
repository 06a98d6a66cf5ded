"""Lists of suspicious URLs: files and web addresses that the configuration or the caller names."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import IO, Any

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import SourceCheckpoint
from crawler.net.outward import Downloaded, DownloadLimits
from crawler.sources.feeds.brand_labels import BrandLabels
from crawler.sources.feeds.feed_candidates import as_candidates
from crawler.sources.feeds.feed_download import FeedDownloads, FeedTurns
from crawler.sources.feeds.feed_http import file_name
from crawler.sources.feeds.feed_location import TAXII, feed_at, is_web
from crawler.sources.feeds.feed_parsers import FeedParsers, FeedText, ParsedBatch
from crawler.sources.feeds.taxii import further_page, just_before
from crawler.sources.merged_readers import merged
from detector.config import Feed
from detector.errors import SourceError, StoreError
from detector.model import Candidate
from detector.sentences import counted, without_secrets
from detector.store import json_key

MAX_PAGES = 1000
VERSION = json_key("version", dict[str, str])
"""Key under which it is remembered what of a feed is in the store."""
FeedItem = Candidate | SourceCheckpoint


class FeedsSpider(DiscoverySpider):
    """Reads feeds: URL lists, hosts files, CSV and JSON, plain, packed or in archives."""

    name = "feeds"

    def __init__(
        self,
        name: str | None = None,
        feed: str = "",
        format: str = "auto",
        url_field: str = "url",
        brand_field: str = "",
        feeds: Sequence[Feed] = (),
        **arguments: Any,
    ) -> None:
        """``feed``: a path or an http(s) address; with it, or with ``feeds``, the configured ones are left alone."""
        super().__init__(name, **arguments)
        self._feeds = list(feeds)
        if feed:
            self._feeds.append(feed_at(feed, format=format, url_field=url_field, brand_field=brand_field or None))
        self._taken: Counter[str] = Counter()
        self._cut: set[str] = set()
        self._parsers = FeedParsers()

    async def discover(self) -> AsyncIterator[FeedItem]:
        """Read all feeds, several at the same time; one that fails is reported, and the others go on."""
        feeds = self._feeds or list(self.workspace.config.discover.feeds)
        if feeds:
            self.tally.sources.pop(self.name, None)
        else:
            self.tally.of(self.name).note = "no feed is configured ([[discover.feeds]] in clonewatch.toml)"
        for feed in feeds:
            self.tally.of(source_of(feed))
        # one place: an entry that is here and not given when the run is stopped is read again by the next
        turns = FeedTurns(
            self.settings.getint("CONCURRENT_REQUESTS"), self.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        )
        downloads = self._downloads()
        async with self._parsers:
            readers = (partial(self._pumped, feed, turns, downloads) for feed in feeds)
            async with aclosing(merged(readers, places=1)) as items:
                async for found in items:
                    yield found

    def _downloads(self) -> FeedDownloads:
        limits = DownloadLimits(
            self._limit,
            self.settings.getfloat("DOWNLOAD_TIMEOUT"),
            redirects=self.settings.getint("REDIRECT_MAX_TIMES"),
            retries=self.settings.getint("RETRY_TIMES"),
        )
        allowed = self.workspace.config.capture.allow_private
        return FeedDownloads(limits, user_agent=self.settings.get("USER_AGENT", ""), allow_private=allowed)

    async def _pumped(
        self, feed: Feed, turns: FeedTurns, downloads: FeedDownloads, queue: asyncio.Queue[FeedItem | None]
    ) -> None:
        source = source_of(feed)
        try:
            async with turns.of(feed), aclosing(self._read(feed, downloads)) as items:
                async for item in items:
                    await queue.put(item)
        except StoreError as error:
            self.give_up(error)
        except SourceError as error:
            self.fail(source, str(error))
        except OSError as error:
            place = error.filename or feed.location
            self.fail(source, f"{place} cannot be read ({error.strerror or error}); check path and permissions")
        except Exception as error:
            self.logger.exception("feed %s could not be read because of an unexpected error", feed.name)
            self.fail(source, f"{type(error).__name__}: {error}", partly=self._taken[source] > 0)

    def _read(self, feed: Feed, downloads: FeedDownloads) -> AsyncGenerator[FeedItem]:
        if not is_web(feed.location):
            return self._from_file(feed)
        return self._collection(feed, downloads) if feed.format == TAXII else self._list(feed, downloads)

    async def _from_file(self, feed: Feed) -> AsyncGenerator[FeedItem]:
        async for candidate in self._candidates(feed, feed.location, feed.location, {}):
            yield candidate

    async def _list(self, feed: Feed, downloads: FeedDownloads) -> AsyncGenerator[FeedItem]:
        source = source_of(feed)
        async with downloads.asked(feed, self._version(feed)) as answer:
            if answer.status == 304:
                self.tally.of(source).note = "unchanged since it was read last"
                return
            async for candidate in self._body(feed, answer, {}):
                yield candidate
            if not self.tally.of(source).error and source not in self._cut:
                version = {"etag": answer.headers.get("ETag", ""), "modified": answer.headers.get("Last-Modified", "")}
                yield self._version_read(feed, **version)

    async def _collection(self, feed: Feed, downloads: FeedDownloads) -> AsyncGenerator[FeedItem]:
        """Yield a TAXII collection, page by page; at the end, the moment up to which objects were given (section 5.4).

        Not before: objects of one moment may stand on two pages, and a run that is stopped between them begins with the first
        page again.
        """
        source, version = source_of(feed), self._version(feed)
        page = added = ""
        for number in range(1, MAX_PAGES + 1):
            envelope: dict[str, Any] = {}
            async with downloads.asked(feed, version, page) as answer:
                async for candidate in self._body(feed, answer, envelope):
                    yield candidate
            if self.tally.of(source).error:
                return
            added = answer.headers.get("X-TAXII-Date-Added-Last", "") or added
            page = further_page(envelope)
            if not page:
                break
            if number == MAX_PAGES or self._taken[source] >= feed.max_entries > 0:
                self.tally.of(source).note = f"more is left for the next run (after {counted(number, 'page')})"
                added = just_before(added, version.get("added_after", ""))
                break
        if added:
            yield self._version_read(feed, added_after=added)

    async def _body(self, feed: Feed, answer: Downloaded, envelope: dict[str, Any]) -> AsyncIterator[Candidate]:
        source = source_of(feed)
        name = file_name(feed.location, answer.headers.get("Content-Type", ""))
        with tempfile.NamedTemporaryFile("wb") as kept:
            await asyncio.to_thread(_copy, answer.body, kept)
            async for candidate in self._candidates(feed, kept.name, name, envelope):
                yield candidate
        if answer.cut:
            self.fail(source, f"cut after {self._limit} bytes (discover.max_feed_bytes)", partly=True)
        elif answer.broken:
            self.fail(source, answer.broken, partly=self._taken[source] > 0)

    async def _candidates(self, feed: Feed, path: str, name: str, envelope: dict[str, Any]) -> AsyncIterator[Candidate]:
        """Yield the candidates of a feed's text; ``envelope`` takes up what its outermost object says of the whole."""
        source = source_of(feed)
        text = FeedText(
            path,
            self._limit,
            "json" if feed.format == TAXII else feed.format,
            feed.url_field,
            feed.brand_field,
            name,
        )
        names = BrandLabels(self.workspace.library())
        count, last = 0, ParsedBatch((), is_last=True)
        async with aclosing(self._parsers.batches(text)) as batches:
            async for last in batches:
                for candidate in as_candidates(last.records, source, feed.name, names):
                    if feed.max_entries and self._taken[source] >= feed.max_entries and feed.format != TAXII:
                        self.tally.of(source).note = f"cut after {feed.max_entries} entries (max_entries)"
                        self._cut.add(source)
                        break
                    count += 1
                    self._taken[source] += 1
                    yield candidate
                if source in self._cut:
                    break
        envelope.update(last.outer)
        tally = self.tally.of(source)
        tally.junk += last.junk
        if last.remarks:
            tally.note = "; ".join(filter(None, [tally.note, without_secrets(last.remarks)]))
        if last.fault is not None:
            self.fail(source, last.fault, partly=count > 0)
        elif not count and feed.format != TAXII:
            tally.note = "; ".join(["it holds no URL", *filter(None, [tally.note])])

    def _version(self, feed: Feed) -> dict[str, str]:
        """Return the version of a feed that is stored; what was read of another location does not count."""
        known = self.workspace.store.sources.get(source_of(feed), VERSION)
        return known if known is not None and known.get("location") == feed.location else {}

    def _version_read(self, feed: Feed, **version: str) -> SourceCheckpoint:
        """Which version of a feed was read: remembered with the candidates that it gave."""
        source = source_of(feed)
        return SourceCheckpoint.of(source, VERSION, {"location": feed.location, **version}, self._taken[source])

    @property
    def _limit(self) -> int:
        return self.workspace.config.discover.max_feed_bytes


def source_of(feed: Feed) -> str:
    """``feeds:openphish``."""
    return f"{FeedsSpider.name}:{feed.name}"


def _copy(body: IO[bytes], to: IO[bytes]) -> None:
    shutil.copyfileobj(body, to)
    to.flush()
