"""Downloads, against real servers: bounded in bytes, redirects, tries and time."""

from __future__ import annotations

import asyncio

import pytest

from crawler.loopback.connections import ConnectionServer
from crawler.loopback.web import Request, Response, WebServer
from crawler.net.outward import DownloadLimits, OutwardRules, ServiceError
from crawler.net.outward.download import download

LIMITS = DownloadLimits(1000, 30.0)
Facts = tuple[int, bytes, bool, str]


async def got(url: str, limits: DownloadLimits = LIMITS) -> Facts:
    async with download(url, {"X-Said": "1"}, limits, OutwardRules(url)) as answer:
        return answer.status, answer.body.read(), answer.cut, answer.broken


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (Response(b"short"), (200, b"short", False, "")),
        (Response(b"x" * 1000), (200, b"x" * 1000, False, "")),
        (Response(b"x" * 1001), (200, b"x" * 1000, True, "")),
        (Response(b"half", claimed_length=8), (200, b"half", False, "the connection ended too early")),
        (Response(status=404), (404, b"", False, "")),
        (Response(status=204), (204, b"", False, "")),
    ],
)
async def test_answers(response: Response, expected: Facts) -> None:
    with WebServer(lambda _: response) as server:
        assert await got(server.url()) == expected
    assert [request.headers["x-said"] for request in server.requests] == ["1"]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_once_more(status: int) -> None:
    answers = [
        Response(b"busy, and longer", status),
        Response(b"good"),
        Response(b"busy", status),
        Response(b"end", status),
    ]
    with WebServer(lambda _: answers.pop(0)) as server:
        assert await got(server.url()) == (200, b"good", False, "")
        assert await got(server.url()) == (status, b"end", False, "")


async def test_a_server_that_closes_the_connection_is_asked_once_more() -> None:
    answers: list[Response | None] = [None, Response(b"good"), None, None]
    with WebServer(lambda _: answers.pop(0)) as server:
        assert (await got(server.url()))[1] == b"good"
        with pytest.raises(ServiceError):
            await got(server.url())


async def test_redirects_up_to_a_limit() -> None:
    def onward(request: Request) -> Response:
        return Response(status=302, headers={"Location": f"/{int(request.path[1:]) + 1}"})

    with WebServer(onward) as server:
        with pytest.raises(ServiceError, match="redirects more than 5 times"):
            await got(server.url("/0"))
        assert len(server.requests) == 6


async def trickling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\nbegun\n")
    await asyncio.Event().wait()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def test_an_answer_without_end_is_kept_as_far_as_it_came() -> None:
    limits = DownloadLimits(1000, 2.0, retries=0)
    async with ConnectionServer(trickling) as server:
        assert await got(server.url(), limits) == (200, b"begun\n", False, "it did not end within 2 s")
    async with ConnectionServer(silent) as server:
        with pytest.raises(ServiceError, match="no answer within 2 s"):
            await got(server.url(), limits)
