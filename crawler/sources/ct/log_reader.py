"""Readers of the two kinds of logs, with one interface: signed tree head, tree before an entry, and entries in batches."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from crawler.net.fetcher import FetchError
from crawler.sources.ct.checkpoint import TreeHead, read_checkpoint, read_tree_head
from crawler.sources.ct.log_entries import EntryError, LogEntry, read_data_tile, read_entries, read_names_tile
from crawler.sources.ct.log_list import TransparencyLog
from crawler.sources.ct.merkle import HASH_BYTES, MerkleTree, before_leaf, complete_roots

TILE = 256
AHEAD = 8
"""Tiles that are requested ahead of the one that is read."""
_ENTRIES = 256
_GONE = frozenset((403, 404, 410))
MAX_HEAD = 1 << 16
"""Bytes of a tree head."""
MAX_TILE = 16 << 20
"""Bytes of a tile, or of an answer, of 256 entries: a few times what the largest ones have."""
MAX_PROOF = 1 << 23
Get = Callable[[str, int], Awaitable[bytes]]
"""Fetches an address, and at most so many bytes."""
Item = TypeVar("Item")


class LogError(Exception):
    """A log answers, but not with what it signed."""


@dataclass(frozen=True, slots=True)
class EntryBatch:
    """Consecutive entries of a log."""

    start: int
    entries: tuple[LogEntry, ...]
    leaves: tuple[bytes, ...]
    """Leaf hashes, one per entry."""


class LogReader(Protocol):
    """Interface of a reader of one log."""

    async def head(self) -> TreeHead:
        """Fetch the newest tree head and verify its signature."""

    async def beginning(self, head: TreeHead, start: str) -> MerkleTree:
        """Return the tree before the entry at which the first reading of a log begins."""

    def batches(self, tree: MerkleTree, head: TreeHead, end: int) -> AsyncIterator[EntryBatch]:
        """Yield entries from the tree's size up to ``end``."""


