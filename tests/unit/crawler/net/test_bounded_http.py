"""Requests to services, against a real server: bounded in bytes, time and redirects."""

from __future__ import annotations

import asyncio

import pytest

from crawler.loopback.connections import ConnectionServer
from crawler.loopback.web import Request, Response, WebServer
from crawler.net.bounded_http import ServiceError, ask


def echo(request: Request) -> Response:
    return Response(request.method.encode() + b" " + request.body, media_type="text/x-said")


def to_next(request: Request) -> Response:
    number = int(request.path.strip("/") or 0)
    return Response(status=302, headers={"Location": f"/{number + 1}"}) if number < 3 else echo(request)


def to_file(_: Request) -> Response:
    return Response(status=302, headers={"Location": "file:///etc/passwd"})


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"%x\r\n%s\r\n" % (10_000, b"x" * 10_000))
        await writer.drain()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def test_an_answer_with_its_kind() -> None:
    with WebServer(echo) as server:
        url = server.url()
        got = await ask(url, seconds=30, most=100)
        sent = await ask(url, seconds=30, most=100, data=b"question", headers={"Content-Type": "a/b"})
    assert (got.status, got.body, got.media_type, got.problem()) == (200, b"GET ", "text/x-said", "")
    assert sent.body == b"POST question"


async def test_redirects_are_followed_as_often_as_allowed() -> None:
    with WebServer(to_next) as server:
        url = server.url()
        assert (await ask(url, seconds=30, most=100, redirects=3)).status == 200
        assert (await ask(url, seconds=30, most=100)).status == 302
        with pytest.raises(ServiceError, match="redirects more than 2 times"):
            await ask(url, seconds=30, most=100, redirects=2)
    with WebServer(to_file) as server, pytest.raises(ServiceError, match="is not an http or https address"):
        await ask(server.url(), seconds=30, most=100, redirects=2)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_nothing_leads_inward_unless_it_is_allowed(host: str) -> None:
    with WebServer(echo) as inner:
        place = inner.url(host=host)
        with WebServer(lambda _: Response(status=307, headers={"Location": place})) as server:
            with pytest.raises(ServiceError):
                await ask(server.url(), seconds=30, most=100, redirects=2)
            # a question with a body follows nothing
            assert (await ask(server.url(), seconds=30, most=100, data=b"x", redirects=2)).status == 307
            with pytest.raises(ServiceError):
                await ask(place, seconds=30, most=100, named=server.url())
        assert inner.requests == []
        if host in ("127.0.0.1", "localhost"):
            allowed = ["127.0.0.0/8"]
            assert (
                await ask(place, seconds=30, most=100, named="http://a.example/", allow_private=allowed)
            ).status == 200


async def test_an_answer_that_does_not_end_is_cut() -> None:
    async with ConnectionServer(endless) as server:
        with pytest.raises(ServiceError, match="longer than 50000 bytes"):
            await ask(server.url(), seconds=30, most=50_000)


async def test_a_service_that_does_not_answer_in_time() -> None:
    async with ConnectionServer(silent) as server:
        with pytest.raises(ServiceError, match=r"no answer within 0\.2 s"):
            await ask(server.url(), seconds=0.2, most=100)
