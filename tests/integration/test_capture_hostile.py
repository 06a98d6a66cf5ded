"""Pages made to hang, flood, crash or outlive the browser: each gives an outcome, and nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from crawler.browser_pool import BrowserPool
from crawler.capture import Capturer
from crawler.guard import Guard
from crawler.visit import Visit
from detector.evidence import Evidence
from detector.model import Capture, Outcome
from tests.capture_support import Site, answer, descendants, needs_browser, page, png, quick

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def script(code: str) -> bytes:
    return answer(page(f"<h1>seen</h1><script>{code}</script>"))


async def hang(_: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def endless(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>seen</h1>")
    while True:
        writer.write(b"<p>more" * 1000)
        await writer.drain()


def pages() -> dict[str, object]:
    return {
        "/ok": answer(page("<h1>seen</h1>")),
        "/hang": hang,
        "/endless": endless,
        "/busy": script("while (true);"),
        "/busy-later": script("onload = () => setTimeout(() => { while (true); }, 20)"),
        "/alerts": script("while (true) alert('Call +1 555 0100')"),
        "/alert-timer": script("setInterval(() => { alert(1); confirm(2); prompt(3) }, 1)"),
        "/push-flood": script("for (let i = 0; ; i++) history.pushState(0, '', '/' + i)"),
        "/hash-flood": script("let i = 0; setInterval(() => { for (let j = 0; j < 500; j++) location.hash = i++ }, 1)"),
        "/memory": script("const hoard = []; while (true) hoard.push(new Array(1e6).fill({}))"),
        "/console": script(
            "const s = 'x'.repeat(1e6); setInterval(() => { for (let i = 0; i < 99; i++) console.log(s + i) }, 1)"
        ),
        "/pop-ups": script(
            "for (let i = 0; i < 20; i++) { open('/ok'); const a = document.createElement('a'); a.href = '/ok';"
            "a.target = '_blank'; document.body.append(a); a.click() }"
        ),
        "/close": script("close(); open('', '_self'); close()"),
        "/full-screen": script("document.documentElement.requestFullscreen(); navigator.keyboard?.lock(); print()"),
        "/font": answer(
            page("<h1 style='font-family:x'>seen</h1>", head="<style>@font-face{font-family:x;src:url(/hang)}</style>")
        ),
        "/slow-picture": answer(page("<h1>seen</h1><img src='/hang'>")),
        "/high": answer(page("<h1>seen</h1><div style='height:200000px'></div>")),
        "/crowd": script("for (let i = 0; i < 30000; i++) document.body.append(document.createElement('p'))"),
        "/clobber": answer(
            page(
                "<h1>seen</h1><img name=body><img name=querySelectorAll><form action=/f method=post><input name=action>"
                "<input name=getAttribute><input name=method></form>"
            )
        ),
        "/liar": script(
            "Document.prototype.querySelectorAll = () => []; JSON.stringify = () => '{}'; Array.from = () => [];"
            "Object.defineProperty(HTMLElement.prototype, 'innerText', {get: () => 'lies'})"
        ),
        "/stuck-getter": script("Object.defineProperty(document, 'title', {get() { while (true); }})"),
        "/unload": script(
            "onbeforeunload = (e) => { e.preventDefault(); return 'stay' }; onunload = () => { while (true); }"
        ),
        "/reload": script("location.reload()"),
        "/favicon.ico": answer(png(), media_type="image/png"),
    }


SEEN = [
    "/busy",
    "/busy-later",
    "/alerts",
    "/alert-timer",
    "/push-flood",
    "/hash-flood",
    "/memory",
    "/console",
    "/pop-ups",
    "/close",
    "/full-screen",
    "/font",
    "/slow-picture",
    "/high",
    "/crowd",
    "/clobber",
    "/liar",
    "/stuck-getter",
    "/unload",
]
"""Pages that are nasty, and yet show what they have to show."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(pages()).serving() as served:  # type: ignore[arg-type]
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer() -> AsyncIterator[Capturer]:
    async with Capturer(quick(total_seconds=15.0, max_total_bytes=1_000_000), Evidence("memory://hostile")) as opened:
        yield opened


@pytest.mark.parametrize("path", SEEN)
async def test_a_nasty_page_is_seen_all_the_same(site: Site, capturer: Capturer, path: str) -> None:
    capture = await capturer.capture(site.url(path))
    assert capture.outcome == Outcome.OK, capture.note
    assert capture.screenshot is not None
    assert capture.facts is not None
    assert "seen" in capture.facts.text


