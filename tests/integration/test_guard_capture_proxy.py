"""The capture proxy, asked without a browser: what it lets through, what it refuses, and hostile peers."""

from __future__ import annotations

import asyncio
import gc
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from crawler.loopback.connections import ConnectionServer
from crawler.net.guard import FailureKind, Guard
from tests.support.pages.proxy_client import ask, capture_proxy, connect, get
from tests.support.pages.sites import BAIT_ADDRESS, Bait, Site, answer, page, quick


async def test_a_plain_request_is_forwarded_as_the_origin_expects_it() -> None:
    site = Site({"/a": answer(page("hello"))})
    async with site.serving(), capture_proxy() as proxy:
        reply = await ask(proxy, get(site.url("/a?b=1")))
        assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"hello" in reply
        assert site.heads[0].startswith("GET /a?b=1 HTTP/1.1\r\n")
        assert "X-Own: 1" in site.heads[0]
        assert "proxy-connection" not in site.heads[0].lower()
        assert proxy.ledger.address_of("127.0.0.1", site.port) == "127.0.0.1"
        assert proxy.ledger.received > 0


async def test_a_tunnel_carries_bytes_both_ways() -> None:
    site = Site({"/t": answer(page("through the tunnel"))})
    async with site.serving(), capture_proxy() as proxy:
        reply = await ask(proxy, connect(f"127.0.0.1:{site.port}") + "GET /t HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reply.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK")
        assert b"through the tunnel" in reply


