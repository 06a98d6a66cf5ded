"""Items on their way into a real store, which another program locks."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import MemoryStatsCollector

from crawler.discovery.child_job import settings
from crawler.discovery.pipelines import TriagePipeline
from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import FileCheckpoint, Item, ProbesSettled, Reopen, SourceCheckpoint, UnscoredNames
from crawler.spiders.probe import ProbeSpider, _DueNames
from detector.model import Candidate, utcnow
from detector.store import text_key
from detector.store.probes import MOST_TRIES
from detector.workspace import Workspace
from tests.support.servers.discovery import make_lab
from tests.support.store.builders import CLEAR, NOW, capture

DONE, LOOKED = "https://done.example/", "https://looked.example/"


class Source(DiscoverySpider):
    name = "source"

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.cleaned_up = False

    async def discover(self) -> AsyncIterator[Candidate]:
        try:
            yield given(1)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.cleaned_up = True


def given(number: int) -> Candidate:
    return Candidate(f"https://ostrelin-login{number}.example/", source="source", due=NOW)


class Lab:
    """A pipeline of the tests' own spider, which stores in batches of ``batch``."""

    def __init__(self, tmp_path: Path, batch: int, timeout: float, spider: type[DiscoverySpider]) -> None:
        self.path = make_lab(tmp_path, f'[store]\ndatabase = "sqlite:///clonewatch.sqlite?timeout={timeout}"\n')
        self.workspace = Workspace.open(self.path)
        crawler = Crawler(spider, settings())
        crawler.stats = MemoryStatsCollector(crawler)
        self.spider = spider.from_crawler(crawler, workspace=self.workspace)
        self.pipeline = TriagePipeline(self.spider, batch=batch, seconds=60)
        self.tally = self.spider.tally.of("source")

    async def give(self, *items: Item) -> None:
        for item in items:
            with suppress(DropItem):
                await self.pipeline.process_item(item)

    @property
    def stored(self) -> set[str]:
        with closing(sqlite3.connect(self.path / "clonewatch.sqlite")) as database:
            return {url for (url,) in database.execute("SELECT url FROM backlog WHERE state = 'ready'")}

    @contextmanager
    def locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.path / "clonewatch.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()


Make = Callable[..., Lab]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    labs: list[Lab] = []

    def one(batch: int = 100, timeout: float = 300.0, spider: type[DiscoverySpider] = Source) -> Lab:
        labs.append(Lab(tmp_path, batch, timeout, spider))
        return labs[-1]

    yield one
    for lab in labs:
        lab.workspace.close()


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


# --- storing -----------------------------------------------------------------------------------------------------------


async def test_a_mark_waits_for_what_was_given_before_it(make: Make) -> None:
    lab = make(batch=1)
    mark = asyncio.create_task(lab.give(SourceCheckpoint("source", "position", "2", after=2)))
    await lab.give(given(1))
    await turns()
    assert not mark.done()
    assert lab.workspace.store.sources.get("source", text_key("position")) is None
    await lab.give(given(2))
    await mark
    await lab.pipeline.close_spider()
    assert lab.workspace.store.sources.get("source", text_key("position")) == "2"
    assert len(lab.stored) == lab.tally.new == 2


async def test_what_is_being_stored_is_stored_and_counted_although_its_task_is_cancelled(make: Make) -> None:
    lab = make(batch=1)
    with lab.locked():
        storing = asyncio.create_task(lab.give(given(1)))
        closing_down = asyncio.create_task(lab.pipeline.close_spider())
        await turns()
        storing.cancel()
        await turns()
        assert not storing.done()
        assert not closing_down.done()
    with pytest.raises(asyncio.CancelledError):
        await storing
    await closing_down
    assert lab.stored == {given(1).url}
    assert (lab.tally.new, lab.tally.seen) == (1, 0)


def reached(lab: Lab) -> Item:
    return SourceCheckpoint("source", "position", "1", after=1)


def left(lab: Lab) -> Item:
    return UnscoredNames("source", ("https://left.example/",))


def looked(lab: Lab) -> Item:
    lab.workspace.store.probes.add([LOOKED], "source", utcnow())
    done, _ = lab.workspace.store.probes.take(1, utcnow())
    return ProbesSettled("source", tuple(done), (), timedelta(days=1), after=1)


def filed(lab: Lab) -> Item:
    place = lab.path / "names"
    return FileCheckpoint("source", place, lambda: void(place.write_text("1", encoding="utf-8")), after=1)


