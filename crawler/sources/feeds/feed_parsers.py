"""Parse feeds in processes that can be ended: whatever one of them holds, what was read of it is kept, and the next one is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Any

from crawler.runtime.endable_process import EndableProcess, ItemTimeoutError, ProcessDiedError, ProcessStartError
from crawler.sources.feeds.decompression import FeedFault
from crawler.sources.feeds.feed_location import file_chunks
from crawler.sources.feeds.feed_records import FeedReader
from crawler.sources.feeds.feed_shapes import FeedRecord

PROCESSES = 2
BATCH = 500
"""Entries that are handed over at once."""
MEMORY = 1 << 30
"""Bytes that a parser may allocate; it reads feeds as streams, a megabyte at a time at most."""
LEAST_SECONDS = 60.0
"""Time for the next entries of a small feed."""
SLOWEST = 1 << 20
"""Bytes a second that a parser reads at least, compressed or not, of a feed in which it finds no entry."""


@dataclass(frozen=True, slots=True)
class FeedText:
    """A feed on disk, and how it is to be read."""

    path: str
    limit: int
    """Bytes, compressed or not, after which it is cut."""
    form: str = "auto"
    url_field: str = "url"
    brand_field: str | None = None
    name: str = ""
    """Path or address, which tells the format."""

    @property
    def seconds(self) -> float:
        """Time for the next entries: that of a feed which has none to its end."""
        return LEAST_SECONDS + self.limit / SLOWEST


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """Entries of a feed, and what is known after them."""

    records: tuple[FeedRecord, ...]
    is_last: bool
    junk: int = 0
    """Entries without a URL, so far."""
    fault: str | None = None
    """Reason why the rest could not be read; None where all was."""
    remarks: str = ""
    """Entries that were not read, or only after a repair, so far: a clause that names the first ones."""
    outer: dict[str, Any] = field(default_factory=dict)
    """Plain values of the outermost JSON object."""


class FeedParsers:
    """Processes that parse feeds, one feed at a time in each; an async context manager, for one event loop."""

    def __init__(self, processes: int = PROCESSES, *, memory: int = MEMORY) -> None:
        """Prepare them; no process is started before the first feed."""
        self._all = [EndableProcess(_prepare, memory=memory) for _ in range(processes)]
        self._free: asyncio.Queue[EndableProcess] = asyncio.Queue()
        for process in self._all:
            self._free.put_nowait(process)

    async def __aenter__(self) -> FeedParsers:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._all:
            process.end()

    def processes(self) -> tuple[int, ...]:
        """Return the ids of the processes that run."""
        return tuple(pid for process in self._all for pid in process.processes())

    async def batches(self, text: FeedText, *, seconds: float | None = None) -> AsyncGenerator[ParsedBatch]:
        """Yield the entries of a feed in batches; a feed that ends its parser ends with a batch that says so.

        ``seconds``: time for the next batch; that of the text by default.

        Raises:
            OSError: it cannot be read.
        """
        process = await self._free.get()
        try:
            batch = ParsedBatch((), is_last=False)
            begin: FeedText | None = text
            while not batch.is_last:
                batch = await _next(process, begin, text.seconds if seconds is None else seconds, batch)
                begin = None
                yield batch
        finally:
            self._free.put_nowait(process)


async def _next(process: EndableProcess, begin: FeedText | None, seconds: float, last: ParsedBatch) -> ParsedBatch:
    try:
        return await process.call(seconds, _parse, begin)
    except ItemTimeoutError:
        problem = f"its parser found nothing for {seconds:g} s and was ended"
    except ProcessDiedError:
        problem = "its parser died"
    except ProcessStartError as error:
        problem = f"its parser did not start ({error})"
    except MemoryError:
        process.end()
        problem = "its parser needed too much memory"
    return ParsedBatch((), is_last=True, junk=last.junk, fault=problem, remarks=last.remarks, outer=last.outer)


# --- inside the process --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _OpenFeed:
    reader: FeedReader
    records: Iterator[FeedRecord]


_open: _OpenFeed | None = None


def _prepare() -> None:
    """Import this module, which is all that parsing needs."""


def _parse(text: FeedText | None) -> ParsedBatch:
    """Return the next entries, of the feed that is open or of ``text``."""
    global _open  # noqa: PLW0603  a process can keep its state only in a module
    if text is not None:
        _open = _opened(text)
    if _open is None:
        raise FeedFault("no feed is open")
    records = tuple(islice(_open.records, BATCH))
    reader = _open.reader
    if len(records) == BATCH:
        said = reader.remarks.sentence()
        return ParsedBatch(records, is_last=False, junk=reader.junk, remarks=said, outer=reader.outer)
    _open = None
    said = reader.remarks.sentence()
    return ParsedBatch(records, is_last=True, junk=reader.junk, fault=reader.fault, remarks=said, outer=reader.outer)


def _opened(text: FeedText) -> _OpenFeed:
    reader = FeedReader(
        file_chunks(text.path),
        limit=text.limit,
        form=text.form,
        url_field=text.url_field,
        brand_field=text.brand_field,
        name=text.name,
    )
    return _OpenFeed(reader, reader.records())
