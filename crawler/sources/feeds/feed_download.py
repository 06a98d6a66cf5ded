"""Downloads of feeds: several at the same time, each bounded, and nothing that leads inward."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from crawler.net.outward import Downloaded, DownloadLimits, OutwardRules, ServiceError
from crawler.sources.feeds.feed_http import request_headers
from crawler.sources.feeds.feed_location import TAXII, is_web
from crawler.sources.feeds.taxii import page_address
from detector.config import Feed
from detector.errors import SourceError


class FeedDownloads:
    """Fetches feeds within the same limits.  For one event loop."""

    def __init__(self, limits: DownloadLimits, *, user_agent: str, allow_private: Sequence[str] = ()) -> None:
        """``allow_private``: blocks of ``capture.allow_private``, which a feed may lead to."""
        self._limits, self._user_agent, self._allow_private = limits, user_agent, allow_private

    @asynccontextmanager
    async def asked(self, feed: Feed, version: Mapping[str, str], page: str = "") -> AsyncIterator[Downloaded]:
        """Fetch a feed unless it is still of ``version``, or a further ``page`` of a TAXII collection.

        Raises:
            SourceError: there is no answer, or its status is neither 200 nor 304.
        """
        from crawler.net.outward.download import download  # noqa: PLC0415  imports aiohttp, which takes its time

        url = feed.location
        if feed.format == TAXII:
            url = page_address(url, version.get("added_after", ""), page)
        headers = {"User-Agent": self._user_agent, **request_headers(feed, version)}
        rules = OutwardRules(feed.location, allow_private=self._allow_private)
        try:
            async with download(url, headers, self._limits, rules) as answer:
                if answer.status not in (200, 304):
                    raise SourceError(f"{feed.location} answered with HTTP status {answer.status}")
                yield answer
        except ServiceError as error:
            raise SourceError(f"{feed.location} cannot be read ({error})") from error


class FeedTurns:
    """Bounds on what is read at the same time: feeds on the web, those of one host, and one feed on disk."""

    def __init__(self, at_once: int, per_host: int) -> None:
        """``at_once``: feeds on the web, ``per_host`` of them from one host."""
        self._all = asyncio.Semaphore(at_once)
        self._hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self._disk = asyncio.Lock()

    @asynccontextmanager
    async def of(self, feed: Feed) -> AsyncIterator[None]:
        """Wait for the turn of a feed, and hold it for the block."""
        if not is_web(feed.location):
            async with self._disk:
                yield
            return
        # that of the host first: many feeds of one slow host leave the other turns free
        async with self._hosts[urlsplit(feed.location).netloc], self._all:
            yield
