"""Limits of a capture's traffic: at each bound it passes, one over it is stopped, and a slow reader fills no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from crawler.capture.capturer import Capturer
from crawler.loopback.connections import ConnectionServer
from crawler.net.guard import FailureKind
from detector.evidence import Evidence
from detector.model import Outcome
from tests.support.pages.proxy_client import ask, capture_proxy, connect, get
from tests.support.pages.sites import Site, answer, needs_browser, page, quick

BOUND = 100_000


def unannounced(size: int) -> bytes:
    """An answer that does not say how long it is."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * size


@pytest.mark.parametrize("form", [unannounced, lambda size: answer(b"x" * size)], ids=["unannounced", "announced"])
async def test_one_answer_may_be_as_large_as_the_bound_and_not_a_byte_larger(form: object) -> None:
    site = Site({"/fits": form(BOUND), "/over": form(BOUND + 1)})  # type: ignore[operator]
    async with site.serving(), capture_proxy(quick(max_response_bytes=BOUND)) as proxy:
        fits = await ask(proxy, get(site.url("/fits")))
        assert fits.startswith(b"HTTP/1.1 200 ")
        assert len(fits.partition(b"\r\n\r\n")[2]) == BOUND
        assert proxy.ledger.failure_of("127.0.0.1", site.port, site.url("/fits")) is None
        over = await ask(proxy, get(site.url("/over")))
        assert len(over.partition(b"\r\n\r\n")[2]) <= BOUND
        failure = proxy.ledger.failure_of("127.0.0.1", site.port, site.url("/over"))
        assert failure is not None
        assert (failure.kind, str(BOUND) in failure.sentence) == (FailureKind.OVERSIZE, True)


async def test_a_capture_may_receive_as_much_as_the_bound_and_not_a_byte_more() -> None:
    whole = unannounced(BOUND)
    site = Site({"/": whole})
    for bound, stopped in ((len(whole), False), (len(whole) - 1, True)):
        async with site.serving(), capture_proxy(quick(max_total_bytes=bound)) as proxy:
            await ask(proxy, get(site.url("/")))
            assert (proxy.ledger.stopped is not None) == stopped
            if proxy.ledger.stopped:
                assert f"more than {bound} bytes" in proxy.ledger.stopped.sentence
                assert (await ask(proxy, get(site.url("/")))).startswith(b"HTTP/1.1 502 ")


