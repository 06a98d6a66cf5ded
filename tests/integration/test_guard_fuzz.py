"""Random input to the guard: it ends the connection in time, connects to no private address, and serves the next client."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from urllib.parse import urlsplit

import pytest

from crawler.net.guard import CaptureProxy, Guard
from tests.support.pages.sites import Site, answer, quick

pytestmark = pytest.mark.ordeal

PIECES = (
    b"GET", b"CONNECT", b"POST", b"\0", b" ", b"\t", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"HTTP/1.1", b"HTTP/9.9", b"HTTP/1.0",
    b"http://", b"https://", b"ftp://", b"file:///etc/passwd", b"//", b"*", b":", b":80", b":99999", b":-1", b"@", b"%00",
    b"BAIT", b"[::1]", b"[::ffff:127.0.0.1]", b"[", b"2130706433", b"0x7f.1", b"017700000001", b"localhost", b"127.1",
    b"Host: ", b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 9999999999999999999999",
    b"Transfer-Encoding: chunked", b"ffffffffffffffff\r\n", b"0\r\n\r\n", b"-5\r\n", b"Connection: keep-alive", b"Upgrade: x",
    b"Expect: 100-continue", b"\xff\xfe", b"\xe2\x80\xae", b"x" * 5000, b"A: b\r\n" * 300, b" continued\r\n",
)  # fmt: skip
MESSAGES = 300
PATIENCE_SECONDS = 0.3
AT_ONCE = 30


def messages() -> Iterator[bytes]:
    """The same ones on each run: from nonsense to requests with a single flaw."""
    chance = random.Random(20261124)
    for number in range(MESSAGES):
        if number % 3 == 0:
            yield chance.randbytes(chance.randrange(1, 3000))
        elif number % 3 == 1:
            yield b"".join(chance.choices(PIECES, k=chance.randrange(1, 25)))
        else:
            request = bytearray(b"GET http://BAIT/x HTTP/1.1\r\nHost: BAIT\r\nConnection: close\r\n\r\n")
            for _ in range(chance.randrange(1, 4)):
                at = chance.randrange(len(request))
                request[at : at + chance.randrange(3)] = chance.choice(PIECES)
            yield bytes(request)


def batched(source: Iterable[bytes]) -> Iterator[list[bytes]]:
    """So many at a time."""
    left = iter(source)
    while some := list(islice(left, AT_ONCE)):
        yield some


async def send(gate: CaptureProxy, message: bytes) -> bytes:
    """Return the bytes that come back until the guard ends the connection, which it must once nothing more is to come."""
    parts = urlsplit(gate.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    answered = asyncio.create_task(reader.read())
    try:
        with suppress(ConnectionError):
            writer.write(message)
            # a browser that has said its last word has gone away, so that an answer is waited for before
            await asyncio.wait([answered], timeout=PATIENCE_SECONDS)
            writer.write_eof()
        async with asyncio.timeout(20):
            with suppress(ConnectionError):
                return await answered
    finally:
        answered.cancel()
        writer.transport.abort()
    return b""


@pytest.mark.parametrize("inward", [False, True], ids=["bait", "allowed"])
async def test_nonsense_ends_and_leads_nowhere(inward: bool) -> None:
    site = Site({"/x": answer(b"inside"), "/after": answer(b"after")})
    async with site.serving():
        where = f"127.0.0.1:{site.port}"
        config = quick() if inward else quick(allow_private=())
        async with Guard(config).capture_proxy() as gate:
            for some in batched(messages()):
                await asyncio.gather(*(send(gate, message.replace(b"BAIT", where.encode())) for message in some))
            after = await send(
                gate, f"GET http://{where}/after HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n".encode()
            )
    if inward:
        assert after.endswith(b"after")
        # some of them were whole enough to get through, so that the others are near the mark
        assert site.hits["/x"] > 0
    else:
        assert after.startswith(b"HTTP/1.1 502 ")
        assert sum(site.hits.values()) == 0


async def test_silent_and_stalling_clients_do_not_delay_others() -> None:
    site = Site({"/": answer(b"here")})
    async with site.serving(), Guard(quick()).capture_proxy() as gate:
        parts = urlsplit(gate.address)
        silent = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(50)]
        for _, writer in silent[::2]:
            writer.write(b"GET http://127.0.0.1:")
        url = site.url("/")
        assert (await send(gate, f"GET {url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())).endswith(
            b"here"
        )
        for _, writer in silent:
            writer.transport.abort()