def again(lab: Lab) -> Item:
    lab.workspace.store.record(capture(DONE), CLEAR)
    return Reopen(Candidate(DONE, source="source"))


def void(_: object) -> None:
    """For callables that return nothing."""


def state(lab: Lab) -> tuple[object, ...]:
    """All that a mark of some kind changes."""
    probes = lab.workspace.store.probes.counts(utcnow())
    return (
        lab.workspace.store.sources.get("source", text_key("position")),
        probes,
        (lab.path / "names").exists(),
        DONE in lab.stored,
    )


kinds = pytest.mark.parametrize("kind", [reached, left, looked, filed, again])


@kinds
async def test_a_mark_is_stored_with_what_was_given(make: Make, kind: Callable[[Lab], Item]) -> None:
    lab = make()
    mark = kind(lab)
    before = state(lab)
    await lab.give(given(1), mark)
    assert state(lab) == before, "it waits for its batch"
    with lab.locked():
        closing_down = asyncio.create_task(lab.pipeline.close_spider())
        await turns()
        assert state(lab) == before
    await closing_down
    assert state(lab) != before
    assert given(1).url in lab.stored
    assert lab.tally.new == len(lab.stored)


@kinds
async def test_nothing_is_remembered_of_what_cannot_be_stored(make: Make, kind: Callable[[Lab], Item]) -> None:
    lab = make(timeout=0.05)
    mark = kind(lab)
    before = state(lab)
    with lab.locked():
        await lab.give(given(1), mark)
        await lab.pipeline.close_spider()
    await lab.give(given(2), SourceCheckpoint("source", "position", "3", after=2))
    await lab.pipeline.close_spider()
    assert "is locked by another program" in str(lab.spider.fatal)
    assert state(lab) == before
    assert lab.stored == set()
    assert (lab.tally.new, lab.tally.seen, lab.tally.left, lab.tally.failed) == (0, 0, 0, True)


async def test_a_file_that_cannot_be_written_is_told_and_the_candidates_stay(make: Make) -> None:
    lab = make()
    await lab.give(given(1), FileCheckpoint("source", lab.path / "no", (lab.path / "no/file").touch, after=1))
    await lab.pipeline.close_spider()
    assert lab.stored == {given(1).url}
    assert lab.spider.fatal is None
    assert "cannot be written (No such file or directory)" in lab.tally.error
    assert not lab.tally.failed


async def test_a_candidate_that_cannot_be_judged_is_kept_as_it_came(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make()

    def broken(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(lab.spider.triage, "judge", broken)
    await lab.give(given(1), SourceCheckpoint("source", "position", "1", after=1))
    await lab.pipeline.close_spider()
    assert lab.stored == {given(1).url}
    assert lab.workspace.store.sources.get("source", text_key("position")) == "1"


# --- the end of a source -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waiting", [False, True], ids=["for its item to be taken", "for something"])
async def test_a_source_that_is_stopped_cleans_up_before_the_spider_is_closed(make: Make, waiting: bool) -> None:
    lab = make()
    items = lab.spider.start()
    assert await anext(items) == given(1)
    if waiting:
        taking = asyncio.ensure_future(anext(items))
        await turns()
        taking.cancel()
    await lab.pipeline.close_spider()
    assert isinstance(lab.spider, Source)
    assert lab.spider.cleaned_up
    if waiting:
        with pytest.raises(asyncio.CancelledError):
            await taking


async def test_a_source_that_was_never_asked_has_nothing_to_clean_up(make: Make) -> None:
    lab = make()
    await lab.pipeline.close_spider()
    assert isinstance(lab.spider, Source)
    assert not lab.spider.cleaned_up


async def test_names_that_a_stopped_run_had_taken_for_a_look_are_due_again_and_lose_no_try(make: Make) -> None:
    lab = make(spider=ProbeSpider)
    assert isinstance(lab.spider, ProbeSpider)
    probes = lab.workspace.store.probes
    probes.add(["https://one.example/", "https://two.example/"], "test", utcnow())
    for _ in range(2 * MOST_TRIES):
        names = _DueNames(lab.spider, asyncio.Queue())
        with lab.locked():
            taking = asyncio.create_task(names.next())
            await turns()
            taking.cancel()
            await turns()
            assert not taking.done()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert await names.next() is not None, "somebody looks at it when the run is stopped"
        assert probes.counts(utcnow()) == (0, 2)
        await names.give_back()
        assert probes.counts(utcnow()) == (2, 0)
