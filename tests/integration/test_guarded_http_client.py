"""The guarded HTTP client: what it fetches, what it refuses, and servers that break the rules."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crawler.demo.certificate import server_context
from crawler.loopback.connections import ConnectionServer
from crawler.loopback.nameserver import NameServer, Zone
from crawler.net.guard import FailureError, FailureKind, Guard, GuardedHttpClient
from detector.config import CaptureConfig
from tests.integration.test_guard_rebinding import FickleNameServer
from tests.support.pages.sites import Bait, Site, answer, page, quick

MOST = 10_000
HEAD = (("User-Agent", "test"),)


@asynccontextmanager
async def http_client(config: CaptureConfig | None = None) -> AsyncIterator[GuardedHttpClient]:
    async with Guard(config or quick(navigation_seconds=2.0, total_seconds=1.0)).http_client() as opened:
        yield opened


@asynccontextmanager
async def saying(*pieces: bytes, keep_open: bool = False) -> AsyncIterator[str]:
    """A server that reads a request and says these pieces, whatever it was asked; yields its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if keep_open:
            await reader.read()

    async with ConnectionServer(serve) as server:
        yield server.url()


async def failure_of(url: str, config: CaptureConfig | None = None) -> tuple[FailureKind, str]:
    async with http_client(config) as opened:
        with pytest.raises(FailureError) as caught:
            await opened.get(url, HEAD, most=MOST)
    return caught.value.failure.kind, caught.value.failure.sentence


async def test_a_page_and_its_icon_come_over_one_connection() -> None:
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    asked: list[bytes] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for body in (b"ab", b"cd"):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(both + body)

    async with ConnectionServer(serve) as server, http_client() as opened:
        first = await opened.get(server.url("/a?b=c#d"), HEAD, most=MOST)
        second = await opened.get(server.url("/favicon.ico"), HEAD, most=MOST)
    assert (first.status, first.body, first.cut, first.address) == (200, b"ab", False, "127.0.0.1")
    assert second.body == b"cd"
    assert connections == 1
    assert asked[0].startswith(b"GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"User-Agent: test\r\n" in asked[0]


async def test_an_international_host_is_named_by_its_a_label() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, http_client(quick(resolve=(f"*:{port}:127.0.0.1",))) as opened:
        await opened.get(f"http://bücher.example:{port}/", HEAD, most=MOST)
    assert f"\r\nHost: xn--bcher-kva.example:{port}\r\n".encode() in asked[0]


@pytest.mark.parametrize(
    ("url", "headers", "said"),
    [
        ("http://127.0.0.1:{port}/", (("Referer", "http://a/\r\nMAIL FROM:"),), "the request holds U+000D"),
        ("http://127.0.0.1:{port}/", (("Cookie", "a\n"),), "the request holds U+000A"),
        ("http://127.0.0.1:{port}/", (("Referer", "http://\u20ac.example/"),), "the request holds U+20AC"),
        ("http://a\u2024b.\ufffd:{port}/", HEAD, "cannot be written as a host name in ASCII"),
    ],
)
async def test_a_request_that_cannot_be_encoded_is_refused(
    url: str, headers: tuple[tuple[str, str], ...], said: str
) -> None:
    bait = Bait()
    async with bait.listening(), http_client(quick(resolve=(f"*:{bait.port}:127.0.0.1",))) as opened:
        with pytest.raises(FailureError) as caught:
            await opened.get(url.format(port=bait.port), headers, most=MOST)
        assert bait.visits == 0
    assert caught.value.failure.kind is FailureKind.GUARD
    assert said in caught.value.failure.sentence


async def test_a_kept_connection_that_the_server_has_closed_is_opened_anew() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")
        await writer.drain()
        writer.transport.abort() if connections == 1 else writer.close()

    async with ConnectionServer(serve) as server, http_client() as opened:
        for _ in range(3):
            assert (await opened.get(server.url(), HEAD, most=MOST)).body == b"ab"
    assert connections == 3


@pytest.mark.parametrize(
    ("pieces", "body", "cut"),
    [
        ((b"HTTP/1.1 200 OK\r\n\r\nuntil ", b"the end"), b"until the end", True),
        ((b"HTTP/1.0 200\r\nContent-Length: 5\r\n\r\nabcde",), b"abcde", False),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf of it",), b"half of it", True),
        (
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2;x=y\r\nde\r\n0\r\n\r\n"),
            b"abcde",
            True,
        ),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\nabc",), b"abc", True),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), b"x", False),
        ((b"HTTP/1.1 200 OK\r\nbroken line\r\nContent-Length: 1\r\n\r\nx",), b"x", False),
        ((b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n",), b"", False),
    ],
)
async def test_bodies_as_servers_send_them(pieces: tuple[bytes, ...], body: bytes, cut: bool) -> None:
    async with saying(*pieces) as url, http_client() as opened:
        reply = await opened.get(url, HEAD, most=MOST)
    assert (reply.body, reply.cut) == (body, cut)


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b""],
    ids=["end", "length", "chunks"],
)
async def test_an_endless_body_is_cut_at_the_limit(head: bytes) -> None:
    chunked = not head
    head = head or b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"400\r\n" + b"x" * 1024 + b"\r\n" if chunked else b"x" * 1024
    async with saying(head, *(piece for _ in range(40)), keep_open=True) as url, http_client() as opened:
        reply = await opened.get(url, HEAD, most=MOST)
    assert reply.cut
    assert reply.body == b"x" * MOST


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ((b"",), FailureKind.FAILED),
        ((b"SSH-2.0-OpenSSH_9.9\r\n\r\n",), FailureKind.FAILED),
        ((b"HTTP/1.1 abc\r\n\r\n",), FailureKind.FAILED),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000,), FailureKind.FAILED),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",), FailureKind.FAILED),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",), FailureKind.FAILED),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 9000,), FailureKind.FAILED),
    ],
)
async def test_an_answer_that_is_not_http_is_a_failure_with_a_sentence(
    pieces: tuple[bytes, ...], kind: FailureKind
) -> None:
    async with saying(*pieces) as url:
        found, sentence = await failure_of(url)
    assert found is kind
    assert "127.0.0.1 port" in sentence


