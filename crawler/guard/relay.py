"""Bytes from one stream to another, counted, with back-pressure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from crawler.guard.ledger import Kind, TroubleError
from crawler.guard.upstream import Streams

CHUNK = 65536
Count = Callable[[int], None]


class Meter:
    """Counts the bytes of one answer, and passes the count on to the capture's own meter."""

    def __init__(self, limit: int, total: Count) -> None:
        self._limit = limit
        self._total = total
        self.count = 0

    def __call__(self, size: int) -> None:
        """Count ``size`` bytes.

        Raises:
            TroubleError: the answer or the capture is over its limit.
        """
        self.count += size
        self._total(size)
        if self.count > self._limit:
            raise TroubleError(Kind.OVERSIZE, f"an answer is over the limit of {self._limit} bytes")


def _uncounted(size: int) -> None:
    """What the browser sends is bounded by the requests it may make and by what it has received."""


async def one_way(source: asyncio.StreamReader, sink: asyncio.StreamWriter, count: Count = _uncounted) -> None:
    """Copy until ``source`` ends.

    Raises:
        TroubleError: ``count`` refused; nothing of the refused chunk was passed on.
        OSError: one of the peers broke the connection.
    """
    while data := await source.read(CHUNK):
        count(len(data))
        sink.write(data)
        await sink.drain()


async def both_ways(browser: Streams, server: Streams, count: Count) -> None:
    """Copy in both directions until both have ended, or one has broken.

    Raises:
        TroubleError: ``count`` refused what the server sent.
    """
    up = asyncio.create_task(_half(browser[0], server[1]))
    down = asyncio.create_task(_half(server[0], browser[1], count))
    try:
        await asyncio.wait([up, down], return_when=asyncio.FIRST_EXCEPTION)
    finally:
        up.cancel()
        down.cancel()
        results = await asyncio.gather(up, down, return_exceptions=True)
    for result in results:
        if isinstance(result, TroubleError):
            raise result


async def _half(source: asyncio.StreamReader, sink: asyncio.StreamWriter, count: Count = _uncounted) -> None:
    await one_way(source, sink, count)
    with suppress(OSError, NotImplementedError):
        if sink.can_write_eof():
            sink.write_eof()
