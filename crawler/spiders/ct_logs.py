"""Spider ``ct_logs``: certificate transparency logs, which hold every name that got a certificate, minutes later."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import SourceCheckpoint, UnscoredNames
from crawler.discovery.triage import SELECT
from crawler.net.fetcher import FetchError, PatientFetcher
from crawler.net.outward import OutwardRules
from crawler.sources.ct.checkpoint import TreeHead, TreeHeadError
from crawler.sources.ct.log_list import MAX_LIST, LogListError, TransparencyLog, read_log_list
from crawler.sources.ct.log_reader import EntryBatch, LogError, LogReader, reader_of
from crawler.sources.ct.merkle import MerkleTree
from crawler.sources.merged_readers import merged
from detector.config import Config
from detector.errors import SourceError, StoreError
from detector.model import Candidate
from detector.sentences import counted
from detector.store import SourceKey

KEEP_SECONDS = 1.0
"""Seconds between two stored positions: what the next run reads again after a kill."""
_QUEUED = 64
"""Batches that may wait for the store before reading pauses."""


@dataclass(frozen=True, slots=True)
class LogPosition:
    """Position in a log: the tree of all entries read, and the last tree whose signature was verified."""

    tree: MerkleTree
    verified: MerkleTree

    def dumped(self) -> str:
        """Return the text that is stored."""
        trees = {"tree": self.tree, "verified": self.verified}
        return json.dumps(
            {key: {"size": tree.size, "roots": [root.hex() for root in tree.roots]} for key, tree in trees.items()}
        )

    @classmethod
    def loaded(cls, text: str) -> LogPosition:
        """Parse what :meth:`dumped` wrote.  Raises ValueError, KeyError or TypeError for anything else."""
        trees = {
            key: MerkleTree(each["size"], [bytes.fromhex(root) for root in each["roots"]])
            for key, each in json.loads(text).items()
        }
        return cls(trees["tree"], trees["verified"])


POSITION = SourceKey("position", LogPosition.dumped, LogPosition.loaded)


class CtLogsSpider(DiscoverySpider):
    """Read the entries of all logs since the last run, and report the names that hint at a brand."""

    name = "ct_logs"
    minimum_score = SELECT

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        """Take the arguments of every source."""
        super().__init__(name, **arguments)
        self._given: Counter[str] = Counter()

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Return True if a list of logs is configured."""
        return bool(config.ct.log_list)

    async def discover(self) -> AsyncIterator[Candidate | UnscoredNames | SourceCheckpoint]:
        """Read all logs of the list at the same time; one that fails is reported, and the others go on.

        Raises:
            SourceError: the list of logs cannot be read.
        """
        config = self.workspace.config.ct
        if not config.log_list:
            self.tally.of(self.name).note = "no list of logs is configured ([ct] log_list in clonewatch.toml)"
            return
        logs = await self._logs(config.log_list)
        self.tally.sources.pop(self.name, None)
        async with aclosing(merged((partial(self._pumped, log) for log in logs), places=_QUEUED)) as items:
            async for found in items:
                yield found

    async def _logs(self, address: str) -> list[TransparencyLog]:
        try:
            async with self._fetcher() as fetcher:
                answer = await fetcher.get(address, MAX_LIST)
            logs = read_log_list(json.loads(answer), datetime.now(UTC))
        except (FetchError, LogListError, ValueError, RecursionError) as error:
            raise SourceError(f"{address}: {error}") from error
        if not logs:
            raise SourceError(f"{address}: it lists no log that is in use today")
        return logs

    def _fetcher(self) -> PatientFetcher:
        """Return a fetcher of one log, or of their list; the list was named by the operator, and what it lists is judged."""
        config = self.workspace.config
        return PatientFetcher(
            OutwardRules(config.ct.log_list, allow_private=config.capture.allow_private),
            at_once=config.ct.at_once,
            patience_seconds=config.ct.patience_seconds,
            seconds=self.settings.getfloat("DOWNLOAD_TIMEOUT"),
            user_agent=self.settings.get("USER_AGENT", ""),
        )

    async def _pumped(
        self, log: TransparencyLog, queue: asyncio.Queue[Candidate | UnscoredNames | SourceCheckpoint | None]
    ) -> None:
        source = f"{self.name}:{log.name}"
        self.tally.of(source)
        try:
            async with self._fetcher() as fetcher:
                async for found in self._read(log, source, fetcher):
                    await queue.put(found)
        except (FetchError, TreeHeadError, LogError, SourceError) as error:
            self.fail(source, str(error), partly=self._progress(source) > 0)
        except StoreError as error:
            self.give_up(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self.logger.exception("log %s could not be read because of an unexpected error", log.name)
            self.fail(source, f"{type(error).__name__}: {error}")

    async def _read(
        self, log: TransparencyLog, source: str, fetcher: PatientFetcher
    ) -> AsyncIterator[Candidate | UnscoredNames | SourceCheckpoint]:
        config = self.workspace.config.ct
        reader = reader_of(log, fetcher.get)
        head = await reader.head()
        lag = max(0.0, round(time.time() - head.timestamp / 1000, 1))
        self._stat(source, "lag_seconds", lag)
        self.tally.of(source).lag = lag
        position = await self._position(source, reader, head)
        tree = position.tree
        if head.size < tree.size:
            raise LogError(f"the log shrank: its tree head has {head.size} entries, and {tree.size} were read before")
        if head.size > tree.size:
            end, kept = min(head.size, tree.size + config.max_entries), time.monotonic()
            async for batch in reader.batches(tree, head, end):
                for item in self._items(batch, log, source):
                    self._given[source] += 1
                    yield item
                tree.extend(batch.leaves)
                self._count(source, batch)
                if tree.size < head.size and (tree.size == end or time.monotonic() - kept >= KEEP_SECONDS):
                    yield self._reached(source, LogPosition(tree, position.verified))
                    kept = time.monotonic()
        if tree.size == head.size:
            if tree.root() != head.root:
                yield self._reached(source, LogPosition(position.verified, position.verified))
                raise LogError(
                    f"the entries up to {head.size} are not those that the log signed (it may be forked or dishonest); "
                    f"the next run reads again from {position.verified.size}"
                )
            yield self._reached(source, LogPosition(tree, tree))
        behind = head.size - tree.size
        self._stat(source, "behind", behind)
        tally = self.tally.of(source)
        parts = [counted(self._progress(source), "entry read", "entries read")]
        parts += [f"{behind} to go"] if behind else []
        parts += [f"asked to wait {counted(fetcher.waits, 'time')}"] if fetcher.waits else []
        tally.note = ", ".join(parts)

    async def _position(self, source: str, reader: LogReader, head: TreeHead) -> LogPosition:
        try:
            known = await asyncio.to_thread(self.workspace.store.sources.get, source, POSITION)
        except ValueError as error:
            raise SourceError(
                f"{error}; delete that row of the table `memory` to read the log from the start again"
            ) from error
        if known is not None:
            return known
        tree = await reader.beginning(head, self.workspace.config.ct.start)
        return LogPosition(tree, tree.copy())

    def _items(self, batch: EntryBatch, log: TransparencyLog, source: str) -> list[Candidate | UnscoredNames]:
        names: dict[str, int] = {}
        for offset, entry in enumerate(batch.entries):
            for name in entry.names:
                names.setdefault(name, offset)
        listed = list(names)
        found: list[Candidate | UnscoredNames] = []
        selected = [place for place, _ in self.telling(listed)]
        for place in selected:
            name = listed[place]
            entry = batch.entries[names[name]]
            day = datetime.fromtimestamp(min(entry.timestamp / 1000, 1e11), UTC)
            place_in_log = f"entry {batch.start + names[name]}"
            reason = f"{log.description} logged a certificate for it on {day:%Y-%m-%d %H:%M} UTC ({place_in_log})."
            found.append(Candidate(f"https://{name}/", source=source, reasons=(reason,)))
        return [*found, *self.left(source, listed, frozenset(selected))]

    def _reached(self, source: str, position: LogPosition) -> SourceCheckpoint:
        return SourceCheckpoint.of(source, POSITION, position, self._given[source])

    def _count(self, source: str, batch: EntryBatch) -> None:
        self._stat(source, "entries", self._progress(source) + len(batch.entries))

    def _progress(self, source: str) -> int:
        value: Any = self.crawler.stats.get_value(f"clonewatch/{source}/entries", 0) if self.crawler.stats else 0
        return int(value)

    def _stat(self, source: str, key: str, value: object) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.set_value(f"clonewatch/{source}/{key}", value)
