"""Serves the farm's pages by host, with the name server that knows its names, from a process of its own.

The pages come from one asyncio loop: at hundreds of connections a second, a thread for each would slow down what is measured.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from benchmarks.farm.pages import Page
from crawler.loopback.connections import ConnectionServer, read_request, response_bytes
from crawler.loopback.nameserver import NameServer, Zone
from crawler.loopback.web import LOOPBACK, NOT_FOUND, Request, Response


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
    zone = Zone(addresses={host: [LOOPBACK] for host in pages})

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            writer.write(response_bytes(_response(pages, request)))
            await writer.drain()

    async with ConnectionServer(answer, backlog=4096) as web:
        with NameServer(zone.answer) as names:
            pipe.send((web.port, names.address))
            await asyncio.Event().wait()


def _response(pages: dict[str, Page], request: Request) -> Response:
    page = pages.get(request.host)
    if page is not None and request.path == "/":
        return Response(page.body, page.status, "text/html")
    if page is not None and request.path in page.files:
        return Response(page.files[request.path], media_type="application/octet-stream")
    return NOT_FOUND
