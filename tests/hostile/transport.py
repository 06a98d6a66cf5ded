"""Servers that break TLS, HTTP/2 or the connection itself; HTTP/2 is spoken in raw frames (RFC 9113)."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from crawler.loopback.connections import ConnectionHandler, ConnectionServer
from tests.hostile.kind import SEEN, Kind, html
from tests.support.pages.sites import Site, page, self_signed

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0x0, 0x1, 0x3, 0x4, 0x6, 0x7
END_HEADERS = 0x4
INTERNAL_ERROR, ENHANCE_YOUR_CALM, REFUSED_STREAM = 0x2, 0xB, 0x7
_OK_HTML = b"\x88\x5f\x09text/html"
"""HPACK: ``:status: 200`` and ``content-type`` are in the static table (RFC 7541, appendix A)."""


def frame(kind: int, stream: int, payload: bytes = b"", flags: int = 0) -> bytes:
    """One HTTP/2 frame."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


async def _requests(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[int]:
    """Stream numbers of the requests that come in."""
    await reader.readexactly(24)
    writer.write(frame(SETTINGS, 0))
    while True:
        head = await reader.readexactly(9)
        await reader.readexactly(int.from_bytes(head[:3], "big"))
        if head[3] == HEADERS:
            yield int.from_bytes(head[5:], "big")


async def _h2_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for stream in _requests(reader, writer):
        writer.write(frame(RST_STREAM, stream, struct.pack(">I", INTERNAL_ERROR)))


async def _h2_refused(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for stream in _requests(reader, writer):
        writer.write(frame(RST_STREAM, stream, struct.pack(">I", REFUSED_STREAM)))


async def _h2_goaway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for _ in _requests(reader, writer):
        writer.write(frame(GOAWAY, 0, struct.pack(">II", 0, ENHANCE_YOUR_CALM)))
        return


async def _h2_cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for stream in _requests(reader, writer):
        writer.write(frame(HEADERS, stream, _OK_HTML, END_HEADERS) + frame(DATA, stream, page(SEEN)))
        await writer.drain()
        await asyncio.sleep(1)  # part of what the page does: the browser has shown it by then
        writer.write(frame(RST_STREAM, stream, struct.pack(">I", INTERNAL_ERROR)))


async def _h2_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for _ in _requests(reader, writer):
        while True:
            writer.write(frame(PING, 0, bytes(8)) * 500)
            await writer.drain()


async def _no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\nno TLS here")


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with RST
    writer.transport.abort()


HANDLERS: dict[str, tuple[ConnectionHandler, bool]] = {
    "h2-reset": (_h2_reset, True),
    "h2-refused": (_h2_refused, True),
    "h2-goaway": (_h2_goaway, True),
    "h2-cut": (_h2_cut, True),
    "h2-flood": (_h2_flood, True),
    "no-tls": (_no_tls, False),
    "tls-silence": (_silent, False),
    "tls-reset": (_reset, False),
}
"""By server: who answers, and whether over TLS with HTTP/2."""


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[dict[str, str]]:
    """The base address of every server of this file, by name."""
    async with AsyncExitStack() as stack:
        addresses = {}
        context = self_signed(folder)
        context.set_alpn_protocols(["h2"])
        for name, (handler, tls) in HANDLERS.items():
            server = ConnectionServer(handler, tls=context if tls else None)
            addresses[name] = f"https://127.0.0.1:{(await stack.enter_async_context(server)).port}"
        for name, made in (("expired", _expired(folder)), ("self-signed", self_signed(folder))):
            site = await stack.enter_async_context(
                Site({"/": html(), f"/{name}-certificate/": html()}).serving(tls=made)
            )
            addresses[name] = site.url("", scheme="https")
        yield addresses


def _expired(folder: Path) -> ssl.SSLContext:
    return self_signed(folder, days=-1)


KINDS = (
    Kind(name="expired-certificate", does="shows a certificate that has expired", server="expired"),
    Kind(name="self-signed-certificate", does="shows a certificate that nobody vouches for", server="self-signed"),
    Kind(
        name="no-tls", does="does not speak TLS on its TLS port", server="no-tls", outcomes=("tls_error",), seen=False
    ),
    Kind(
        name="tls-silence",
        does="never answers the TLS handshake",
        server="tls-silence",
        outcomes=("timeout",),
        seen=False,
    ),
    Kind(
        name="tls-reset",
        does="resets the connection in the handshake",
        server="tls-reset",
        outcomes=("failed",),
        seen=False,
    ),
    Kind(name="h2-reset", does="resets every HTTP/2 stream", server="h2-reset", outcomes=("failed",), seen=False),
    Kind(name="h2-refused", does="refuses every HTTP/2 stream", server="h2-refused", outcomes=("failed",), seen=False),
    Kind(
        name="h2-goaway",
        does="ends every HTTP/2 connection (GOAWAY)",
        server="h2-goaway",
        outcomes=("failed",),
        seen=False,
    ),
    Kind(name="h2-cut", does="resets the HTTP/2 stream in the middle of the page", server="h2-cut"),
    Kind(
        name="h2-flood",
        does="floods the HTTP/2 connection with pings",
        server="h2-flood",
        outcomes=("failed", "oversize", "timeout"),
        seen=False,
    ),
)