async def test_a_capture_may_send_as_much_as_the_bound_and_not_a_byte_more() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        try:
            received.append(len(await reader.readexactly(size)))
            writer.write(answer(b"thanks"))
        except asyncio.IncompleteReadError as error:
            received.append(len(error.partial))

    received: list[int] = []
    head_sent = len(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {BOUND}\r\nConnection: keep-alive\r\n\r\n")
    async with ConnectionServer(swallow) as server:
        url = server.url()
        for size, stopped in ((BOUND, False), (BOUND + 1, True)):
            async with capture_proxy(quick(max_total_bytes=BOUND + head_sent)) as proxy:
                head = f"POST {url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"
                reply = await ask(proxy, head + "x" * size)
                assert (b"thanks" in reply, proxy.ledger.stopped is not None) == (not stopped, stopped)
    assert received[0] == BOUND
    assert all(count <= BOUND for count in received)


def in_one_body(where: str, size: int) -> list[str]:
    return [
        f"POST http://{where}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n" + "x" * size
    ]


def in_chunks(where: str, size: int) -> list[str]:
    chunks = "3e8\r\n" + "x" * 1000 + "\r\n"
    head = f"POST http://{where}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [head + chunks * (size // 1000) + "0\r\n\r\n"]


def in_many_bodies(where: str, size: int) -> list[str]:
    return in_one_body(where, size // 10) * 10


def in_addresses(where: str, size: int) -> list[str]:
    return [get(f"http://{where}/?" + "x" * (size // 10))] * 10


def in_a_header(where: str, size: int) -> list[str]:
    return [
        f"GET http://{where}/ HTTP/1.1\r\nHost: a\r\nX-Data: {'x' * (size // 10)}\r\nConnection: close\r\n\r\n"
    ] * 10


def in_a_tunnel(where: str, size: int) -> list[str]:
    return [connect(where) + "x" * size]


def in_many_tunnels(where: str, size: int) -> list[str]:
    return in_a_tunnel(where, size // 10) * 10


@pytest.mark.parametrize(
    "way", [in_one_body, in_chunks, in_many_bodies, in_addresses, in_a_header, in_a_tunnel, in_many_tunnels]
)
async def test_whatever_a_page_sends_out_counts_however_it_is_sent(way: Callable[[str, int], list[str]]) -> None:
    received = each = 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        here = 0
        while here < each and (data := await reader.read(65_536)):
            here += len(data)
            received += len(data)
        writer.write(answer(b"thanks"))

    async with ConnectionServer(swallow) as server:
        messages = way(f"127.0.0.1:{server.port}", 3 * BOUND)
        each = 3 * BOUND // len(messages)
        async with capture_proxy(quick(max_total_bytes=BOUND)) as proxy:
            for message in messages:
                await ask(proxy, message)
            assert proxy.ledger.stopped is not None
            assert f"the page sent more than {BOUND} bytes" in proxy.ledger.stopped.sentence
    assert received <= BOUND


async def test_a_tunnel_counts_like_any_other_way() -> None:
    whole = unannounced(BOUND)
    site = Site({"/": whole})
    for bound, stopped in ((len(whole), False), (len(whole) - 1, True)):
        async with site.serving(), capture_proxy(quick(max_total_bytes=bound)) as proxy:
            where = f"127.0.0.1:{site.port}"
            await ask(proxy, connect(where) + f"GET / HTTP/1.1\r\nHost: {where}\r\n\r\n")
            assert (proxy.ledger.stopped is not None) == stopped


async def test_a_fast_server_waits_for_a_slow_reader() -> None:
    sent = 0

    async def flood(_: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    limits = {"max_response_bytes": 10**12, "max_total_bytes": 10**12}
    site = Site({"/": flood})
    async with site.serving(), capture_proxy(quick(**limits)) as proxy:
        parts = urlsplit(proxy.address)
        tunnel = connect(f"127.0.0.1:{site.port}") + "GET / HTTP/1.1\r\n\r\n"
        for request in (get(site.url("/")), tunnel):
            sent = 0
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1024)
            writer.write(request.encode())
            before = -1
            while sent == 0 or sent != before:  # until nothing moves any more: nobody reads
                before = sent
                await asyncio.sleep(0.5)
                assert sent < 100_000_000, "nobody makes the server wait"
            assert await reader.read(1) == b"H"
            writer.transport.abort()


class TestInTheBrowser:
    """The same from within a page."""

    pytestmark = needs_browser

    async def test_as_many_redirects_as_the_bound_and_not_one_more(self) -> None:
        def leads_on(left: int) -> bytes:
            return answer(b"", status="302 Found", Location=f"/{left - 1}") if left else answer(page("<h1>here</h1>"))

        async with (
            Site({f"/{left}": leads_on(left) for left in range(5)}).serving() as site,
            Capturer(quick(max_redirects=3), Evidence("memory://redirects")) as capturer,
        ):
            fits = await capturer.capture(site.url("/3"))
            over = await capturer.capture(site.url("/4"))
        assert (fits.outcome, len(fits.redirects)) == (Outcome.OK, 3)
        assert over.outcome == Outcome.REDIRECT_LOOP

    async def test_as_many_requests_as_the_bound_and_not_one_more(self) -> None:
        pictures = "".join(f'<img src="/{number}">' for number in range(9))
        site = Site({"/": answer(page(pictures + "<h1>many</h1>", head='<link rel="icon" href="data:,">'))})
        async with site.serving():
            for bound, noted in ((10, False), (9, True)):
                site.hits.clear()
                async with Capturer(quick(max_requests=bound), Evidence("memory://requests")) as capturer:
                    capture = await capturer.capture(site.url("/"))
                assert capture.outcome == Outcome.OK
                assert (f"more than {bound} requests" in capture.note) == noted
                del site.hits["/favicon.ico"]  # our own request, not the page's
                assert sum(site.hits.values()) <= bound

    async def test_a_page_that_never_answers_ends_in_time(self) -> None:
        async def hang(_: str, writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        limits = quick(total_seconds=9.0, navigation_seconds=2.0)
        async with Site({"/": hang}).serving() as site, Capturer(limits, Evidence("memory://time")) as capturer:
            capture = await asyncio.wait_for(capturer.capture(site.url("/")), 120)
        assert capture.outcome == Outcome.TIMEOUT
        assert "did not answer within 2 s" in capture.note
