"""Sessions that connect only where the rules allow it."""

from __future__ import annotations

import aiohttp
import pytest

from crawler.loopback.web import LOOPBACK, Request, Response, WebServer
from crawler.net.guard import FailureError
from crawler.net.outward import OutwardRules, ServiceError
from crawler.net.outward.judged_session import (
    answer_of,
    environment_proxy,
    judged_session,
    leaves_https,
    read_url,
    websocket,
)


def hello(_: Request) -> Response:
    return Response(b"hello")


async def fetched(rules: OutwardRules, url: str) -> bytes:
    async with judged_session(rules, headers={}) as session, answer_of(session, rules, url, {}, redirects=1) as answer:
        return await answer.read()


async def test_the_connection_itself_is_judged() -> None:
    """Whoever forgets to ask before the request meets the same rules when the socket is opened."""
    with WebServer(hello) as server:
        rules = OutwardRules(server.url())
        assert await fetched(rules, server.url()) == b"hello"
        other = OutwardRules("http://feeds.example/")
        async with judged_session(other, headers={}) as session:
            with pytest.raises(aiohttp.ClientConnectorError, match="is not public"):
                await session.get(server.url())
            with pytest.raises(FailureError):
                await session.get(server.url(host="localhost"))
        assert len(server.requests) == 1


async def test_a_websocket_that_is_redirected_inward() -> None:
    with WebServer(hello) as inner:
        place = inner.url()
        with WebServer(lambda _: Response(status=302, headers={"Location": place})) as server:
            rules = OutwardRules(server.url())
            async with judged_session(rules, headers={}) as session:
                with pytest.raises(aiohttp.ClientError, match="is not public"):
                    async with websocket(session, rules, server.url(), most=100):
                        pass
        assert inner.requests == []


async def test_a_proxy_is_used_and_what_it_is_asked_for_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    with WebServer(hello) as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:word@{LOOPBACK}:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        rules = OutwardRules("http://feeds.example/list")
        assert await fetched(rules, "http://feeds.example/list") == b"hello"
        with pytest.raises(FailureError, match=r"10\.0\.0\.1 is private"):
            await fetched(rules, "http://10.0.0.1/")
    [request] = proxy.requests
    assert request.target == "http://feeds.example/list"
    assert request.headers["proxy-authorization"] == "Basic dXNlcjp3b3Jk"
    assert "authorization" not in request.headers


@pytest.mark.parametrize("url", ["https://a.example/", "HTTPS://a.example/", "Https://a.example:8443/x"])
@pytest.mark.parametrize("target", ["http://a.example/", "HTTP://b.example/", "ftp://a.example/", "hTTp://a.example/"])
def test_a_redirect_that_leaves_https_is_known_in_any_spelling(url: str, target: str) -> None:
    assert leaves_https(url, target)
    assert not leaves_https(url, "HTTPS://b.example/")
    assert not leaves_https(target, url)
    assert not leaves_https(target, target)


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({"https_proxy": "http://proxy.example:3128"}, "https://feeds.example/", "http://proxy.example:3128"),
        ({"https_proxy": "http://proxy.example:3128"}, "wss://feeds.example/", "http://proxy.example:3128"),
        ({"https_proxy": "proxy.example:3128"}, "https://feeds.example/", "http://proxy.example:3128"),
        ({"http_proxy": "http://proxy.example:3128"}, "https://feeds.example/", None),
        ({"https_proxy": "http://p.example", "no_proxy": "feeds.example"}, "https://feeds.example/", None),
        ({"https_proxy": "http://p.example", "no_proxy": ".example"}, "https://u:w@feeds.example:8443/", None),
        ({}, "https://feeds.example/", None),
    ],
)
def test_the_proxy_of_the_environment(
    environment: dict[str, str], url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert environment_proxy(url) == proxy


@pytest.mark.parametrize(
    "url",
    ["https://feeds.example/list?after=10%3A00&next=p+2", "https://feeds.example/a%2Fb?x=%7e", "http://[::1]:81/"],
)
def test_a_url_is_sent_as_it_is_spelled(url: str) -> None:
    assert str(read_url(url)) == url


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://feeds.example/", "http:///list", "gopher://x:1/", "list"])
async def test_only_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises((ServiceError, ValueError)):
        await fetched(OutwardRules(url), url)
