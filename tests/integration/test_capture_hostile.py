"""Faults that a capture survives: dead browsers and drivers, crashed renderers, being given up; the pages are the corpus's."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.process_tree import descendants
from crawler.browser.browser_pool import BrowserPool
from crawler.capture.capturer import Capturer
from crawler.capture.visit.page_look import EarlyLook
from crawler.capture.visit.page_visit import PageVisit
from crawler.net.guard import Guard
from detector.evidence import Evidence
from detector.model import Capture, Outcome
from tests.hostile.bytes import endless
from tests.hostile.kind import hang, html, script
from tests.support.pages.sites import Route, Site, answer, needs_browser, png, quick
from tests.support.processes import browsers, command_line, kill_quietly

pytestmark = [*needs_browser, pytest.mark.heavy, pytest.mark.asyncio(loop_scope="module")]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def pages() -> dict[str, Route]:
    return {
        "/ok": html(),
        "/hang": hang,
        "/endless": endless,
        "/busy": script("while (true);"),
        "/alerts": script("while (true) alert('Call +1 555 0100')"),
        "/push-flood": script("for (let i = 0; ; i++) history.pushState(0, '', '/' + i)"),
        "/memory": script("const hoard = []; while (true) hoard.push(new Array(1e6).fill({}))"),
        "/slow-picture": html("<h1>seen</h1><img src='/hang'>"),
        "/high": html("<h1>seen</h1><div style='height:200000px'></div>"),
        "/reload": script("location.reload()"),
        "/favicon.ico": answer(png(), media_type="image/png"),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(pages()).serving() as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer() -> AsyncIterator[Capturer]:
    async with Capturer(quick(total_seconds=15.0, max_total_bytes=1_000_000), Evidence("memory://hostile")) as opened:
        yield opened


async def test_a_full_page_picture_is_bounded(site: Site) -> None:
    async with Capturer(quick(full_page_height=1500), Evidence("memory://high")) as capturer:
        capture = await capturer.capture(site.url("/high"))
    assert capture.full_page is not None
    evidence = Evidence("memory://high")
    assert int.from_bytes(evidence.get(capture.full_page)[20:24], "big") == 1500


@pytest.mark.ordeal
async def test_a_crashed_renderer_is_an_outcome(
    site: Site, capturer: Capturer, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = PageVisit._examine

    async def crash(self: PageVisit, *arguments: object) -> None:
        self._tab.session.post("Page.crash")
        await original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(PageVisit, "_examine", crash)
    capture = await capturer.capture(site.url("/ok"))
    assert capture.outcome == Outcome.CRASHED
    assert capture.screenshot is None
    monkeypatch.undo()
    assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK


@pytest.mark.ordeal
@linux_only
async def test_a_dead_browser_costs_its_captures_a_second_try_not_their_result(site: Site) -> None:
    async with Capturer(quick(slots=3), Evidence("memory://dead")) as capturer:
        tasks = [asyncio.create_task(capturer.capture(site.url("/slow-picture"))) for _ in range(3)]
        while site.hits["/slow-picture"] < 3:
            await asyncio.wait(tasks, timeout=0.02)
        _kill_browsers()
        captures = await asyncio.gather(*tasks)
    assert [capture.outcome for capture in captures] == [Outcome.OK] * 3


@pytest.mark.ordeal
@linux_only
async def test_a_page_whose_browser_died_after_an_early_look_is_looked_at_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictured = asyncio.Event()
    original = EarlyLook.run

    async def look_early(self: EarlyLook) -> None:
        await original(self)
        pictured.set()

    monkeypatch.setattr(EarlyLook, "run", look_early)
    async with Capturer(quick(total_seconds=30.0), Evidence("memory://glance")) as capturer:
        task = asyncio.create_task(capturer.capture(site.url("/slow-picture")))
        await pictured.wait()
        _kill_browsers()
        capture = await task
    assert capture.outcome == Outcome.OK
    assert "never finished loading" in capture.note
    assert "there was no later chance" not in capture.note


@pytest.mark.ordeal
@linux_only
async def test_a_dead_driver_is_replaced(site: Site) -> None:
    async with Capturer(quick(), Evidence("memory://driver")) as capturer:
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK
        for pid, name in descendants().items():
            if name.startswith("node"):
                kill_quietly(pid)
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK


def _kill_helpers() -> None:
    """The processes that renderers are forked from."""
    for pid in descendants():
        if b"--type=zygote" in command_line(pid):
            kill_quietly(pid)


def _kill_browsers() -> None:
    for pid in browsers():
        kill_quietly(pid)


async def test_browsers_are_recycled_after_their_quota(site: Site) -> None:
    config = quick(recycle_after=2, slots=1)
    async with BrowserPool(config, Guard(config)) as pool:
        seen = []
        for _ in range(4):
            async with pool.lease() as process:
                seen.append(process)
        assert seen[0] is seen[1]
        assert seen[2] is seen[3]
        assert seen[1] is not seen[2]
        async with pool.lease(alone=True) as alone, pool.lease() as shared:
            assert alone is not shared
    assert all(process.gone.is_set() for process in seen)


@pytest.mark.ordeal
@linux_only
async def test_forty_mixed_pages_lose_none_and_leave_nothing_behind(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    tasks, children = asyncio.all_tasks(), set(descendants())
    nasty = ["/hang", "/busy", "/alerts", "/push-flood", "/reload", "/memory", "/endless"]
    paths = ["/ok" if number % 4 else nasty[number // 4 % len(nasty)] for number in range(36)]
    urls = [site.url(f"{path}?{number}") for number, path in enumerate(paths)]
    urls += ["http://a/\0", "ftp://a/", "http://nowhere.invalid/", "http://169.254.169.254/"]
    captures: dict[str, Capture] = {}
    async with Capturer(quick(slots=4, total_seconds=15.0, recycle_after=9), Evidence("memory://many")) as capturer:
        async for capture in capturer.capture_many(urls):
            captures[capture.url] = capture
    assert len(captures) == 40
    assert all(capture.outcome for capture in captures.values())
    plain = [capture.outcome for url, capture in captures.items() if "/ok?" in url]
    assert plain == [Outcome.OK] * 27
    assert set(descendants()) <= children
    assert asyncio.all_tasks() - site.tasks <= tasks
    assert [path.name for path in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))] == []


async def test_giving_up_half_way_ends_what_runs(site: Site) -> None:
    before = asyncio.all_tasks()
    async with Capturer(quick(), Evidence("memory://half")) as capturer:
        source = (site.url("/slow-picture" if number else "/ok") for number in range(6))
        many = capturer.capture_many(source)
        first = await anext(many)
        await many.aclose()  # type: ignore[attr-defined]
    assert first.outcome == Outcome.OK
    assert asyncio.all_tasks() - site.tasks <= before


@pytest.mark.ordeal
@linux_only
async def test_a_browser_whose_helpers_die_costs_no_page_its_picture(site: Site) -> None:
    async with Capturer(quick(total_seconds=30.0), Evidence("memory://helpers")) as capturer:
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK
        _kill_helpers()
        for _ in range(3):
            capture = await capturer.capture(site.url("/ok"))
            assert (capture.outcome, capture.screenshot is not None) == (Outcome.OK, True), capture.note
