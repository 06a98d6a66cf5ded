"""Pages of the year that fight back, one of each kind of trouble that crawls meet; the tests of captures know many more."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from functools import cache

SEEN = b"<!doctype html><title>A page</title><h1>seen</h1>"
DRIPS = 400
"""Pieces of a body without end, one every tenth of a second."""
FOREVER = 86_400.0
"""Seconds of silence; longer than anybody waits."""
TALL = 200_000
"""CSS pixels of a page that is high."""

Trouble = Callable[[asyncio.StreamWriter, str], Awaitable[bool]]
"""Answers a request for a path; False where the connection ends with it."""


def page(code: str) -> Trouble:
    """A page that shows something and then runs ``code``."""
    body = SEEN + f"<script>{code}</script>".encode()

    async def serve(writer: asyncio.StreamWriter, path: str) -> bool:
        return _send(writer, body if path == "/" else b"")

    return serve


async def silence(writer: asyncio.StreamWriter, path: str) -> bool:
    """Take the request, and never answer."""
    await asyncio.sleep(FOREVER)
    return False


async def reset(writer: asyncio.StreamWriter, path: str) -> bool:
    """Hang up on whoever asks."""
    writer.transport.abort()
    return False


async def circle(writer: asyncio.StreamWriter, path: str) -> bool:
    """A redirect to the next page of an endless row."""
    turn = int(path.rpartition("/")[2] or 0)
    return _send(writer, b"", "302 Found", f"Location: /turn/{turn + 1}")


async def endless(writer: asyncio.StreamWriter, path: str) -> bool:
    """A document that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + SEEN)
    for _ in range(DRIPS):
        writer.write(b"<p>more</p>" * 100)
        await writer.drain()
        await asyncio.sleep(0.1)
    return False


async def bomb(writer: asyncio.StreamWriter, path: str) -> bool:
    """A small answer that is large once it is unpacked."""
    return _send(writer, _packed(), "200 OK", "Content-Encoding: gzip")


async def asks_password(writer: asyncio.StreamWriter, path: str) -> bool:
    """HTTP's own question for a password."""
    return _send(writer, SEEN, "401 Unauthorized", 'WWW-Authenticate: Basic realm="Your bank"')


async def download(writer: asyncio.StreamWriter, path: str) -> bool:
    """A file to keep, where a page should be."""
    return _send(writer, b"MZ" + bytes(5000), "200 OK", "Content-Disposition: attachment; filename=invoice.exe")


@cache
def _packed() -> bytes:
    """A hundred megabytes in a hundred kilobytes; made by whoever serves them, and by nobody who only imports this."""
    return gzip.compress(SEEN + b" " * 100_000_000)


KINDS: tuple[Trouble, ...] = (
    page("while (true) alert('Call support')"),
    page("for (;;);"),
    page("setInterval(() => { for (let n = 0; n < 200; n++) history.pushState({}, '', '?' + Math.random()) }, 1)"),
    page("for (let n = 0; n < 20; n++) window.open('/', '_blank')"),
    page(f"document.body.style.height = '{TALL}px'"),
    page("const kept = []; setInterval(() => kept.push(new Uint8Array(2e7).fill(1)), 5)"),
    page("setInterval(() => location.href = '/?' + Math.random(), 50)"),
    page("onbeforeunload = () => 'stay'; document.documentElement.requestFullscreen?.(); print()"),
    page("for (let n = 0; n < 3000; n++) document.body.append(document.createElement('iframe'))"),
    silence,
    reset,
    circle,
    endless,
    bomb,
    asks_password,
    download,
)


def _send(writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", more: str = "") -> bool:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + (f"{more}\r\n" if more else "").encode() + b"\r\n" + body)
    return True
