"""Fetch over HTTP through Scrapy's downloader: bounded, decompressed, and with retries where a server is busy."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.net.retry_after import retry_after_seconds
from detector.errors import SourceError

Download = Callable[[Request], Awaitable[Response]]
MAX_ANSWER = 64 << 20
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
_META = {
    "handle_httpstatus_all": True,
    "dont_retry": True,
    "dont_redirect": True,
    "dont_obey_robotstxt": True,
    "download_maxsize": MAX_ANSWER,
}


class FetchError(Exception):
    """A fetch failed; ``status`` is the last HTTP status, 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class PatientFetcher:
    """Fetches from one server; retries after 429 and 5xx, as late as ``Retry-After`` asks, within a limit."""

    def __init__(self, download: Download, *, at_once: int, patience_seconds: float) -> None:
        self._download = download
        self._slots = asyncio.Semaphore(at_once)
        self._patience = patience_seconds
        self.waits = 0
        """Number of retries."""

    async def get(self, url: str) -> bytes:
        """Return the body of a 200 answer, decompressed where it is gzip.

        Raises:
            FetchError: another status, or none within the limit.
        """
        async with self._slots:
            return await self._get(url)

    async def _get(self, url: str) -> bytes:
        deadline = time.monotonic() + self._patience
        wait = _FIRST_WAIT
        while True:
            status, asked = 0, 0.0
            try:
                response = await self._download(Request(url, dont_filter=True, meta=dict(_META)))
            except Exception as error:  # whatever the downloader raises: the server did not answer
                said = f"no answer ({type(error).__name__}: {str(error)[:200]})"
            else:
                status = response.status
                if status == 200:
                    return _unpacked(response.body, url)
                said = f"HTTP status {status}"
                asked = retry_after_seconds((response.headers.get("Retry-After") or b"").decode("latin-1")) or 0.0
            if status and status != 429 and status < 500:
                raise FetchError(f"{url}: {said}", status)
            pause = min(max(wait, asked), _LONGEST_WAIT if asked <= _LONGEST_WAIT else asked)
            if time.monotonic() + pause > deadline:
                raise FetchError(f"{url}: {said}, and no other answer within {self._patience:.0f} s", status)
            self.waits += 1
            await asyncio.sleep(pause)
            wait = min(2 * wait, _LONGEST_WAIT)


def fetcher_of(crawler: Crawler, *, at_once: int, patience_seconds: float) -> PatientFetcher:
    """Return a fetcher that uses Scrapy's downloader.

    Raises:
        SourceError: the crawler does not run.
    """
    return PatientFetcher(downloader_of(crawler), at_once=at_once, patience_seconds=patience_seconds)


def downloader_of(crawler: Crawler) -> Download:
    """Return Scrapy's downloader as a function, without the spider's callbacks.

    Raises:
        SourceError: the crawler does not run.
    """
    if crawler.engine is None:
        raise SourceError("the crawler has no engine")
    return crawler.engine.download_async


def _unpacked(body: bytes, url: str) -> bytes:
    """Decompress a gzip body: tiles are stored gzipped, and some servers send them so, whatever was negotiated."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    machine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = machine.decompress(body, MAX_ANSWER)
    except zlib.error as error:
        raise FetchError(f"{url}: broken gzip data ({error})", 200) from error
    if not machine.eof:
        why = "is larger than " + str(MAX_ANSWER) + " bytes" if machine.unconsumed_tail else "ends too early"
        raise FetchError(f"{url}: the gzip data {why}", 200)
    return data
