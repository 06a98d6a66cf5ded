"""Fetch from servers that may be busy: bounded, unpacked, retried, every address judged; and Scrapy's downloader for probes."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.net.guard.traffic_ledger import FailureError, FailureKind
from crawler.net.outward import OutwardRules
from crawler.net.retry_after import retry_after_seconds
from detector.errors import SourceError
from detector.sentences import without_secrets

if TYPE_CHECKING:
    import aiohttp

Download = Callable[[Request], Awaitable[Response]]
MAX_ANSWER = 64 << 20
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
_GZIP = b"\x1f\x8b"
_NESTED = 2
"""A tile that is stored gzipped may be sent with ``Content-Encoding: gzip`` once more."""


class FetchError(Exception):
    """A fetch failed; ``status`` is the last HTTP status, 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class PatientFetcher:
    """Fetches from one server; retries after 429 and 5xx, as late as ``Retry-After`` asks, within a limit.

    An async context manager: connections stay open for the next request until it is left.
    """

    def __init__(
        self, rules: OutwardRules, *, at_once: int, patience_seconds: float, seconds: float, user_agent: str
    ) -> None:
        """``rules`` judge every address; ``seconds`` bound one answer, ``patience_seconds`` all tries of one."""
        self._rules = rules
        self._slots = asyncio.Semaphore(at_once)
        self._patience, self._seconds = patience_seconds, seconds
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._session: aiohttp.ClientSession | None = None
        self.waits = 0
        """Number of retries."""

    async def __aenter__(self) -> Self:
        from crawler.net.outward.judged_session import judged_session  # noqa: PLC0415  imports aiohttp

        self._session = judged_session(self._rules, headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, most: int = MAX_ANSWER) -> bytes:
        """Return the body of a 200 answer of at most ``most`` bytes, decompressed where it is gzip.

        Raises:
            FetchError: another status, none within the limit, an answer that is too large, or an address that is forbidden.
        """
        async with self._slots:
            return await self._get(url, most)

    async def _get(self, url: str, most: int) -> bytes:
        deadline = time.monotonic() + self._patience
        wait = _FIRST_WAIT
        shown = without_secrets(url)
        while True:
            status, asked = 0, 0.0
            try:
                status, later, body = await self._once(url, most)
            except FetchError:
                raise
            except FailureError as error:
                if error.failure.kind is FailureKind.GUARD:
                    raise FetchError(f"{shown}: {error.failure.sentence}") from error
                said = f"no answer ({error.failure.sentence})"
            except Exception as error:  # whatever the client raises: the server did not answer
                said = f"no answer ({type(error).__name__}: {without_secrets(str(error))[:200]})"
            else:
                if status == 200:
                    return _unpacked(body, shown, most)
                said = f"HTTP status {status}"
                asked = retry_after_seconds(later) or 0.0
            if status and status != 429 and status < 500:
                raise FetchError(f"{shown}: {said}", status)
            pause = min(max(wait, asked), _LONGEST_WAIT if asked <= _LONGEST_WAIT else asked)
            if time.monotonic() + pause > deadline:
                raise FetchError(f"{shown}: {said}, and no other answer within {self._patience:.0f} s", status)
            self.waits += 1
            await asyncio.sleep(pause)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _once(self, url: str, most: int) -> tuple[int, str, bytes]:
        """Return status, ``Retry-After`` and body of one answer."""
        from crawler.net.outward.judged_session import hop  # noqa: PLC0415  imports aiohttp

        assert self._session is not None, "a fetcher is used as a context manager"
        body = bytearray()
        async with asyncio.timeout(self._seconds), hop(self._session, self._rules, url, {}) as response:
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > most:
                    raise FetchError(f"{without_secrets(url)}: its answer is longer than {most} bytes", response.status)
            return response.status, response.headers.get("Retry-After", ""), bytes(body)


def downloader_of(crawler: Crawler) -> Download:
    """Return Scrapy's downloader as a function, without the spider's callbacks.

    Raises:
        SourceError: the crawler does not run.
    """
    if crawler.engine is None:
        raise SourceError("the crawler has no engine")
    return crawler.engine.download_async


def _unpacked(body: bytes, shown: str, most: int) -> bytes:
    """Decompress a gzip body: tiles are stored gzipped, and some servers send them so, whatever was negotiated."""
    for _ in range(_NESTED):
        if not body.startswith(_GZIP):
            break
        machine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            body = machine.decompress(body, most)
        except zlib.error as error:
            raise FetchError(f"{shown}: broken gzip data ({error})", 200) from error
        if not machine.eof:
            why = f"is larger than {most} bytes" if machine.unconsumed_tail else "ends too early"
            raise FetchError(f"{shown}: the gzip data {why}", 200)
    return body
