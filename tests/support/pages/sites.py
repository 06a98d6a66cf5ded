"""Local web servers with good, bad and vicious pages, for the capture's tests; everything is our own writing."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image

from crawler.browser.browser_program import find_browser
from crawler.loopback.connections import ConnectionServer
from detector.config import CaptureConfig
from detector.errors import BrowserMissing

BAIT_ADDRESS = "127.0.0.2"
"""Loopback too, but outside the block that the tests allow."""


def browser_is_missing() -> bool:
    """Tell whether no Chromium can be found here."""
    try:
        find_browser()
    except BrowserMissing:
        return True
    return False


needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(browser_is_missing(), reason="no Chromium here: make setup installs one"),
]


def quick(**changes: object) -> CaptureConfig:
    """A configuration for tests: short limits, 127.0.0.1 and nothing else of loopback let through."""
    values: dict[str, object] = {
        "slots": 2,
        "total_seconds": 9.0,
        "navigation_seconds": 4.0,
        "settle_seconds": 0.3,
        "allow_private": ("127.0.0.1/32",),
    }
    return CaptureConfig(**{**values, **changes})  # type: ignore[arg-type]


def png(colour: str = "red", size: tuple[int, int] = (40, 40)) -> bytes:
    """A picture of one colour."""
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "PNG")
    return output.getvalue()


def page(body: str, *, title: str = "A page", head: str = "") -> bytes:
    """An HTML document."""
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body>{body}</body></html>'.encode()
    )


def answer(
    body: bytes, *, status: str = "200 OK", media_type: str = "text/html; charset=utf-8", **headers: str
) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


Route = bytes | Callable[[str, asyncio.StreamWriter], Awaitable[None]]


class Site:
    """A web server whose pages are given as bytes, or as a coroutine that gets the path and the raw connection."""

    def __init__(self, routes: dict[str, Route]) -> None:
        self.routes = routes
        self.hits: Counter[str] = Counter()
        self.heads: list[str] = []
        self.port = 0
        self.tasks: set[asyncio.Task[None]] = set()
        """Connections that are being served, those of routes that hang included."""

    def url(self, path: str = "/", *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        """Address of a page."""
        return f"{scheme}://{host}:{self.port}{path}"

    @asynccontextmanager
    async def serving(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
        """Serve on a free port until left; ends what still hangs."""
        async with ConnectionServer(self._serve, address=address, tls=tls) as server:
            self.port, self.tasks = server.port, server.tasks
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = head.split(" ", 2)[1]
        self.heads.append(head)
        self.hits[target] += 1
        route = self.routes.get(target.partition("?")[0], answer(page("nothing here"), status="404 Not Found"))
        if isinstance(route, bytes):
            writer.write(route)
            await writer.drain()
        else:
            await route(target, writer)


class Bait:
    """Counts who connects (TCP) or sends anything (UDP) to a place that no page may reach."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    @asynccontextmanager
    async def listening(self, address: str = BAIT_ADDRESS) -> AsyncIterator[Bait]:
        """Listen on a free port, TCP and UDP alike, until left."""
        bait = self

        class Datagrams(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                bait.visits += 1

        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.visits += 1
            writer.write(answer(page("<h1>internal secret</h1>")))

        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            for _ in range(20):  # a port that is free for TCP and UDP alike
                transport, _ = await loop.create_datagram_endpoint(Datagrams, local_addr=(address, 0))
                stack.callback(transport.close)
                self.port = transport.get_extra_info("sockname")[1]
                try:
                    await stack.enter_async_context(ConnectionServer(count, address=address, port=self.port))
                    break
                except OSError:
                    transport.close()
            else:
                raise RuntimeError(f"no port of {address} is free for TCP and UDP alike")
            yield self


def self_signed(folder: Path, name: str = "127.0.0.1", *, days: int = 30) -> ssl.SSLContext:
    """A server's TLS context with a certificate that nobody vouches for; negative ``days``: it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=60))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
