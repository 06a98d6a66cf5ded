"""Spider ``new_names``: newly registered names that hint at a brand, from zone files and daily lists."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import FileCheckpoint, UnscoredNames
from crawler.discovery.triage import SELECT
from crawler.net.fetcher import FetchError, PatientFetcher
from crawler.net.outward import OutwardRules
from crawler.sources.feeds.decompression import CHUNK, NO_LIMIT, FeedFault
from crawler.sources.feeds.feed_location import file_chunks, is_web
from crawler.sources.feeds.zone_file import ZoneFile, lines_in, listed_names
from crawler.sources.feeds.zone_hashes import ZoneHashes
from detector.config import Config, NameList
from detector.errors import SourceError
from detector.files import atomic_writer
from detector.model import Candidate
from detector.sentences import counted

BLOCK = 4096
FOLDER = "name_lists"


class NewNamesSpider(DiscoverySpider):
    """Read lists of names; of a zone, report only names that were not in it at its last reading."""

    name = "new_names"
    minimum_score = SELECT

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Return True if a list is configured."""
        return bool(config.discover.name_lists)

    async def discover(self) -> AsyncIterator[Candidate | UnscoredNames | FileCheckpoint]:
        """Yield candidates of all lists in turn; a list that cannot be read is reported, the others go on."""
        lists = self.workspace.config.discover.name_lists
        if not lists:
            self.tally.of(self.name).note = "no list is configured ([[discover.name_lists]] in clonewatch.toml)"
            return
        self.tally.sources.pop(self.name, None)
        for listed in lists:
            source = f"{self.name}:{listed.name}"
            self.tally.of(source)
            try:
                async for item in self._read(listed, source):
                    yield item
            except (FetchError, SourceError) as error:
                self.fail(source, str(error))
            except OSError as error:
                self.fail(source, f"{error.filename or listed.location} cannot be read ({error.strerror or error})")

    async def _read(self, listed: NameList, source: str) -> AsyncIterator[Candidate | UnscoredNames | FileCheckpoint]:
        tally = self.tally.of(source)
        given = 0
        path = self._path(listed)
        before = await asyncio.to_thread(_load, path) if listed.format == "zone" else set()
        now: set[str] = set()
        hashes = self._hashes(listed, path)
        fault: FeedFault | None = None
        chunks = await self._chunks(listed)
        # the operator's own file may be as large as a zone is; what a server sends may not unpack to that
        limit = self.workspace.config.discover.max_feed_bytes if is_web(listed.location) else NO_LIMIT
        lines = lines_in(chunks, limit)
        zone = ZoneFile(lines)
        names = zone.names() if listed.format == "zone" else listed_names(lines)
        while fault is None:
            block, fault = await asyncio.to_thread(_block, names)
            if not block:
                break
            tally.tried += len(block)
            selected = await asyncio.to_thread(self._places, block)
            for place in selected:
                name = block[place]
                now.add(name)
                if before is not None and name not in before:
                    given += 1
                    yield Candidate(f"https://{name}/", source=source, reasons=(f"It is new in {listed.name}.",))
            for left in await asyncio.to_thread(self._rest, source, block, frozenset(selected), hashes):
                given += 1
                yield left
        tally.junk += zone.junk
        if fault is not None:
            self.fail(source, str(fault), partly=tally.tried > 0)
        elif not tally.tried:
            self.fail(source, "it holds no names")
            return
        if listed.format == "zone":
            if before is None:
                known = counted(len(now), "name is", "names are")
                tally.note = f"read for the first time: {known} recorded; names that appear later are reported"
                if fault is not None:
                    return  # half a zone is none to compare with
            kept = now if fault is None else now | (before or set())
            yield FileCheckpoint(source, path, partial(_keep, path, kept, hashes if fault is None else None), given)

    async def _chunks(self, listed: NameList) -> Iterable[bytes]:
        if not is_web(listed.location):
            return file_chunks(listed.location)
        config = self.workspace.config
        async with PatientFetcher(
            OutwardRules(listed.location, allow_private=config.capture.allow_private),
            at_once=1,
            patience_seconds=config.ct.patience_seconds,
            seconds=self.settings.getfloat("DOWNLOAD_TIMEOUT"),
            user_agent=self.settings.get("USER_AGENT", ""),
        ) as fetcher:
            body = await fetcher.get(listed.location)
        return (body[at : at + CHUNK] for at in range(0, len(body), CHUNK))

    def _hashes(self, listed: NameList, path: Path) -> ZoneHashes | None:
        """Return the index of all names of a zone, which finds new ones; None where inconspicuous names are not probed."""
        wanted = listed.format == "zone" and self.name in self.workspace.config.probe.sources
        return ZoneHashes(path.with_suffix(".npy")) if wanted else None

    def _rest(
        self, source: str, block: list[str], selected: frozenset[int], hashes: ZoneHashes | None
    ) -> list[UnscoredNames]:
        if hashes is None:
            return self.left(source, block, selected)
        said = {block[place] for place in selected}
        return self.left(source, [name for name in hashes.fresh(block) if name not in said], frozenset())

    def _places(self, block: list[str]) -> list[int]:
        return [place for place, _ in self.telling(block)]

    def _path(self, listed: NameList) -> Path:
        safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in listed.name)[:100]
        return self.workspace.path / FOLDER / f"{safe or 'list'}.gz"


def _block(names: Iterator[str]) -> tuple[list[str], FeedFault | None]:
    """Return the next names, and the reason where the list breaks off."""
    block: list[str] = []
    try:
        block.extend(islice(names, BLOCK))
    except FeedFault as fault:
        return block, fault
    return block, None


def _load(path: Path) -> set[str] | None:
    """Return the stored names; None where there are none, or the file is broken."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return set(file.read().split())
    except FileNotFoundError:
        return None
    except (OSError, EOFError, UnicodeDecodeError):
        return None


def _keep(path: Path, names: set[str], hashes: ZoneHashes | None) -> None:
    """Remember what stands in a zone.  Raises OSError."""
    _save(path, names)
    if hashes is not None:
        hashes.keep()


def _save(path: Path, names: set[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_writer(path) as raw, gzip.open(raw, "wt", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in sorted(names))
