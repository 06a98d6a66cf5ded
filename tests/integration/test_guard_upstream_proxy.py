"""A capture proxy that forwards to an upstream proxy."""

from __future__ import annotations

import asyncio

from crawler.loopback.connections import ConnectionServer
from tests.support.pages.proxy_client import ask, capture_proxy, get
from tests.support.pages.sites import BAIT_ADDRESS, Site, answer, page, quick


class UpstreamProxy:
    """An HTTP proxy that knows CONNECT only, and remembers what it was asked."""

    def __init__(self, status: str = "200 OK") -> None:
        self.heads: list[str] = []
        self.status = status

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        writer.write(f"HTTP/1.1 {self.status}\r\n\r\n".encode())
        if self.status.startswith("200"):
            host, port = head.split(" ")[1].rsplit(":", 1)
            inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
            inner_writer.write(await reader.readuntil(b"\r\n\r\n"))
            writer.write(await inner_reader.read())
            inner_writer.close()
        writer.close()


async def test_an_upstream_proxy_is_told_the_judged_address_not_the_name() -> None:
    upstream = UpstreamProxy()
    site = Site({"/": answer(page("by way of a proxy"))})
    async with ConnectionServer(upstream.serve) as server, site.serving():
        config = quick(
            proxy=f"http://me:secret@127.0.0.1:{server.port}",
            resolve=("shop.example:*:127.0.0.1",),
        )
        async with capture_proxy(config) as proxy:
            assert b"by way of a proxy" in await ask(proxy, get(f"http://shop.example:{site.port}/"))
            assert (await ask(proxy, get(f"http://{BAIT_ADDRESS}:{site.port}/"))).startswith(b"HTTP/1.1 502 ")
    assert len(upstream.heads) == 1
    assert upstream.heads[0].startswith(f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0" in upstream.heads[0]


async def test_an_upstream_proxy_that_refuses_is_a_failure_with_its_words() -> None:
    upstream = UpstreamProxy("407 Who are you")
    async with ConnectionServer(upstream.serve) as server, capture_proxy(quick(proxy=server.url(""))) as proxy:
        assert (await ask(proxy, get("http://127.0.0.1:8009/"))).startswith(b"HTTP/1.1 502 ")
        failure = proxy.ledger.failure_of("127.0.0.1", 8009, "http://127.0.0.1:8009/")
        assert failure is not None
        assert "407 Who are you" in failure.sentence
