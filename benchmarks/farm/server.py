"""Serves the farm: one process, plain asyncio, with the name server that knows its names."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import cast

from benchmarks.farm.pages import Page

LOOPBACK = "127.0.0.1"
_A, _NO_ERROR, _NO_SUCH_NAME = 1, 0, 3


@contextmanager
def served(pages: dict[str, Page]) -> Iterator[tuple[int, str]]:
    """Serve pages by host name; yields the port, and ``ADDRESS:PORT`` of the name server."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    ours.send(pages)
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _run(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    pages: dict[str, Page] = pipe.recv()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Web(pages), LOOPBACK, 0, backlog=4096)
    names, _ = await loop.create_datagram_endpoint(lambda: _Names(pages), local_addr=(LOOPBACK, 0))
    pipe.send((server.sockets[0].getsockname()[1], f"{LOOPBACK}:{names.get_extra_info('sockname')[1]}"))
    await server.serve_forever()


class _Web(asyncio.Protocol):
    """HTTP/1.1, one request after the other."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self._pages = pages
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            path = lines[0].split(b" ")[1].decode("latin-1").partition("?")[0]
            host = next((line[5:].strip() for line in lines[1:] if line[:5].lower() == b"host:"), b"")
            self._transport.write(self._answer(host.partition(b":")[0].decode("latin-1"), path))

    def _answer(self, host: str, path: str) -> bytes:
        page = self._pages.get(host)
        status, body, kind = 404, b"<!doctype html><title>Not found</title>", b"text/html"
        if page is not None and path == "/":
            status, body = page.status, page.body
        elif page is not None and path in page.files:
            status, body, kind = 200, page.files[path], b"application/octet-stream"
        return b"HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (status, kind, len(body), body)


class _Names(asyncio.DatagramProtocol):
    """DNS (RFC 1035): the farm's names are on this machine, all others do not exist."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self._pages = pages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode("latin-1").lower())
            at += 1 + data[at]
        question = data[12 : at + 5]
        known = ".".join(labels) in self._pages
        answers = known and int.from_bytes(data[at + 1 : at + 3], "big") == _A
        flags = 0x8580 | (_NO_ERROR if known else _NO_SUCH_NAME)
        head = data[:2] + flags.to_bytes(2, "big") + b"\0\1" + (b"\0\1" if answers else b"\0\0") + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if answers else b""
        self._transport.sendto(head + question + record, addr)
