"""Parse feeds in a thread, so that one that gives nothing for minutes holds up neither the other feeds nor a stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from typing import TypeVar

from crawler.sources.feeds.decompression import FeedFault

T = TypeVar("T")
BATCH = 200
"""Entries that are handed over at once."""


class ParsingThread:
    """Iterates a parser in the threads of an executor; ends it where its task is cancelled."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._stopped = threading.Event()

    def chunks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass on what the parser reads, until it is to stop.

        Raises:
            FeedFault: it is to stop.
        """
        for chunk in chunks:
            if self._stopped.is_set():
                raise FeedFault("stopped")
            yield chunk

    async def batches(self, entries: Iterator[T]) -> AsyncIterator[list[T]]:
        """Yield entries in batches, the last one short; raises what ``entries`` raises.

        A task that is cancelled waits until the thread has let go of the parser, a chunk later.
        """
        loop = asyncio.get_running_loop()
        while True:
            running = loop.run_in_executor(self._executor, lambda: list(islice(entries, BATCH)))
            try:
                batch = await asyncio.shield(running)
            except asyncio.CancelledError:
                self._stopped.set()
                await asyncio.wait((running,))
                if not running.cancelled():
                    running.exception()
                raise
            if batch:
                yield batch
            if len(batch) < BATCH:
                return
