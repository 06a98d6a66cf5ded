"""HTTP/1.1 client for probes without a browser: connects only to addresses that the guard allows, bounded in bytes and time.

No page can make requests of its own here, so there is no proxy in between; the dialer's rules are the same as those of every
capture proxy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from crawler.net.guard import http_heads
from crawler.net.guard.addresses import Address
from crawler.net.guard.byte_stream import ByteStream
from crawler.net.guard.dialer import GuardedDialer
from crawler.net.guard.http_heads import BadHeadError, MessageHead
from crawler.net.guard.insecure_tls import unverified_context
from crawler.net.guard.request_head import host_header, request_head, request_target
from crawler.net.guard.time_budget import TimeBudget
from crawler.net.guard.traffic_ledger import FailureError, FailureKind
from crawler.net.guard.upstream_proxy import UpstreamProxy

Origin = tuple[bool, str, int]
"""TLS or not, host, port."""
_CHUNK_LINE = 4096


@dataclass(frozen=True, slots=True)
class HttpReply:
    """The answer to one request."""

    status: int
    headers: http_heads.Headers
    body: bytes
    cut: bool
    """The body is incomplete: it is longer than was read, or the server closed the connection before its end."""
    address: str


class GuardedHttpClient:
    """Sends GET requests, for one task; an async context manager.  Keeps the last connection open for the same origin."""

    def __init__(
        self,
        dialer: GuardedDialer,
        *,
        seconds: float,
        upstream: UpstreamProxy | None = None,
        budget: TimeBudget | None = None,
    ) -> None:
        """``seconds`` bound one answer, from the request to the last byte that is read of it; ``budget`` bounds all together."""
        self._dialer, self._seconds, self._upstream = dialer, seconds, upstream
        self._budget = budget
        self._judged: dict[tuple[str, int], list[Address]] = {}
        self._open: tuple[Origin, ByteStream, str] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._disconnect()

    async def get(self, url: str, headers: Iterable[tuple[str, str]], *, most: int) -> HttpReply:
        """Send a GET request for ``url``; at most ``most`` bytes of the body are read.  An international host goes as its A-label.

        Raises:
            FailureError: its address is forbidden, nothing answers, the answer is not HTTP, or the request has characters that
                HTTP/1.1 cannot carry; or the time of all requests together is used up.
        """
        where = http_heads.endpoint(url)
        parts = urlsplit(url)
        if where is None or parts.scheme not in ("http", "https"):
            raise FailureError(FailureKind.GUARD, f"{url[:200]} is not a web address")
        origin = (parts.scheme == "https", *where)
        head = request_head(request_target(url), host_header(url), headers)
        try:
            async with self._budget.spending() if self._budget is not None else nullcontext():
                return await self._ask(origin, head, most)
        except BaseException:
            self._disconnect()
            raise

    async def _ask(self, origin: Origin, head: bytes, most: int) -> HttpReply:
        kept = self._open is not None and self._open[0] == origin and not self._open[1].ended
        try:
            return await self._ask_once(origin, head, most)
        except FailureError:
            if not kept:
                raise
            # a server may close a connection that it kept open just as the next request is sent
            self._disconnect()
            return await self._ask_once(origin, head, most)

    async def _ask_once(self, origin: Origin, head: bytes, most: int) -> HttpReply:
        stream, address = await self._connection(origin)
        try:
            async with asyncio.timeout(self._seconds):
                stream.write(head)
                answer = await stream.read_head(lenient=True)
                while answer is not None and answer.start[1].startswith(b"1"):
                    answer = await stream.read_head(lenient=True)
                if answer is None or not answer.start[0].startswith(b"HTTP/") or not answer.start[1].isdigit():
                    raise FailureError(FailureKind.FAILED, f"{origin[1]} port {origin[2]} does not speak HTTP")
                body, whole = await _body(stream, answer, most)
        except TimeoutError:
            raise FailureError(FailureKind.TIMEOUT, f"{origin[1]} port {origin[2]} did not answer in time") from None
        except (BadHeadError, EOFError, OSError, ValueError) as error:
            raise FailureError(
                FailureKind.FAILED,
                f"{origin[1]} port {origin[2]} closed the connection, or does not speak HTTP ({error})",
            ) from error
        if not (whole and answer.keeps_open()):
            self._disconnect()
        return HttpReply(int(answer.start[1][:3]), answer.headers, body, not whole, address)

    async def _connection(self, origin: Origin) -> tuple[ByteStream, str]:
        if self._open is not None and self._open[0] == origin and not self._open[1].ended:
            return self._open[1], self._open[2]
        self._disconnect()
        tls, host, port = origin
        if (host, port) not in self._judged:
            # once a probe: a name whose address changes meanwhile keeps its first address
            self._judged[host, port] = await self._dialer.judged_addresses(host, port)
        address, stream = await self._dialer.connect(self._judged[host, port], port, self._upstream)
        self._open = (origin, stream, str(address))
        if tls:
            await self._speak_tls(stream, host, port)
        return stream, str(address)

    async def _speak_tls(self, stream: ByteStream, host: str, port: int) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                transport = await asyncio.get_running_loop().start_tls(
                    stream.transport, stream, unverified_context(), server_hostname=host
                )
        except TimeoutError:
            raise FailureError(FailureKind.TIMEOUT, f"{host} port {port} did not finish its TLS handshake") from None
        except (OSError, ValueError) as error:
            raise FailureError(FailureKind.FAILED, f"{host} port {port} does not speak TLS ({error})") from error
        if transport is None:
            raise FailureError(FailureKind.FAILED, f"{host} port {port} closed the connection within the TLS handshake")
        stream.transport = transport

    def _disconnect(self) -> None:
        if self._open is not None:
            self._open[1].abort()
            self._open = None


async def _body(stream: ByteStream, answer: MessageHead, most: int) -> tuple[bytes, bool]:
    """Read a body; True where that is all of it, and the connection can be used again."""
    if any(b"chunked" in value.lower() for value in answer.values(b"transfer-encoding")):
        return await _chunks(stream, most)
    length = answer.body_length(b"GET")
    if length is not None and length <= most:
        body = await stream.read_up_to(length)
        return body, len(body) == length
    return await stream.read_up_to(most), False


async def _chunks(stream: ByteStream, most: int) -> tuple[bytes, bool]:
    """Read a body in chunks (RFC 9112, section 7.1); trailers are not read, and the connection is closed."""
    data = bytearray()
    while True:
        line = await stream.read_line(_CHUNK_LINE)
        size = int(line.split(b";", 1)[0].strip() or b"x", 16)
        if size < 0:
            raise ValueError("a chunk has a negative size")
        if size == 0:
            return bytes(data), False
        part = await stream.read_up_to(min(size, most - len(data)))
        data += part
        if len(part) < size:
            return bytes(data), False
        await stream.read_line(_CHUNK_LINE)
