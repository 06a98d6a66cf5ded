"""Every way out of a browser, tried by real pages: with the guard they reach no bait, and without it they would."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import async_playwright

from crawler.browser.browser_process import sandbox_wanted
from crawler.browser.browser_program import find_browser
from crawler.capture.capturer import Capturer
from crawler.loopback.nameserver import NameServer, Zone
from detector.config import CaptureConfig
from detector.evidence import Evidence
from detector.model import Capture, Outcome
from tests.support.pages.baits import BAIT_NAME, INWARD_NAME, PAGE_ADDRESS, Baits, unvouched
from tests.support.pages.sites import BAIT_ADDRESS, Site, needs_browser, quick
from tests.support.pages.ways_out import SPELLINGS, ways_out
from tests.support.sockets import LISTENING, Watched

pytestmark = needs_browser

ASKED = """
audio base-image beacon csp-report-uri css-background css-font css-import dynamic-import embed events fetch fetch-name
fetch-six font-face form frame frame-decimal frame-name frame-six image image-name image-set link-preload modulepreload
new-image object poster prefetch preload-fetch preload-font redirected refresh-header refresh-meta script-classic
script-module style svg-foreign svg-image svg-import video worker-fetch worker-import xhr xml-css xml-image
"""
NOT_CONNECTED_TO = ("with-user", "compatible", "nat64", "six-to-four")
"""Spellings that Chromium does not ask for in a page, or that lead nowhere on a machine without a tunnel."""
THROUGH_THE_GUARD = {*ASKED.split(), *(f"spelled-{name}" for name in SPELLINGS if name not in NOT_CONNECTED_TO)}
"""Ways out by which every Chromium asks the guard."""
ALONE = """
aia-issuer fetch-tls frame-tls from-service-worker image-tls keepalive-at-the-end popup shared-worker socket socket-name
socket-six socket-tls speculative-prerender worker-socket
"""
BY_ITSELF = THROUGH_THE_GUARD | set(ALONE.split())
"""Ways out by which a Chromium without the guard asks the bait."""


@dataclass(frozen=True)
class Stage:
    """Baits, and a site that tries to reach them."""

    baits: Baits
    site: Site
    names: NameServer
    config: CaptureConfig

    @property
    def url(self) -> str:
        """The page that tries all ways out."""
        return self.site.url("/", host=PAGE_ADDRESS)

    async def capture(self) -> Capture:
        async with Capturer(self.config, Evidence("memory://ways-out")) as capturer:
            return await capturer.capture(self.url)


@asynccontextmanager
async def stage(folder: Path, *allowed: str) -> AsyncIterator[Stage]:
    """Baits, the pages that try all ways out, and a configuration that lets through their server and ``allowed``."""
    async with Baits().listening(folder) as baits:
        secret = Site({})
        tls = unvouched(folder, f"http://{BAIT_ADDRESS}:{baits.http}")
        with NameServer(Zone(addresses={INWARD_NAME: [BAIT_ADDRESS]}).answer) as names:
            async with secret.serving(PAGE_ADDRESS, tls=tls):
                site = ways_out(baits, secret.url("/", scheme="https", host=PAGE_ADDRESS))
                async with site.serving(PAGE_ADDRESS):
                    config = quick(
                        allow_private=(f"{PAGE_ADDRESS}/32", *allowed),
                        resolve=(f"{BAIT_NAME}:*:{BAIT_ADDRESS}",),
                        nameservers=(names.address,),
                        total_seconds=40.0,
                        navigation_seconds=20.0,
                        settle_seconds=4.0,
                        max_requests=5000,
                    )
                    yield Stage(baits, site, names, config)


def tried(capture: Capture, baits: Baits) -> dict[str, str]:
    """The ways out that the browser's own log names, with the failure of each."""
    ports = {baits.http, baits.https}
    return {urlsplit(entry.url).path[1:]: entry.failure or "" for entry in capture.network if _port(entry.url) in ports}


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


@pytest.mark.ordeal
async def test_a_browser_without_the_guard_reaches_the_baits_by_these_very_pages(tmp_path: Path) -> None:
    seen = Watched()
    async with stage(tmp_path) as on, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(),
            chromium_sandbox=sandbox_wanted(False),
            args=[f"--host-resolver-rules=MAP *.example {BAIT_ADDRESS}, MAP *.local {BAIT_ADDRESS}"],
        )
        try:
            page = await (await browser.new_context(ignore_https_errors=True)).new_page()
            async with seen.watching():
                await page.goto(on.url, wait_until="commit")
                with suppress(TimeoutError):
                    async with asyncio.timeout(120):
                        while not (on.baits.reached() >= BY_ITSELF and on.baits.datagrams):  # noqa: ASYNC110  counted elsewhere
                            await asyncio.sleep(0.1)
        finally:
            await browser.close()
        assert BY_ITSELF - on.baits.reached() == set()
        assert on.baits.datagrams  # WebRTC and QUIC
        if sys.platform == "linux":
            assert any(one.remote[1] in (on.baits.http, on.baits.https) for one in seen.sockets)
            assert any(one.kind.startswith("udp") for one in seen.sockets)


@pytest.mark.ordeal
async def test_a_guard_that_allows_everything_lets_the_same_pages_reach_the_baits(tmp_path: Path) -> None:
    async with stage(tmp_path, "0.0.0.0/0", "::/0") as on:
        capture = await on.capture()
        assert capture.outcome == Outcome.OK
        assert (THROUGH_THE_GUARD | {"socket", "socket-name", "socket-six", "icon"}) - on.baits.reached() == set()
        assert on.baits.datagrams == 0


@pytest.mark.ordeal
async def test_no_way_out_of_a_page_leads_to_an_inward_address(tmp_path: Path) -> None:
    seen = Watched()
    async with stage(tmp_path) as on:
        await on.baits.touch_all()
        assert len(on.baits.paths) == on.baits.datagrams == 2 * len(on.baits.addresses)
        on.baits.forget()
        async with seen.watching():
            capture = await on.capture()
        assert (on.baits.paths, on.baits.datagrams) == ([], 0)
        assert capture.outcome == Outcome.OK
        assert capture.facts is not None
        assert "harmless" in capture.facts.text
        # all ways out were tried, and it was the guard that refused
        refused = {way for way, why in tried(capture, on.baits).items() if why.startswith("guard: ")}
        assert (THROUGH_THE_GUARD | {f"spelled-own-{number}" for number in range(len(on.baits.own))}) - refused == set()
        assert on.site.hits["/rtc"] == 1
        assert on.site.hits["/sw.js"] == 0  # no service worker begins at all
        # no name is resolved but those that a page may ask for
        assert set(on.names.asked) <= {INWARD_NAME, "shop.kumoriva.example"}
        if sys.platform == "linux":
            _assert_only_to_the_guard(seen, on)


def _assert_only_to_the_guard(seen: Watched, on: Stage) -> None:
    proxies = {port for address, port in seen.listened if address == "127.0.0.1"} - {on.baits.http, on.baits.https}
    connected = {one for one in seen.sockets if one.remote[1]}
    assert connected, "no socket of the browser was seen: nothing is proven"
    assert [one for one in connected if one.kind != "tcp" or one.remote[0] != "127.0.0.1"] == []
    assert {one.remote[1] for one in connected} <= proxies
    assert [one for one in seen.sockets if one.kind.startswith(("udp", "raw"))] == []
    assert [one for one in seen.sockets if one.state == LISTENING] == []
