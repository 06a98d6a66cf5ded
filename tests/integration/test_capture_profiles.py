"""A page that looks for automation finds none, whoever is pretended; headers and navigator tell of the same visitor."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import async_playwright

from crawler.browser.browser_process import sandbox_wanted
from crawler.browser.browser_program import find_browser
from crawler.capture.capturer import Capturer
from crawler.capture.profiles import profile_named
from detector.evidence import Evidence
from tests.support.pages.automation_traces import ROUTES, Seen, failures, read_seen, traces_seen
from tests.support.pages.sites import Site, needs_browser, quick

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

DEVICES = ("desktop", "phone", "iphone")
NAMES = (
    "desktop", "desktop-au@search", "desktop-ca", "desktop-de@social", "desktop-es", "desktop-gb@mail", "desktop-in", "desktop-jp",
    "phone-in@sms", "phone-de@social", "iphone-gb@search", "iphone-jp",
)  # fmt: skip
OFFSETS = {"us": 240, "au": -600, "ca": 240, "de": -120, "es": -120, "gb": -60, "in": -330, "jp": -540}
"""Minutes to UTC on 2001-09-09."""
PLACES = {"window", "srcdoc", "other", "bare", "worker", "module"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site(dict(ROUTES)).serving() as served:
        yield served


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Evidence(str(tmp_path_factory.mktemp("profiles")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer(evidence: Evidence) -> AsyncIterator[Capturer]:
    config = quick(slots=3, total_seconds=40.0, navigation_seconds=20.0, settle_seconds=1.0)
    async with Capturer(config, evidence) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(site: Site, capturer: Capturer) -> dict[str, Seen]:
    """Traces that the page found of each device; all at once, in one browser."""
    found = await asyncio.gather(*(traces_seen(capturer, site, device) for device in DEVICES))
    return dict(zip(DEVICES, found, strict=True))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(site: Site, capturer: Capturer) -> dict[str, dict[str, object]]:
    """Facts that the page was told about its visitor."""
    captures = await asyncio.gather(
        *(capturer.capture(site.url(f"/who?{name.replace('@', '.')}"), profile=name) for name in NAMES)
    )
    return {
        name: json.loads(capture.facts.text) for name, capture in zip(NAMES, captures, strict=True) if capture.facts
    }


@pytest.mark.parametrize("device", DEVICES)
async def test_a_page_that_looks_for_automation_finds_none(seen: dict[str, Seen], device: str) -> None:
    assert set(seen[device]) == PLACES, seen[device].keys()
    assert "\n".join(failures(seen[device])) == ""
    assert len(seen[device]["window"]) >= 38
    assert len(seen[device]["worker"]) >= 18


async def test_the_page_finds_a_browser_that_does_not_hide(site: Site, seen: dict[str, Seen]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(), chromium_sandbox=sandbox_wanted(False)
        )
        page = await browser.new_page()
        await page.goto(site.url("/traces"))
        await page.wait_for_function("document.body.textContent.startsWith('{')")
        found = read_seen(await page.inner_text("body"))
        await browser.close()
    assert set(found) == PLACES
    named = {name for name, (passed, _) in found["window"].items() if not passed}
    assert {
        "user agent", "client hints", "webdriver", "platform", "graphics", "plugins", "window.chrome", "notifications", "console",
        "outer size", "window and screen", "connection",
    } <= named  # fmt: skip
    assert not found["worker"]["user agent"][0]
    # but for its name it tells the same brands
    own, pretended = (one["window"]["client hints"][1].partition("mobile")[0] for one in (found, seen["desktop"]))
    assert own.replace("HeadlessChrome", "Google Chrome") == pretended


@pytest.mark.parametrize("name", NAMES)
async def test_header_and_navigator_tell_of_the_same_visitor(
    site: Site, told: dict[str, dict[str, object]], name: str
) -> None:
    profile = profile_named(name)
    head = next(head for head in site.heads if head.startswith(f"GET /who?{name.replace('@', '.')} "))
    lines = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
    weighed = [tag if not place else f"{tag};q={1 - place / 10:.1f}" for place, tag in enumerate(profile.accepted)]
    assert lines["accept-language"] == ",".join(weighed).lower()
    assert told[name]["languages"] == list(profile.languages)
    assert str(told[name]["locale"]).partition("-")[0] == profile.languages[0].partition("-")[0]
    assert (told[name]["timeZone"], told[name]["offset"]) == (profile.place.time_zone, OFFSETS[profile.place_name])
    assert told[name]["referrer"] == (profile.referrer or "")
    assert lines.get("referer", "") == (profile.referrer or "")
    assert ("sec-ch-ua" in lines) == (profile.device.client_hints is not None)
    assert "headless" not in head.lower()


async def test_a_page_that_speaks_is_heard_and_goes_on(site: Site, capturer: Capturer) -> None:
    capture = await capturer.capture(site.url("/speaks"))
    assert capture.facts is not None
    assert capture.facts.title.startswith("spoken")
    assert capture.facts.pressure.audio == 1


@pytest.mark.parametrize(("profile", "size"), [("desktop", (1280, 800)), ("iphone", (393, 659))])
async def test_the_viewport_stays_when_more_than_it_was_pictured(
    site: Site, capturer: Capturer, evidence: Evidence, profile: str, size: tuple[int, int]
) -> None:
    capture = await capturer.capture(site.url("/tall"), profile=profile)
    assert [click.label for click in capture.clicks] == ["Continue"]
    assert capture.before_clicks is not None
    assert capture.screenshot is not None
    assert capture.full_page is not None
    shots = [
        await asyncio.to_thread(evidence.get, shot)
        for shot in (capture.before_clicks, capture.screenshot, capture.full_page)
    ]
    before, after, full = (Image.open(io.BytesIO(shot)).size for shot in shots)
    assert (before, after) == (size, size)
    assert full[0] == size[0]
    assert full[1] > 3000
