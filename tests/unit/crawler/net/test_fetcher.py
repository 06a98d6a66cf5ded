"""Bounds of the fetcher for logs and lists: by the bytes that were sent, and by what they unpack to."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from crawler.loopback.web import Request, Response, WebServer
from crawler.net.fetcher import FetchError, PatientFetcher
from crawler.net.outward import OutwardRules

MOST = 10_000
BODIES = {
    "/small": b"x" * MOST,
    "/long": b"x" * (MOST + 1),
    "/packed": gzip.compress(b"x" * MOST),
    "/bomb": gzip.compress(b'{"operators":[' + b"{}," * 1_000_000),
    "/twice": gzip.compress(gzip.compress(b"x" * (MOST + 1))),
}


@pytest.fixture
def server() -> Iterator[WebServer]:
    def respond(request: Request) -> Response:
        return Response(BODIES[request.path])

    with WebServer(respond) as running:
        yield running


async def test_an_answer_is_bounded_as_sent_and_as_unpacked(server: WebServer) -> None:
    rules = OutwardRules(server.url("/"))
    async with PatientFetcher(rules, at_once=1, patience_seconds=0.0, seconds=60.0, user_agent="test") as fetcher:
        for path in ("/small", "/packed"):
            assert await fetcher.get(server.url(path), MOST) == b"x" * MOST
        for path in ("/long", "/bomb", "/twice"):
            with pytest.raises(FetchError, match="10000 bytes"):
                await fetcher.get(server.url(path), MOST)
        assert await fetcher.get(server.url("/long"), MOST + 1) == b"x" * (MOST + 1)
