"""A page in the browser that sends to somebody else's server: not a byte more than a capture may, whichever way it takes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import suppress

import pytest

from crawler.capture.capturer import Capturer
from crawler.loopback.connections import ConnectionServer
from detector.evidence import Evidence
from tests.support.pages.sites import Site, answer, needs_browser, page, quick

pytestmark = needs_browser
BOUND = 300_000
"""Bytes a capture may send and receive; each page tries to send at least three times as much."""
PIECE = 50_000
WAYS = {
    "fetch": "for (let n = 0; n < 60; n++) fetch(URL + n, {method: 'POST', mode: 'no-cors', body: piece}).catch(() => 0)",
    "one large fetch": "fetch(URL, {method: 'POST', mode: 'no-cors', body: piece.repeat(60)}).catch(() => 0)",
    "XHR": "for (let n = 0; n < 60; n++) { const x = new XMLHttpRequest(); x.open('POST', URL + n); x.send(piece) }",
    "beacons": "let n = 0; setInterval(() => n++ < 60 && navigator.sendBeacon(URL + n, piece), 10)",
    "pictures": "for (let n = 0; n < 300; n++) new Image().src = URL + n + '?' + piece.slice(0, 10000)",
    "a websocket": "const w = new WebSocket(SOCKET); w.onopen = () => { for (let n = 0; n < 60; n++) w.send(piece) }",
    "a worker": """new Worker(URL_OF('for (let n = 0; n < 60; n++) fetch("' + URL + '" + n, '
        + '{method: "POST", mode: "no-cors", body: "x".repeat(50000)}).catch(() => 0)'))""",
    "forms in frames": """for (let n = 0; n < 20; n++) {
        const frame = document.createElement('iframe'), form = document.createElement('form');
        const field = document.createElement('textarea');
        [frame.name, form.target, form.method, form.action] = ['f' + n, 'f' + n, 'post', URL + n];
        [field.name, field.value] = ['x', piece];
        form.append(field); document.body.append(frame, form); form.submit();
    }""",
}  # fmt: skip
"""Scripts that send; ``piece`` is a text of 50,000 characters."""


class Sink:
    """Somebody else's server: it takes all that is sent, and answers requests and websocket handshakes."""

    def __init__(self) -> None:
        self.received = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.received += len(head)
                headers = {name.lower(): value.strip() for name, _, value in map(split, head.split(b"\r\n")[1:])}
                if b"sec-websocket-key" in headers:
                    writer.write(accepted(headers[b"sec-websocket-key"]))
                    await self._take(reader, 1 << 40)
                await self._take(reader, int(headers.get(b"content-length", 0)))
                writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")

    async def _take(self, reader: asyncio.StreamReader, size: int) -> None:
        while size > 0 and (data := await reader.read(min(size, 65_536))):
            self.received += len(data)
            size -= len(data)


def split(line: bytes) -> tuple[bytes, bytes, bytes]:
    return line.partition(b":")


def accepted(key: bytes) -> bytes:
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )


@pytest.mark.ordeal
@pytest.mark.parametrize("way", WAYS)
async def test_a_page_sends_no_more_than_its_capture_may(way: str) -> None:
    sink = Sink()
    async with ConnectionServer(sink.serve) as server:
        setup = (
            f"const URL = '{server.url('/')}', SOCKET = URL.replace('http', 'ws'), piece = 'x'.repeat({PIECE});"
            "const URL_OF = text => window.URL.createObjectURL(new Blob([text]));"
        )
        site = Site({"/": answer(page(f"<h1>sends</h1><script>{{{setup}{WAYS[way]}}}</script>"))})
        async with (
            site.serving(),
            Capturer(quick(max_total_bytes=BOUND, settle_seconds=2.0), Evidence("memory://sends")) as capturer,
        ):
            capture = await capturer.capture(site.url("/"))
    assert 0 < sink.received <= BOUND, (capture.outcome, capture.note)
