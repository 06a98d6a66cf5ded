"""Processes that judge front pages: a page that ends its judge costs the pages beside it nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from crawler.probe.judge_messages import FrontPageAnswer, FrontPageFinding, FrontPageKind, JudgeLostError
from crawler.probe.judge_pool import JudgePool
from crawler.probe.kit_index import KitIndex
from detector.errors import SourceError
from detector.index import cache_folder
from tests.support.pages.judges import (
    BLOATED,
    BLOATS,
    CLONE_PAGE,
    DIES,
    HANGS,
    NESTED_LABELS,
    RESTED,
    RESTS,
    open_fragile,
    open_none,
    page,
)
from tests.support.probe_workspace import GARDEN
from tests.support.program import ROOT, make_brand

BRANDS = (ROOT / "crawler" / "demo" / "brands",)
NO_KITS = KitIndex.build([])
HANG_SECONDS = 5.0


def fragile(processes: int = 2, *, seconds: float = 60.0, memory: int = 1 << 30) -> JudgePool:
    return JudgePool((), NO_KITS, processes, seconds=seconds, memory=memory, opener=open_fragile)


async def findings_of(judges: JudgePool, bodies: list[bytes]) -> list[FrontPageFinding | BaseException]:
    """Findings of all pages, judged at the same time, in their order."""
    return await asyncio.gather(*(judges.judge(page(body)) for body in bodies), return_exceptions=True)


def beside(poison: bytes) -> list[bytes]:
    """Nine innocent pages around one that is none."""
    return [*(b"clone %d" % number for number in range(5)), poison, *(b"clone %d" % number for number in range(5, 9))]


def clone_remarks(findings: list[FrontPageFinding | BaseException]) -> list[str]:
    return [
        finding.remark
        for finding in findings
        if isinstance(finding, FrontPageFinding) and finding.remark.startswith("clone")
    ]


@pytest.mark.parametrize("processes", [pytest.param(1, marks=pytest.mark.ordeal), 2])
@pytest.mark.parametrize(
    ("poison", "said"), [(DIES, "2 processes died, one after the other"), (HANGS, "it was not judged within 5 seconds")]
)
async def test_a_page_that_ends_its_judge_costs_nobody_else(processes: int, poison: bytes, said: str) -> None:
    async with fragile(processes, seconds=HANG_SECONDS if poison == HANGS else 60.0) as judges:
        findings = await findings_of(judges, beside(poison))
        assert judges.lost == 1
    assert clone_remarks(findings) == [f"clone {number}" for number in range(9)]
    lost = findings[5]
    assert isinstance(lost, JudgeLostError)
    assert said in str(lost)


async def test_three_poison_pages_one_after_the_other() -> None:
    async with fragile(1) as judges:
        findings = await findings_of(judges, [DIES, b"clone 1", DIES, b"clone 2", DIES, b"clone 3"])
        assert judges.lost == 3
    assert clone_remarks(findings) == ["clone 1", "clone 2", "clone 3"]
    assert [isinstance(finding, JudgeLostError) for finding in findings] == [True, False] * 3


async def test_a_page_that_bloats_its_judge_is_left_to_the_browser_and_the_judge_goes_on() -> None:
    async with fragile(1, memory=BLOATED // 2) as judges:
        before, bloats, after = await findings_of(judges, [b"clone 1", BLOATS, b"clone 2"])
        assert judges.lost == 0
    assert isinstance(before, FrontPageFinding)
    assert isinstance(after, FrontPageFinding)
    assert (before.remark, after.remark) == ("clone 1", "clone 2")
    assert isinstance(bloats, FrontPageFinding)
    assert bloats.sent
    assert "MemoryError" in bloats.reasons[0]


async def test_a_judge_that_somebody_else_ends_costs_no_page() -> None:
    async with fragile(1) as judges:
        assert (await judges.judge(page(b"clone 1"))).remark == "clone 1"
        (child,) = judges.processes()
        os.kill(child, signal.SIGKILL)
        assert (await judges.judge(page(b"clone 2"))).remark == "clone 2"
        assert judges.processes() != (child,)
        assert judges.lost == 0


async def test_a_look_that_is_cancelled_leaves_its_judge_to_the_next_page() -> None:
    async with fragile(1) as judges:
        assert (await judges.judge(page(b"clone 0"))).remark == "clone 0"
        held = asyncio.create_task(judges.judge(page(HANGS)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not held.done()
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        assert (await judges.judge(page(b"clone 1"))).remark == "clone 1"


async def test_judges_that_do_not_start_are_no_pages_fault() -> None:
    async with JudgePool((), NO_KITS, 1, opener=open_none) as judges:
        for _ in range(2):
            with pytest.raises(SourceError, match="no judge of front pages could be started"):
                await judges.judge(page(b"clone"))
        assert judges.lost == 0


async def test_nested_labels_around_many_elements_end_no_judge_and_hide_no_clone() -> None:
    """The page that killed judges, itself, with nine clones beside it."""
    async with JudgePool(BRANDS, NO_KITS, 2) as judges:
        await asyncio.gather(*(judges.judge(page(b"<p>Roses")) for _ in range(2)))
        before = judges.processes()
        answers: list[FrontPageAnswer] = [page(CLONE_PAGE, f"n{number}.example") for number in range(9)]
        poison, *clones = await asyncio.gather(*map(judges.judge, [page(NESTED_LABELS), *answers]))
        assert judges.processes() == before
        assert judges.lost == 0
    assert [clone.brand for clone in clones] == ["ostrelin"] * 9
    assert (poison.shown, poison.sent) == (FrontPageKind.PAGE, True)
    assert "The page reached the limits of bytes and elements" in poison.reasons[0]


async def test_a_judge_has_opened_what_pictures_need_before_its_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To fingerprint logos that nobody has seen takes longer than a look may: it must not count as one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    page = FrontPageAnswer("http://a.example/", "http://a.example/", 200, "text/html", GARDEN)
    async with JudgePool((make_brand(tmp_path / "brands"),), KitIndex.build([]), 1) as judges:
        assert (await judges.judge(page)).shown is FrontPageKind.PAGE
    assert [path.name for path in cache_folder().glob("logos-*")] != []


async def test_waiting_pages_are_not_counted_as_lost() -> None:
    seconds, pages = 20 * RESTED, 30
    async with fragile(1, seconds=seconds) as judges:
        begun = time.monotonic()
        findings = await findings_of(judges, [RESTS] * pages)
        assert time.monotonic() - begun > seconds, "none of the pages waited for longer than a page may take"
    assert [finding.remark for finding in findings if isinstance(finding, FrontPageFinding)] == ["rests"] * pages
