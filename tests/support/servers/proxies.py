"""Real proxies on 127.0.0.1, HTTP CONNECT and SOCKS5, that ask for a password or refuse when told to."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

from crawler.loopback.connections import ConnectionServer

Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Relays to wherever it is asked; remembers where."""

    def __init__(self, *, user: str = "", password: str = "", refusal: bytes = b"") -> None:
        """``refusal``: the status line of HTTP, or the one byte of SOCKS5, with which everything is refused."""
        self.asked: list[str] = []
        self.port = 0
        self._pair = f"{user}:{password}" if user else ""
        self._refusal = refusal

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Proxy]:
        """Serve on a free port until left."""
        async with ConnectionServer(self._serve) as server:
            self.port = server.port
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        target = head.split(" ")[1]
        self.asked.append(target)
        if self._pair and f"Basic {b64encode(self._pair.encode()).decode()}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
        elif self._refusal:
            writer.write(b"HTTP/1.1 " + self._refusal + b"\r\n\r\n")
        else:
            host, port = target.rsplit(":", 1)
            inner = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await _relay((reader, writer), inner)

    def url(self, scheme: str = "http", pair: str = "") -> str:
        """Its address, with a user and a password."""
        return f"{scheme}://{pair + '@' if pair else ''}127.0.0.1:{self.port}"


class SocksProxy(Proxy):
    """The same with SOCKS5 (RFC 1928, RFC 1929)."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        wanted = 2 if self._pair else 0
        if wanted not in methods:
            writer.write(b"\x05\xff")
            return
        writer.write(bytes([5, wanted]))
        if wanted:
            _, length = await reader.readexactly(2)
            user = await reader.readexactly(length)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            good = user + b":" + password == self._pair.encode()
            writer.write(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return
        _, _, _, kind = await reader.readexactly(4)
        address = ip_address(await reader.readexactly(4 if kind == 1 else 16))
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"{address}:{port}")
        if self._refusal:
            writer.write(b"\x05" + self._refusal + b"\x00\x01" + bytes(6))
            return
        inner = await asyncio.open_connection(str(address), port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await _relay((reader, writer), inner)


async def _relay(one: Pipe, other: Pipe) -> None:
    async def half(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.write_eof()

    try:
        await asyncio.gather(half(one[0], other[1]), half(other[0], one[1]))
    finally:
        other[1].close()
