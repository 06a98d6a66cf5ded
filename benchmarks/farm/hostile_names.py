"""Hostile front pages for names that a probe looks at: what each server does with a connection.

The behaviours are functions of a connection whose request has been read; a name's place in the list decides which one it gets.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from crawler.loopback.connections import HEAD_END, ConnectionServer
from crawler.loopback.nameserver import NameServer, Zone
from crawler.loopback.web import LOOPBACK

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]
PAGE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
NESTED = b"<label for=a>" * 250 + b"<i></i>" * 200_000 + b"</label>" * 250
BIG_PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00" + zlib.crc32(
    b"IHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00"
).to_bytes(4, "big")


def says(*pieces: bytes, pause: float = 0.0, rounds: int = 1) -> Behaviour:
    """Write pieces, ``rounds`` times over, with ``pause`` seconds after each."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        for _ in range(rounds):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)

    return behave


def page(body: bytes, head: bytes = b"") -> Behaviour:
    """Answer with a document and further lines of its head."""
    return says(PAGE_HEAD + head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def moved(target: bytes) -> Behaviour:
    """Answer with a redirect."""
    return says(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n")


async def silence(_: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection without a word."""
    writer.transport.abort()


BEHAVIOURS: dict[str, Behaviour] = {
    "silence": silence,
    "reset": reset,
    "drip": says(PAGE_HEAD + b"\r\n", *[b"<p>"] * 100_000, pause=0.5),
    "head without end": says(b"HTTP/1.1 200 OK\r\n", *[b"X-A: " + b"a" * 4000 + b"\r\n"] * 5000),
    "body without end": says(PAGE_HEAD + b"\r\n", b"<p>" + b"x" * 60_000, rounds=20_000),
    "no HTTP": says(bytes(range(256)) * 40),
    "interim answers without end": says(b"HTTP/1.1 100 Continue\r\n\r\n", rounds=100_000),
    "status of letters": says(b"HTTP/1.1 OK\r\n\r\n"),
    "chunk of a negative size": says(PAGE_HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n"),
    "chunk of a great size": says(PAGE_HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc"),
    "two lengths": says(PAGE_HEAD + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"),
    "gzip bomb": page(gzip.compress(b" " * 50_000_000), b"Content-Encoding: gzip\r\n"),
    "gzip in gzip": page(gzip.compress(gzip.compress(b"a" * 20_000_000)), b"Content-Encoding: gzip, gzip\r\n"),
    "gzip that breaks off": page(gzip.compress(b"abc" * 9000)[:-20], b"Content-Encoding: gzip\r\n"),
    "no such encoding": page(b"abc", b"Content-Encoding: zstd, br, x\r\n"),
    "redirect to itself": moved(b"/"),
    "redirect inward": moved(b"http://127.0.0.1:22/"),
    "redirect to a file": moved(b"file:///etc/passwd"),
    "redirect to no address": moved(b"http://[::1/%ff"),
    "refresh to itself": page(b"<meta http-equiv=refresh content='0;url=/'>"),
    "labels around many elements": page(gzip.compress(NESTED), b"Content-Encoding: gzip\r\n"),
    "deep nesting": page(b"<div>" * 300_000),
    "many attributes": page(b"<p " + b"a=b " * 300_000 + b">"),
    "many icons": page(b"".join(b"<link rel=icon href=/%d.png>" % number for number in range(5000))),
    "charset of nobody": page(b"\xff\xfe\x00" * 9000, b"Content-Type: text/html; charset=x-nobody\r\n"),
    "entities": page(b"&#x110000;&#xd800;&" * 50_000),
    "comment without end": page(b"<!--" + b"-" * 2_000_000),
    "wide picture": page(BIG_PICTURE, b"Content-Type: image/png\r\n"),
}
"""Conduct of a server once it has read the head of a request, by name."""


@asynccontextmanager
async def serving(names: dict[str, str], documents: dict[str, bytes]) -> AsyncIterator[tuple[int, str]]:
    """Serve names with a behaviour each, and ordinary documents by host; yields the port and the name server's address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(HEAD_END)
        lines = head.decode("latin-1").split("\r\n")
        host = next((line[5:].strip() for line in lines if line.lower().startswith("host:")), "").partition(":")[0]
        if host in documents:
            await page(documents[host])(writer)
        elif host in names:
            await BEHAVIOURS[names[host]](writer)

    zone = Zone(addresses={host: [LOOPBACK] for host in (*names, *documents)})
    async with ConnectionServer(answer, backlog=4096) as web:
        with NameServer(zone.answer) as resolver:
            yield web.port, resolver.address
