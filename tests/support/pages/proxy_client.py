"""Requests to a capture proxy, written by hand as a browser writes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from crawler.net.guard import CaptureProxy, Guard
from detector.config import CaptureConfig
from tests.support.pages.sites import quick


@asynccontextmanager
async def capture_proxy(config: CaptureConfig | None = None) -> AsyncIterator[CaptureProxy]:
    """A capture proxy of a guard with ``config``."""
    async with Guard(config or quick()).capture_proxy() as opened:
        yield opened


async def ask(proxy: CaptureProxy, request: str) -> bytes:
    """Everything that comes back for a raw request, until the proxy closes the connection."""
    parts = urlsplit(proxy.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(request.encode("latin-1"))
        await writer.drain()
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def get(url: str) -> str:
    """A plain request for ``url``, as a browser sends it to a proxy."""
    return f"GET {url} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nConnection: close\r\nProxy-Connection: close\r\nX-Own: 1\r\n\r\n"


def connect(where: str) -> str:
    """A request for a tunnel to ``where`` (``host:port``)."""
    return f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n\r\n"
