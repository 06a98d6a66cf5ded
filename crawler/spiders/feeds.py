"""Lists of suspicious URLs: files and web addresses that the configuration or the caller names."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import SourceCheckpoint
from crawler.sources.feeds import FeedReader
from crawler.sources.feeds.brand_labels import BrandLabels
from crawler.sources.feeds.feed_candidates import as_candidates
from crawler.sources.feeds.feed_http import body_chunks, file_name, request_headers
from crawler.sources.feeds.feed_location import TAXII, feed_at, file_chunks, is_web
from crawler.sources.feeds.taxii import just_before, page_address, parse_envelope
from detector.config import Feed
from detector.errors import SourceError
from detector.model import Candidate
from detector.store import json_key

BREATH = 200
"""Entries after which the event loop gets its turn."""
DOWNLOAD_SLACK = 1 << 24
MAX_PAGES = 1000
VERSION = json_key("version", dict[str, str])
"""Key under which it is remembered what of a feed is in the store."""
_STATUSES = [304, *range(400, 600)]


class FeedsSpider(DiscoverySpider):
    """Reads feeds: URL lists, CSV and JSON, plain, gzip or bzip2."""

    name = "feeds"
    custom_settings = {"COMPRESSION_ENABLED": False}  # noqa: RUF012  unpacked here, a chunk at a time and bounded

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
        self._received: dict[Request, int] = {}
        self._known: dict[str, dict[str, str]] = {}
        self._added: dict[str, str] = {}
        self._taken: Counter[str] = Counter()
        self._pages: Counter[str] = Counter()
        self._cut: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> FeedsSpider:
        """Made by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._count_bytes, signal=signals.bytes_received)
        return spider

    async def discover(self) -> AsyncIterator[Candidate | Request]:
        """Ask for the feeds on the web, and meanwhile read those on disk."""
        feeds = self._feeds or list(self.workspace.config.discover.feeds)
        if feeds:
            self.tally.sources.pop(self.name, None)
        else:
            self.tally.of(self.name).note = "no feed is configured ([[discover.feeds]] in clonewatch.toml)"
        local = [feed for feed in feeds if not is_web(feed.location)]
        for feed in feeds:
            self.tally.of(source_of(feed))
            if feed not in local:
                try:
                    request = self._request(feed)
                except SourceError as error:
                    self.fail(source_of(feed), str(error))
                else:
                    yield request
        for feed in local:
            async for candidate in self._from_file(feed):
                yield candidate

    async def _from_file(self, feed: Feed) -> AsyncIterator[Candidate]:
        try:
            async for candidate in self._candidates(feed, file_chunks(feed.location), feed.location):
                yield candidate
        except OSError as error:
            place = error.filename or feed.location
            self.fail(
                source_of(feed), f"{place} cannot be read ({error.strerror or error}); check path and permissions"
            )

    def _request(self, feed: Feed, page: str = "") -> Request:
        version = self._version(feed)
        taxii = feed.format == TAXII
        return Request(
            page_address(feed.location, version.get("added_after", ""), page) if taxii else feed.location,
            callback=self._answered,
            errback=self._unanswered,
            headers=request_headers(feed, version),
            dont_filter=True,
            cb_kwargs={"feed": feed},
            meta={
                "handle_httpstatus_list": _STATUSES,
                "dont_obey_robotstxt": True,
                "download_fail_on_dataloss": False,
                # the count of received bytes cuts before this does, and keeps what came
                "download_maxsize": self.workspace.config.discover.max_feed_bytes + DOWNLOAD_SLACK,
            },
        )

    def _version(self, feed: Feed) -> dict[str, str]:
        """Return the version of a feed that was stored when the run began: all pages of an answer are asked for alike."""
        source = source_of(feed)
        if source not in self._known:
            known = self.workspace.store.sources.get(source, VERSION)
            self._known[source] = known if known is not None and known.get("location") == feed.location else {}
        return self._known[source]

    async def _answered(self, response: Response, feed: Feed) -> AsyncIterator[Candidate | SourceCheckpoint | Request]:
        source = source_of(feed)
        if response.status == 304:
            self.tally.of(source).note = "unchanged since it was read last"
            return
        if response.status != 200:
            self.fail(source, f"{feed.location} answered with HTTP status {response.status}")
            return
        async for candidate in self._candidates(
            feed, body_chunks(response.body), file_name(feed.location, _text(response, "Content-Type"))
        ):
            yield candidate
        if feed.format == TAXII and not self.tally.of(source).error:
            for item in self._further(feed, response):
                yield item
            return
        if "download_stopped" in response.flags:
            limit = self.workspace.config.discover.max_feed_bytes
            self.fail(source, f"cut after {limit} bytes (discover.max_feed_bytes)", partly=True)
        elif "dataloss" in response.flags:
            self.fail(source, "the connection ended too early", partly=True)
        elif not self.tally.of(source).error and source not in self._cut:
            yield self._version_read(
                feed,
                etag=_text(response, "ETag"),
                modified=_text(response, "Last-Modified"),
            )

    def _version_read(self, feed: Feed, **version: str) -> SourceCheckpoint:
        """Which version of a feed was read: remembered with the candidates that it gave."""
        source = source_of(feed)
        return SourceCheckpoint.of(source, VERSION, {"location": feed.location, **version}, self._taken[source])

    def _further(self, feed: Feed, response: Response) -> Iterator[SourceCheckpoint | Request]:
        """The next page of a TAXII answer; at the last one, the moment up to which objects were given (section 5.4).

        Not before: objects of one moment may stand on two pages, and a run that is stopped between them begins with the first
        page again.
        """
        envelope = parse_envelope(response.body)
        source = source_of(feed)
        added = _text(response, "X-TAXII-Date-Added-Last")
        added = self._added[source] = added or self._added.get(source, "")
        further = str(envelope.get("next") or "")
        self._pages[source] += 1
        if envelope.get("more") is True and further:
            if not (self._taken[source] >= feed.max_entries > 0 or self._pages[source] >= MAX_PAGES):
                yield self._request(feed, further)
                return
            self.tally.of(source).note = f"more is left for the next run (after {self._pages[source]} pages)"
            added = just_before(added, self._version(feed).get("added_after", ""))
        if added:
            yield self._version_read(feed, added_after=added)

    def _unanswered(self, failure: Failure) -> None:
        feed: Feed = failure.request.cb_kwargs["feed"]  # type: ignore[attr-defined]
        reason = failure.getErrorMessage() or type(failure.value).__name__
        self.fail(source_of(feed), f"{feed.location} cannot be read ({reason})")

    async def _candidates(self, feed: Feed, chunks: Iterable[bytes], name: str) -> AsyncIterator[Candidate]:
        source = source_of(feed)
        reader = FeedReader(
            chunks,
            limit=self.workspace.config.discover.max_feed_bytes,
            form="json" if feed.format == TAXII else feed.format,
            url_field=feed.url_field,
            brand_field=feed.brand_field,
            name=name,
        )
        names = BrandLabels(self.workspace.library())
        count = 0
        for candidate in as_candidates(reader.records(), source, feed.name, names):
            if feed.max_entries and self._taken[source] >= feed.max_entries and feed.format != TAXII:
                self.tally.of(source).note = f"cut after {feed.max_entries} entries (max_entries)"
                self._cut.add(source)
                break
            count += 1
            self._taken[source] += 1
            if count % BREATH == 0:
                await asyncio.sleep(0)
            yield candidate
        tally = self.tally.of(source)
        tally.junk += reader.junk
        if reader.fault is not None:
            self.fail(source, reader.fault, partly=count > 0)
        elif not count and feed.format != TAXII:
            tally.note = "it holds no URL"

    def _count_bytes(self, data: bytes, request: Request) -> None:
        received = self._received.get(request, 0) + len(data)
        self._received[request] = received
        if received > self.workspace.config.discover.max_feed_bytes:
            raise StopDownload(fail=False)


def _text(response: Response, header: str) -> str:
    return (response.headers.get(header) or b"").decode("latin-1")


def source_of(feed: Feed) -> str:
    """``feeds:openphish``."""
    return f"{FeedsSpider.name}:{feed.name}"