async def test_what_was_done_to_a_page_is_noted(site: Site, capturer: Capturer) -> None:
    assert "terminated" in (await capturer.capture(site.url("/busy"))).note
    assert "dialogs dismissed: 6" in (await capturer.capture(site.url("/alert-timer"))).note
    assert "pop-ups closed" in (await capturer.capture(site.url("/pop-ups"))).note
    assert "never finished loading" in (await capturer.capture(site.url("/font"))).note


async def test_a_page_cannot_hide_its_form_behind_names(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/clobber"))
    assert capture.facts is not None
    assert [(form.action, form.method) for form in capture.facts.forms] == [(site.url("/f"), "post")]
    assert {field.name for field in capture.facts.inputs} == {"action", "getAttribute", "method"}


@pytest.mark.parametrize(
    ("path", "outcomes"),
    [("/endless", {Outcome.OVERSIZE, Outcome.OK}), ("/reload", {Outcome.REDIRECT_LOOP}), ("/hang", {Outcome.TIMEOUT})],
)
async def test_pages_without_end_have_one(site: Site, capturer: Capturer, path: str, outcomes: set[Outcome]) -> None:
    assert (await capturer.capture(site.url(path))).outcome in outcomes


async def test_a_full_page_picture_is_bounded(site: Site) -> None:
    async with Capturer(quick(full_page_height=1500), Evidence("memory://high")) as capturer:
        capture = await capturer.capture(site.url("/high"))
    assert capture.full_page is not None
    evidence = Evidence("memory://high")
    assert int.from_bytes(evidence.get(capture.full_page)[20:24], "big") == 1500


async def test_a_crashed_renderer_is_an_outcome(
    site: Site, capturer: Capturer, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Visit._look

    async def crash(self: Visit, *arguments: object) -> None:
        session = await self._context.new_cdp_session(self._page)
        await session.send("Page.crash")
        await original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Visit, "_look", crash)
    capture = await capturer.capture(site.url("/ok"))
    assert capture.outcome == Outcome.CRASHED
    assert capture.screenshot is None
    monkeypatch.undo()
    assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK


@linux_only
async def test_a_dead_browser_costs_its_captures_a_second_try_not_their_result(site: Site) -> None:
    async with Capturer(quick(slots=3), Evidence("memory://dead")) as capturer:
        tasks = [asyncio.create_task(capturer.capture(site.url("/slow-picture"))) for _ in range(3)]
        while site.hits["/slow-picture"] < 3:
            await asyncio.wait(tasks, timeout=0.02)
        killed = [pid for pid, name in descendants().items() if name.startswith(("chrom", "headless"))]
        for pid in killed:
            _kill_quietly(pid)
        captures = await asyncio.gather(*tasks)
    assert [capture.outcome for capture in captures] == [Outcome.OK] * 3


@linux_only
async def test_a_dead_driver_is_replaced(site: Site) -> None:
    async with Capturer(quick(), Evidence("memory://driver")) as capturer:
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK
        for pid, name in descendants().items():
            if name.startswith("node"):
                _kill_quietly(pid)
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK
        assert (await capturer.capture(site.url("/ok"))).outcome == Outcome.OK


def _kill_quietly(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


async def test_browsers_are_recycled_after_their_quota(site: Site) -> None:
    config = quick(recycle_after=2, slots=1)
    guard = Guard(config)
    async with BrowserPool(config, guard) as pool:
        seen = []
        for _ in range(4):
            async with pool.lease() as process:
                seen.append(process)
        assert seen[0] is seen[1]
        assert seen[2] is seen[3]
        assert seen[1] is not seen[2]
        async with pool.lease(alone=True) as alone, pool.lease() as shared:
            assert alone is not shared
    guard.close()
    assert all(process.gone.is_set() for process in seen)


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
    async with Capturer(quick(slots=4, total_seconds=8.0, recycle_after=9), Evidence("memory://many")) as capturer:
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


async def test_root_runs_without_a_sandbox_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import crawler.browser

    monkeypatch.setattr(crawler.browser, "_warned", set())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "platform", "linux")
    with capture_logs() as logs:
        assert crawler.browser.sandbox_wanted(False) is False
        assert crawler.browser.sandbox_wanted(False) is False
    assert [entry["log_level"] for entry in logs] == ["warning"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert crawler.browser.sandbox_wanted(False) is True
    assert crawler.browser.sandbox_wanted(True) is False
