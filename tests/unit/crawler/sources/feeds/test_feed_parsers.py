"""Feeds that are made to hold, bloat or end their parser: what was read of them is kept, and the next one is read."""

from __future__ import annotations

import bz2
import gzip
import os
import signal
from contextlib import aclosing
from pathlib import Path

import pytest

from crawler.sources.feeds.feed_parsers import BATCH, FeedParsers, FeedText, ParsedBatch
from crawler.sources.feeds.feed_shapes import FeedRecord

LIMIT = 1 << 20
PATIENCE = 60.0
PLAIN = b"http://plain.example/"


async def read(
    parsers: FeedParsers, path: Path, *, seconds: float = PATIENCE, form: str = "auto"
) -> tuple[list[str], ParsedBatch]:
    """All addresses of a feed, and its last batch."""
    found: list[str] = []
    last = ParsedBatch((), is_last=True)
    async with aclosing(parsers.batches(FeedText(str(path), LIMIT, form), seconds=seconds)) as batches:
        async for last in batches:
            found += [record.url for record in last.records]
    return found, last


def written(folder: Path, data: bytes) -> Path:
    path = folder / "feed"
    path.write_bytes(data)
    return path


async def test_hostile_feeds_are_told_in_a_sentence_and_the_next_one_is_read(tmp_path: Path) -> None:
    """All in one process, which none of them ends."""
    bombs = {
        b'[{"url": "http://first.example/"}, {"n": %s}]' % (b"9" * 5000): ("json", None),
        b"url,x\nhttp://first.example/,1\n" + b'"open\n' + b"x,y\n" * 200_000: ("csv", None),
        b"http://first.example/\n" + b"x" * LIMIT: ("text", "cut after"),
        gzip.compress(b"http://first.example/\n" + bytes(30 << 20), 1): ("auto", "cut after"),
        bz2.compress(bz2.compress(bz2.compress(bz2.compress(b"x")))): ("auto", "compressed more than 3 times"),
        b"[" * 100_000: ("json", "nested too deeply"),
        b'{"a":' * 100_000: ("json", "nested too deeply"),
    }
    async with FeedParsers(1) as parsers:
        for data, (form, said) in bombs.items():
            _, last = await read(parsers, written(tmp_path, data), form=form)
            assert said is None or said in (last.fault or ""), data[:40]
            found, last = await read(parsers, written(tmp_path, PLAIN))
            assert (found, last.fault) == ([PLAIN.decode()], None)


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
async def test_all_entries_come_in_order(tmp_path: Path, count: int) -> None:
    urls = [f"http://a{number}.example/" for number in range(count)]
    async with FeedParsers(1) as parsers:
        found, last = await read(parsers, written(tmp_path, "\n".join(urls).encode()))
    assert found == urls
    assert last.is_last


async def test_a_feed_that_gives_nothing_in_time_is_ended_after_what_it_gave(tmp_path: Path) -> None:
    """A pipe that nobody writes to any more holds its parser for ever; the text of a feed may do the same."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    try:
        os.write(writer, b"".join(b"http://a%d.example/\n" % number for number in range(BATCH + 1)))
        async with FeedParsers(1) as parsers:
            await read(parsers, written(tmp_path, PLAIN))
            found, last = await read(parsers, pipe, seconds=1.0)
            assert last.fault == "its parser found nothing for 1 s and was ended"
            assert len(found) in (0, BATCH)
            assert (await read(parsers, written(tmp_path, PLAIN)))[0] == [PLAIN.decode()]
    finally:
        os.close(writer)


async def test_a_parser_that_dies_is_told_and_what_it_gave_is_kept(tmp_path: Path) -> None:
    async with FeedParsers(1) as parsers:
        path = written(tmp_path, b"http://a.example/\n" * (2 * BATCH))
        seen: list[FeedRecord] = []
        async with aclosing(parsers.batches(FeedText(str(path), LIMIT))) as batches:
            async for batch in batches:
                seen += batch.records
                for process in parsers.processes():
                    os.kill(process, signal.SIGKILL)
        assert len(seen) == BATCH
        assert batch.fault == "its parser died"
        assert (await read(parsers, written(tmp_path, PLAIN)))[0] == [PLAIN.decode()]


async def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    async with FeedParsers(1) as parsers:
        with pytest.raises(FileNotFoundError):
            await read(parsers, tmp_path / "missing")
