"""Parsing in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from crawler.sources.feeds.decompression import FeedFault
from crawler.sources.feeds.parsing_thread import BATCH, ParsingThread


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
async def test_all_entries_come_in_order(count: int) -> None:
    with ThreadPoolExecutor(1) as executor:
        batches = [batch async for batch in ParsingThread(executor).batches(iter(range(count)))]
    assert [entry for batch in batches for entry in batch] == list(range(count))


async def test_an_error_of_the_parser_is_raised() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise FeedFault("broken")

    with ThreadPoolExecutor(1) as executor, pytest.raises(FeedFault, match="broken"):
        async for _ in ParsingThread(executor).batches(broken()):
            pass


async def test_a_parser_that_gives_nothing_ends_with_its_task() -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless() -> Iterator[bytes]:
        while True:
            begun.set()
            yield b"junk"

    with ThreadPoolExecutor(1) as executor:
        thread = ParsingThread(executor)

        def parsed() -> Iterator[bytes]:
            try:
                for chunk in thread.chunks(endless()):
                    if chunk != b"junk":
                        yield chunk
            finally:
                ended.set()

        async def read() -> None:
            async for _ in thread.batches(parsed()):
                pass

        task = asyncio.create_task(read())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()
