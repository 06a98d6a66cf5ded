"""Each capture uses the proxy of its place or its own; a failing proxy is named as the cause, without its password."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from crawler.capture.capturer import Capturer
from detector.errors import ConfigError
from detector.evidence import Evidence
from detector.model import Outcome
from tests.support.pages.sites import BAIT_ADDRESS, Site, answer, needs_browser, page, quick
from tests.support.servers.proxies import Proxy, SocksProxy

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

SECRET = "s3cret"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with Site({"/": answer(page("<h1>seen</h1>"))}).serving() as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def german() -> AsyncIterator[Proxy]:
    async with Proxy(user="me", password=SECRET).serving() as proxy:
        yield proxy


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capturer(german: Proxy, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Capturer]:
    folder: Path = tmp_path_factory.mktemp("proxies")
    config = quick(
        slots=3, total_seconds=30.0, navigation_seconds=15.0, proxies={"de": german.url(pair=f"me:{SECRET}")}
    )
    async with Capturer(config, Evidence(str(folder))) as opened:
        yield opened


async def test_a_place_has_its_proxy_and_others_have_none(site: Site, german: Proxy, capturer: Capturer) -> None:
    before = len(german.asked)
    seen = await asyncio.gather(
        capturer.capture(site.url(), profile="desktop-de"),
        capturer.capture(site.url(), profile="desktop"),
        capturer.capture(site.url(), profile="phone-de", proxy=""),
    )
    assert [capture.outcome for capture in seen] == ["ok", "ok", "ok"]
    # the page and its icon
    assert set(german.asked[before:]) == {f"127.0.0.1:{site.port}"}
    async with SocksProxy(user="you", password=SECRET).serving() as socks:
        again = await capturer.capture(site.url(), profile="desktop-de", proxy=socks.url("socks5", f"you:{SECRET}"))
        assert again.outcome == "ok"
        assert set(socks.asked) == {f"127.0.0.1:{site.port}"}


async def test_what_a_page_may_not_reach_no_proxy_is_asked_for(german: Proxy, capturer: Capturer) -> None:
    before = len(german.asked)
    capture = await capturer.capture(f"http://{BAIT_ADDRESS}:9/", profile="desktop-de")
    assert capture.outcome == Outcome.BLOCKED_BY_GUARD
    assert len(german.asked) == before


async def test_a_proxy_that_fails_is_named_with_the_remedy(site: Site, german: Proxy, capturer: Capturer) -> None:
    async with (
        Proxy(refusal=b"403 Forbidden").serving() as strict,
        SocksProxy(user="you", password="other").serving() as socks,
        SocksProxy(refusal=b"\x02").serving() as ruled,
        Proxy(refusal=b"nonsense").serving() as odd,
    ):
        gone = Proxy()
        async with gone.serving():
            pass
        cases = {
            german.url(): ("asks for a user and a password", "USER:PASSWORD@"),
            german.url(pair=f"me:not-{SECRET}"): ("does not accept the user 'me'", "correct them"),
            strict.url(): ("does not connect", "403 Forbidden"),
            socks.url("socks5"): ("asks for a user and a password", "socks5://USER:PASSWORD@"),
            socks.url("socks5", f"you:{SECRET}"): ("does not accept the user 'you'", "correct them"),
            ruled.url("socks5"): ("its rules do not allow it", "allow it"),
            odd.url(): ("does not speak HTTP", "socks5://"),
            gone.url(): ("refuses the connection", "start it"),
        }
        seen = await asyncio.gather(*(capturer.capture(site.url(), proxy=proxy) for proxy in cases))
        tunnel = await capturer.capture(site.url(scheme="https"), proxy=gone.url())
        assert (tunnel.outcome, "start it" in tunnel.note) == (Outcome.PROXY_ERROR, True)
    for (proxy, words), capture in zip(cases.items(), seen, strict=True):
        assert capture.outcome == Outcome.PROXY_ERROR, (proxy, capture.note)
        assert f"the proxy {proxy.split('://')[0]}://127.0.0.1:" in capture.note
        for word in words:
            assert word in capture.note, (proxy, capture.note)
        assert SECRET not in capture.note


@pytest.mark.parametrize(
    ("refusal", "outcome"), [(b"502 Bad Gateway", Outcome.FAILED), (b"504 Gateway Timeout", Outcome.TIMEOUT)]
)
async def test_a_site_that_the_proxy_cannot_reach_is_no_fault_of_the_proxy(
    site: Site, capturer: Capturer, refusal: bytes, outcome: Outcome
) -> None:
    async with Proxy(refusal=refusal).serving() as proxy:
        capture = await capturer.capture(site.url(), proxy=proxy.url())
    assert capture.outcome == outcome
    assert refusal.decode() in capture.note


async def test_a_malformed_proxy_is_the_callers_mistake(site: Site, capturer: Capturer) -> None:
    with pytest.raises(ConfigError, match="must read http://HOST:PORT") as caught:
        await capturer.capture(site.url(), proxy=f"ftp://me:{SECRET}@proxy.example")
    assert SECRET not in str(caught.value)
