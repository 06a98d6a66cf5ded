"""Requests to services, against a real server: bounded in bytes, time and redirects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from crawler.net.bounded_http import ServiceError, ask

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def echo(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    return web.Response(body=request.method.encode() + b" " + body, content_type="text/x-said")


async def to_next(request: web.Request) -> web.StreamResponse:
    number = int(request.path.strip("/") or 0)
    return web.Response(status=302, headers={"Location": f"/{number + 1}"}) if number < 3 else await echo(request)


async def to_file(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "file:///etc/passwd"})


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 10_000)


async def test_an_answer_with_its_kind() -> None:
    async with serving(echo) as url:
        got = await ask(url, seconds=30, most=100)
        sent = await ask(url, seconds=30, most=100, data=b"question", headers={"Content-Type": "a/b"})
    assert (got.status, got.body, got.media_type, got.problem()) == (200, b"GET ", "text/x-said", "")
    assert sent.body == b"POST question"


async def test_redirects_are_followed_as_often_as_allowed() -> None:
    async with serving(to_next) as url:
        assert (await ask(url, seconds=30, most=100, redirects=3)).status == 200
        assert (await ask(url, seconds=30, most=100)).status == 302
        with pytest.raises(ServiceError, match="redirects more than 2 times"):
            await ask(url, seconds=30, most=100, redirects=2)
    async with serving(to_file) as url:
        with pytest.raises(ServiceError, match="is not an http or https address"):
            await ask(url, seconds=30, most=100, redirects=2)


async def test_an_answer_that_does_not_end_is_cut() -> None:
    async with serving(endless) as url:
        with pytest.raises(ServiceError, match="longer than 50000 bytes"):
            await ask(url, seconds=30, most=50_000)


async def test_a_service_that_does_not_answer_in_time() -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(silent) as url:
        with pytest.raises(ServiceError, match=r"no answer within 0\.2 s"):
            await ask(url, seconds=0.2, most=100)
