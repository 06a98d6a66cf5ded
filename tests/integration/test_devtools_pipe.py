"""A real browser whose pipe was handed over: both parties speak to it, new pages are held, workers are seen."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from crawler.browser import handover
from crawler.browser.browser_process import BrowserProcess
from crawler.browser.browser_program import find_browser
from crawler.browser.cdp.session import DevToolsError
from crawler.browser.cdp.tab import BrowserTab
from crawler.browser.launch_diagnosis import start_driver
from crawler.capture.capturer import Capturer
from crawler.capture.profiles import profile_named
from detector.evidence import Evidence
from detector.model import Outcome
from tests.support.pages.sites import Route, Site, answer, needs_browser, page, quick

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

POPUPS = """<form id=f action=/popup method=post target=_blank></form><a id=a target=_blank rel=opener href=/popup>x</a>
<script>open('/popup'); document.getElementById('f').submit(); document.getElementById('a').click()</script>"""
WORKER = "fetch('/asked').then((answer) => answer.text()).then((text) => postMessage(text))"
FACTORY = """<p id=p>waiting</p><script>
new Worker('/worker.js').onmessage = (event) => { document.getElementById('p').textContent = event.data }</script>"""
ASKED_AFTER = asyncio.Event()


async def _note_the_question(_: str, writer: asyncio.StreamWriter) -> None:
    ASKED_AFTER.set()
    writer.write(answer(b"", media_type="text/plain"))


ROUTES: dict[str, Route] = {
    "http://shop.example/popups": answer(page(POPUPS)),  # as a proxy is asked
    "http://shop.example/popup": answer(page("a pop-up")),
    "http://shop.example/after": _note_the_question,
    "/factory": answer(page(FACTORY)),
    "/worker.js": answer(WORKER.encode(), media_type="text/javascript"),
    "/asked": answer(b"told by the worker", media_type="text/plain"),
}


async def _pages_beside(browser: BrowserProcess, tab: BrowserTab) -> set[str]:
    """Ids of the other pages in the context of ``tab``, as the browser tells them."""
    targets = (await browser._pipe.send("Target.getTargets"))["targetInfos"]
    pages = {
        str(one["targetId"]) for one in targets if one.get("browserContextId") == tab.context and one["type"] == "page"
    }
    return pages - {tab.target}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(ROUTES).serving() as site:
        yield site


async def _launched() -> AsyncIterator[BrowserProcess]:
    driver = await start_driver()
    try:
        process = await BrowserProcess.launch(
            driver, find_browser(), proxy="http://127.0.0.1:9", no_sandbox=os.geteuid() == 0
        )
        try:
            yield process
        finally:
            await process.close()
    finally:
        await driver.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[BrowserProcess]:
    async for process in _launched():
        yield process


async def _opened(browser: BrowserProcess, site: Site) -> BrowserTab:
    bounds = profile_named("desktop").window_bounds(quick())
    return await browser.open(proxy=site.url(""), bounds=bounds)


async def test_playwright_still_holds_the_browser_and_knows_no_page_of_ours(
    browser: BrowserProcess, site: Site
) -> None:
    tab = await _opened(browser, site)
    session = await browser._browser.new_browser_cdp_session()
    assert (await session.send("Browser.getVersion"))["product"].endswith(browser.version)
    assert browser._browser.contexts == []
    await session.detach()
    await tab.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_the_browser_knows_nothing_of_the_handover(browser: BrowserProcess) -> None:
    environment = await asyncio.to_thread(Path(f"/proc/{browser.pid}/environ").read_bytes)
    assert b"HOME=" in environment
    for name in (handover.SOCKET, handover.PROGRAM, handover.PYTHON):
        assert name.encode() not in environment


async def test_a_page_that_is_gone_answers_no_order(browser: BrowserProcess, site: Site) -> None:
    tab = await _opened(browser, site)
    await tab.begin()
    assert (await tab.session.send("Page.getLayoutMetrics"))["cssContentSize"]
    await tab.close()
    with pytest.raises(DevToolsError):
        await tab.session.send("Page.getLayoutMetrics")
    assert await browser.answers()


async def test_pop_ups_are_closed_before_they_ask_for_anything(browser: BrowserProcess, site: Site) -> None:
    """Without ``page_pressure.js``, which would not even let them begin.  The site is the proxy here."""
    tab = await _opened(browser, site)
    came = asyncio.Event()
    tab.on_popup = came.set
    await tab.begin()
    await tab.session.send("Page.navigate", {"url": "http://shop.example/popups"})
    async with asyncio.timeout(60):
        await came.wait()
        while await _pages_beside(browser, tab):  # each turn is a round trip through the browser
            pass
        # pop-ups that are gone ask for nothing more, and what they had asked for would reach the proxy before this
        await tab.session.send("Page.navigate", {"url": "http://shop.example/after"})
        await ASKED_AFTER.wait()
    await tab.close()
    assert [path for path in site.hits if path.endswith("/popups")]
    assert not [path for path in site.hits if path.endswith("/popup")]


async def test_what_a_worker_asks_for_is_the_pages_and_is_kept(site: Site) -> None:
    evidence = Evidence("memory://workers")
    async with Capturer(quick(settle_seconds=1.0), evidence) as capturer:
        look = await capturer.record(site.url("/factory"))
    capture = look.capture
    assert capture.outcome == Outcome.OK
    assert capture.facts is not None
    assert "told by the worker" in capture.facts.text
    assert site.url("/asked") in {entry.url for entry in capture.network}
    bodies = {exchange.url: exchange.body for exchange in look.recording.exchanges}
    assert bodies[site.url("/asked")] == b"told by the worker"


async def test_the_folder_of_temporary_files_may_have_a_long_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the hundred characters that the address of a socket has room for."""
    folder = tmp_path / ("long" * 30)
    await asyncio.to_thread(folder.mkdir)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    async for process in _launched():
        assert await process.answers()