class TiledReader:
    """Reader of a static-CT log: checkpoint, names tiles where the log offers them, else data tiles."""

    def __init__(self, log: TransparencyLog, get: Get) -> None:
        self._log = log
        self._get = get
        self._names = True
        """True until the log turns out to offer no names tiles."""

    async def head(self) -> TreeHead:
        """Fetch the newest checkpoint and verify its signature.

        Raises:
            FetchError, TreeHeadError: it could not be fetched, or is not signed by the log.
        """
        return read_checkpoint(await self._get(f"{self._log.url}checkpoint", MAX_HEAD), self._log.origin, self._log.key)

    async def beginning(self, head: TreeHead, start: str) -> MerkleTree:
        """Return the tree before the last complete tile, or the empty one for ``oldest``."""
        size = 0 if start == "oldest" else head.size // TILE * TILE
        roots: list[bytes] = []
        level = 0
        while size >> (8 * level):
            whole, width = divmod(size >> (8 * level), TILE)
            if width:
                hashes = await self._hashes(level, whole, head.size)
                roots = complete_roots(hashes[:width]) + roots
            level += 1
        return MerkleTree(size, roots)

    async def batches(self, tree: MerkleTree, head: TreeHead, end: int) -> AsyncIterator[EntryBatch]:
        """Yield a batch per tile; of the first tile only the entries that were not read before.

        Raises:
            FetchError, LogError: a tile could not be fetched, or has the wrong number of entries.
        """
        start = tree.size
        tiles = range(start // TILE, -(-end // TILE))
        async for number, (entries, leaves) in _in_order(tiles, lambda number: self._tile(number, head.size)):
            first = max(start, number * TILE) - number * TILE
            last = min(end, (number + 1) * TILE) - number * TILE
            yield EntryBatch(number * TILE + first, entries[first:last], leaves[first:last])

    async def _tile(self, number: int, size: int) -> tuple[tuple[LogEntry, ...], tuple[bytes, ...]]:
        width = min(TILE, size - number * TILE)
        if self._names:
            try:
                return await self._by_names(number, width, size)
            except FetchError as error:
                if error.status not in _GONE:
                    raise
                self._names = False
            except LogError:  # a broken names tile is no reason to stop: the signed data is in the data tiles
                self._names = False
        entries = await self._entries("data", number, width, read_data_tile)
        return entries, tuple(entry.leaf or b"" for entry in entries)

    async def _by_names(self, number: int, width: int, size: int) -> tuple[tuple[LogEntry, ...], tuple[bytes, ...]]:
        entries = await self._entries("names", number, width, read_names_tile)
        return entries, tuple(await self._hashes(0, number, size))

    async def _entries(
        self, kind: str, number: int, width: int, read: Callable[[bytes], Iterator[LogEntry]]
    ) -> tuple[LogEntry, ...]:
        path, tile = await self._partial(kind, number, width)
        try:
            entries = tuple(read(tile))
        except EntryError as error:
            raise LogError(f"{path}: {error}") from error
        if len(entries) < width:
            raise LogError(f"{path} holds {len(entries)} entries instead of {width}")
        return entries[:width]

    async def _partial(self, kind: str, number: int, width: int) -> tuple[str, bytes]:
        """Fetch a tile and return its path and content; a partial tile that is gone is replaced by the complete one."""
        path = tile_path(kind, number, width)
        try:
            return path, await self._get(self._log.url + path, MAX_TILE)
        except FetchError as error:
            if width == TILE or error.status not in _GONE:
                raise
        whole = tile_path(kind, number, TILE)
        return whole, await self._get(self._log.url + whole, MAX_TILE)

    async def _hashes(self, level: int, number: int, size: int) -> list[bytes]:
        width = min(TILE, (size >> (8 * level)) - number * TILE)
        path, tile = await self._partial(str(level), number, width)
        if len(tile) < width * HASH_BYTES:
            raise LogError(f"{path} holds {len(tile)} bytes instead of {width} hashes")
        return [tile[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]


class EntriesReader:
    """Reader of an RFC 6962 log: ``get-sth``, ``get-entries``, and one inclusion proof at the beginning."""

    def __init__(self, log: TransparencyLog, get: Get) -> None:
        self._log = log
        self._get = get

    async def head(self) -> TreeHead:
        """Fetch the newest tree head and verify its signature.

        Raises:
            FetchError, TreeHeadError: it could not be fetched, or is not signed by the log.
        """
        return read_tree_head(await self._json("get-sth", MAX_HEAD), self._log.key)

    async def beginning(self, head: TreeHead, start: str) -> MerkleTree:
        """Return the tree before the newest entry, or the empty one for ``oldest``."""
        if start == "oldest" or head.size < 2:
            return MerkleTree()
        index = head.size - 1
        answer = await self._json(f"get-entry-and-proof?leaf_index={index}&tree_size={head.size}", MAX_PROOF)
        try:
            return before_leaf(index, [base64.b64decode(each, validate=True) for each in answer["audit_path"]])
        except (KeyError, TypeError, ValueError) as error:
            raise LogError(f"get-entry-and-proof: malformed ({error})") from error

    async def batches(self, tree: MerkleTree, head: TreeHead, end: int) -> AsyncIterator[EntryBatch]:
        """Yield batches of at most 256; a log may answer with fewer entries than requested.

        Raises:
            FetchError, LogError: entries could not be fetched, or are malformed.
        """
        starts = range(tree.size, end, _ENTRIES)
        async for start, entries in _in_order(starts, lambda start: self._range(start, min(start + _ENTRIES, end))):
            yield EntryBatch(start, entries, tuple(entry.leaf or b"" for entry in entries))

    async def _range(self, start: int, end: int) -> tuple[LogEntry, ...]:
        entries: list[LogEntry] = []
        while start < end:
            body = await self._get(f"{self._log.url}ct/v1/get-entries?start={start}&end={end - 1}", MAX_TILE)
            try:
                got = read_entries(body, end - start)
            except EntryError as error:
                raise LogError(f"get-entries from {start}: malformed ({error})") from error
            if not got:
                raise LogError(f"get-entries from {start}: no entries, though the log signed more")
            entries += got
            start += len(got)
        return tuple(entries)

    async def _json(self, what: str, most: int) -> Any:
        answer = await self._get(f"{self._log.url}ct/v1/{what}", most)
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise LogError(f"{what.partition('?')[0]}: not JSON ({error})") from error


def reader_of(log: TransparencyLog, get: Get) -> LogReader:
    """Return the reader for this kind of log."""
    return TiledReader(log, get) if log.tiled else EntriesReader(log, get)


def tile_path(kind: str, number: int, width: int) -> str:
    """Return the path of a tile (C2SP tlog-tiles): ``tile/data/x001/x234/067``, with ``.p/17`` where it is partial."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    partial = f".p/{width}" if width < TILE else ""
    return f"tile/{kind}/{'/'.join(reversed(groups))}{partial}"


async def _in_order(places: range, ask: Callable[[int], Awaitable[Item]]) -> AsyncIterator[tuple[int, Item]]:
    """Yield the results in order, while some are computed ahead."""
    asked: deque[tuple[int, asyncio.Task[Item]]] = deque()
    waiting = iter(places)
    try:
        while True:
            while len(asked) < AHEAD and (place := next(waiting, None)) is not None:
                asked.append((place, asyncio.ensure_future(_awaited(ask(place)))))
            if not asked:
                return
            place, task = asked.popleft()
            try:
                answer = await task
            except BaseException:
                task.cancel()
                raise
            yield place, answer
    finally:
        for _, task in asked:
            task.cancel()
        await asyncio.gather(*(task for _, task in asked), return_exceptions=True)


async def _awaited(what: Awaitable[Item]) -> Item:
    return await what