async def test_no_answer_waits_for_the_acknowledgement_of_the_one_before() -> None:
    site = Site({"/a": answer(page("hello"))})
    async with site.serving(), capture_proxy() as proxy:
        parts = urlsplit(proxy.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(connect(f"127.0.0.1:{site.port}").encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
        streams = [*proxy._open]
        sockets = [stream.transport.get_extra_info("socket") for stream in streams]
        assert [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0 for each in sockets] == [True]
        writer.close()


async def test_a_server_that_speaks_first_waits_until_the_browser_has_spoken() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        greeted.set()
        while await reader.read(4096):
            pass

    greeted = asyncio.Event()
    async with ConnectionServer(greet) as server, capture_proxy() as proxy:
        parts = urlsplit(proxy.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(connect(f"127.0.0.1:{server.port}").encode())
        await greeted.wait()
        assert await reader.read(4096) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        writer.write(b"hello")
        assert await reader.readline() == b"220 ready\r\n"
        writer.close()


@pytest.mark.parametrize(
    "host",
    [
        BAIT_ADDRESS,
        "2130706434",
        "0x7f000002",
        "0177.0.0.2",
        "127.2",
        "[::ffff:127.0.0.2]",
        "[::1]",
        "localhost.",
        "bait.test",
        "0.0.0.0",
        "169.254.169.254",
    ],
)
async def test_nothing_that_leads_to_a_forbidden_address_is_connected_to(host: str) -> None:
    config = quick(allow_private=("10.9.8.0/24",), resolve=(f"bait.test:*:{BAIT_ADDRESS}",))
    async with Bait().listening() as bait, Bait().listening("127.0.0.1") as near, capture_proxy(config) as proxy:
        for port in (bait.port, near.port):
            url = f"http://{host}:{port}/"
            assert (await ask(proxy, get(url))).startswith(b"HTTP/1.1 502 ")
            assert (await ask(proxy, connect(f"{host}:{port}"))).startswith(b"HTTP/1.1 502 ")
            failure = proxy.ledger.failure_of(str(urlsplit(url).hostname), port, url)
            assert failure is not None
            assert failure.kind is FailureKind.GUARD
        assert (bait.visits, near.visits) == (0, 0)


async def test_a_rule_leads_a_name_to_an_allowed_address_with_its_port() -> None:
    site = Site({"/": answer(page("by rule"))})
    async with site.serving():
        config = quick(resolve=(f"shop.example:{site.port}:127.0.0.1",))
        async with capture_proxy(config) as proxy:
            assert b"by rule" in await ask(proxy, get(f"http://shop.example:{site.port}/"))
            assert f"Host: shop.example:{site.port}" in site.heads[0]
            assert proxy.ledger.address_of("shop.example", site.port) == "127.0.0.1"


async def test_a_name_that_nobody_serves_is_a_dns_error() -> None:
    async with capture_proxy() as proxy:
        assert (await ask(proxy, get("http://nowhere.invalid/"))).startswith(b"HTTP/1.1 502 ")
        failure = proxy.ledger.failure_of("nowhere.invalid", 80, "http://nowhere.invalid/")
        assert failure is not None
        assert failure.kind is FailureKind.DNS


async def test_a_closed_port_is_a_refused_connection() -> None:
    site = Site({})
    async with site.serving():
        url = site.url("/")
    async with capture_proxy() as proxy:
        await ask(proxy, get(url))
        failure = proxy.ledger.failure_of("127.0.0.1", site.port, url)
        assert failure is not None
        assert failure.kind is FailureKind.REFUSED


async def endless(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"y" * 65536)
        await writer.drain()


async def test_an_endless_answer_is_cut_at_the_limit() -> None:
    site = Site({"/": endless})
    async with site.serving(), capture_proxy(quick(max_response_bytes=300_000)) as proxy:
        reply = await ask(proxy, get(site.url("/")))
        assert len(reply) < 400_000
        failure = proxy.ledger.failure_of("127.0.0.1", site.port, site.url("/"))
        assert failure is not None
        assert failure.kind is FailureKind.OVERSIZE


async def test_an_answer_announced_too_large_is_not_even_begun() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nx"
    site = Site({"/": huge})
    async with site.serving(), capture_proxy() as proxy:
        assert (await ask(proxy, get(site.url("/")))).startswith(b"HTTP/1.1 502 ")


async def test_a_tunnel_is_cut_when_the_capture_has_had_its_fill_and_nothing_follows() -> None:
    site = Site({"/": endless, "/after": answer(page("after"))})
    async with site.serving(), capture_proxy(quick(max_total_bytes=500_000)) as proxy:
        reply = await ask(proxy, connect(f"127.0.0.1:{site.port}") + "GET / HTTP/1.1\r\n\r\n")
        assert len(reply) < 600_000
        assert proxy.ledger.stopped is not None
        assert (await ask(proxy, get(site.url("/after")))).startswith(b"HTTP/1.1 502 ")
        assert site.hits["/after"] == 0


async def test_requests_are_counted_and_bounded() -> None:
    site = Site({"/": answer(page("x"))})
    async with site.serving(), capture_proxy(quick(max_requests=3)) as proxy:
        replies = [await ask(proxy, get(site.url("/"))) for _ in range(5)]
        assert [reply[:12] for reply in replies] == [b"HTTP/1.1 200"] * 3 + [b"HTTP/1.1 502"] * 2
        assert site.hits["/"] == 3


async def reset(_: str, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def hang(_: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def long_head(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


async def interim(_: str, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        await writer.drain()


@pytest.mark.parametrize("route", [reset, long_head, interim, b"\x00\x01\x02 garbage\r\n\r\n", b""])
async def test_servers_that_break_the_protocol_are_failures_of_theirs_alone(route: object) -> None:
    site = Site({"/bad": route, "/good": answer(page("still here"))})  # type: ignore[dict-item]
    async with site.serving(), capture_proxy() as proxy:
        assert (await ask(proxy, get(site.url("/bad")))).startswith(b"HTTP/1.1 502 ")
        failure = proxy.ledger.failure_of("127.0.0.1", site.port, site.url("/bad"))
        assert failure is not None
        assert failure.kind is FailureKind.FAILED
        assert b"still here" in await ask(proxy, get(site.url("/good")))


@pytest.mark.parametrize(
    "request_",
    [
        "nonsense\r\n\r\n",
        "GET /relative HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET file:///etc/passwd HTTP/1.1\r\n\r\n",
        "GET https://127.0.0.1/ HTTP/1.1\r\n\r\n",
        "CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n",
        "CONNECT \0:443 HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nX: " + "y" * 70_000 + "\r\n\r\n",
    ],
)
async def test_a_client_that_breaks_the_protocol_gets_nothing(request_: str) -> None:
    async with capture_proxy() as proxy:
        reply = await ask(proxy, request_)
        assert b"200" not in reply[:15]


async def test_closing_the_proxy_ends_what_hangs_and_leaves_no_task() -> None:
    site = Site({"/": hang})
    before = asyncio.all_tasks()
    async with site.serving():
        async with capture_proxy() as proxy:
            waiting = asyncio.create_task(ask(proxy, get(site.url("/"))))
            tunnel = asyncio.create_task(ask(proxy, connect(f"127.0.0.1:{site.port}") + "GET / HTTP/1.1\r\n\r\n"))
            while site.hits["/"] < 2:
                await asyncio.wait((waiting, tunnel), timeout=0.01)
        assert await waiting == b""
        assert b"HTTP/1.1 200 OK" not in await tunnel
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("turns", range(5))
async def test_a_connection_made_as_the_proxy_closes_is_refused_and_no_socket_stays_open(turns: int) -> None:
    async with capture_proxy() as proxy:
        parts = urlsplit(proxy.address)
        guests = [socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) for _ in range(6)]
        for _ in range(turns):
            await asyncio.sleep(0)  # accepted or not, taken over or not: at each turn of the loop
    for _ in range(4):
        await asyncio.sleep(0)
    for guest in guests:
        with guest, suppress(ConnectionResetError):
            assert guest.recv(1) == b""
    gc.collect()  # what was left open warns now


async def test_the_closed_proxy_lets_nothing_through() -> None:
    site = Site({"/": answer(page("x"))})
    async with site.serving(), Guard(quick()).closed_proxy() as proxy:
        assert (await ask(proxy, get(site.url("/")))).startswith(b"HTTP/1.1 502 ")
        assert site.hits["/"] == 0