@pytest.mark.parametrize("said", [(), (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na",)], ids=["silence", "stall"])
async def test_a_server_that_stalls_is_left(said: tuple[bytes, ...]) -> None:
    async with saying(*said, keep_open=True) as url:
        assert (await failure_of(url))[0] is FailureKind.TIMEOUT


async def test_tls_whoever_signed_for_it() -> None:
    site = Site({"/": answer(page("secret"))})
    async with site.serving(tls=server_context(["other.example"])), http_client() as opened:
        reply = await opened.get(site.url("/", scheme="https"), HEAD, most=MOST)
        assert b"secret" in reply.body
    async with saying(b"hello") as url:
        assert (await failure_of(url.replace("http:", "https:")))[0] is FailureKind.FAILED


@pytest.mark.parametrize("address", ["127.0.0.2", "10.0.0.1", "169.254.169.254", "[::1]", "0x7f.1", "2130706433"])
async def test_what_is_not_public_is_never_connected_to(address: str) -> None:
    bait = Bait()
    async with bait.listening():
        kind, sentence = await failure_of(f"http://{address}:{bait.port}/")
        assert kind is FailureKind.GUARD, sentence
        assert bait.visits == 0


async def test_a_name_that_leads_to_what_is_not_public() -> None:
    bait = Bait()
    with NameServer(Zone(addresses={"inner.example": ["127.0.0.2"]}).answer) as names:
        async with bait.listening():
            kind, _ = await failure_of(f"http://inner.example:{bait.port}/", quick(nameservers=(names.address,)))
            assert kind is FailureKind.GUARD
            assert bait.visits == 0


async def test_a_name_that_changes_its_mind_leads_to_where_it_led_at_first() -> None:
    site, bait = Site({"/": answer(page("hello"))}), Bait()
    with FickleNameServer(["127.0.0.1"], ["127.0.0.2"]) as names:
        async with site.serving(), bait.listening(), http_client(quick(nameservers=(names.address,))) as opened:
            for _ in range(3):
                assert b"hello" in (await opened.get(f"http://two-faced.example:{site.port}/", HEAD, most=MOST)).body
            assert names.turns == 1
            assert bait.visits == 0


async def test_a_name_without_any_address_is_told_from_one_that_does_not_exist() -> None:
    with NameServer(Zone(empty={"empty.example"}, servfail={"broken.example"}).answer) as names:
        config = quick(nameservers=(names.address,))
        assert await failure_of("http://nowhere.example/", config) == (
            FailureKind.DNS,
            "nowhere.example has no address (no such name)",
        )
        assert "the name exists, but has no address record" in (await failure_of("http://empty.example/", config))[1]
        assert "SERVFAIL" in (await failure_of("http://broken.example/", config))[1]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://127.0.0.1:99999/"])
async def test_what_is_no_web_address(url: str) -> None:
    assert (await failure_of(url))[0] is FailureKind.GUARD


async def test_a_packed_body_comes_as_it_is() -> None:
    packed = gzip.compress(b"<title>x</title>")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with saying(head + packed) as url, http_client() as opened:
        reply = await opened.get(url, HEAD, most=MOST)
    assert reply.body == packed
    assert (b"Content-Encoding", b"gzip") in reply.headers


async def test_through_the_upstream_proxy_of_the_place() -> None:
    seen: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")

    async with ConnectionServer(proxy) as server:
        config = quick(
            proxies={"de": f"http://127.0.0.1:{server.port}"},
            resolve=("shop.example:80:203.0.113.5",),
            allow_private=("203.0.113.0/24",),
        )
        async with Guard(config).http_client(place="de") as opened:
            assert (await opened.get("http://shop.example/", HEAD, most=MOST)).body == b"proxy"
    assert seen[0].startswith(b"CONNECT 203.0.113.5:80 ")
