"""The way out of one capture: a forward proxy on a loopback port of its own that lets through what the guard allows."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from crawler.guard import heads, relay
from crawler.guard.addresses import Address
from crawler.guard.dial import Dialer
from crawler.guard.heads import BadHeadError, Head, Target
from crawler.guard.ledger import Kind, Ledger, Limits, Trouble, TroubleError
from crawler.guard.upstream import Streams, Upstream

MARKER = "X-Clonewatch-Guard"
"""Header of the guard's own answers; never passed on from a server's plain answer."""
HEAD_SECONDS = 15.0
"""Within which the browser must have sent a request's head."""
_STATUS = {
    Kind.GUARD: b"403 Forbidden",
    Kind.OVERSIZE: b"403 Forbidden",
    Kind.TIMEOUT: b"504 Gateway Timeout",
}


class Gate:
    """An async context manager: inside it ``address`` is a proxy for one capture, and ``ledger`` what it did.

    One request a connection: plain http is forwarded with ``Connection: close``, TLS and WebSockets go through ``CONNECT``.
    Leaving it ends every connection and waits for their tasks.
    """

    def __init__(
        self, dialer: Dialer, limits: Limits, *, answer_seconds: float = 60.0, upstream: Upstream | None = None
    ) -> None:
        """``answer_seconds``: how long a server may stay silent before the head of its answer; ``upstream``: a way on."""
        self._dialer = dialer
        self._upstream = upstream
        self._answer_seconds = answer_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._judged: dict[tuple[str, int], list[Address] | TroubleError] = {}
        self._server: asyncio.Server | None = None
        self.ledger = Ledger(limits, on_stop=self._end_connections)
        self.address = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=heads.HEAD_LIMIT)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        while self._tasks:
            self._end_connections()
            await asyncio.wait(self._tasks)
        await asyncio.sleep(0)

    def _end_connections(self) -> None:
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await heads.read_head(reader)
            if head is not None:
                await self._handle(head, (reader, writer))
        except (BadHeadError, TroubleError, TimeoutError, OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            with suppress(OSError):
                writer.close()

    async def _handle(self, head: Head, browser: Streams) -> None:
        method = head.start[0]
        text = head.start[1].decode("latin-1")
        if method == b"CONNECT":
            target, url = heads.authority(text), None
        else:
            target, url = heads.absolute(text), text
        try:
            self.ledger.admit()
            server = await self._reach(target)
        except TroubleError as error:
            self.ledger.blame(error.trouble, target.host, target.port, url)
            await _answer(browser[1], error.trouble)
            return
        try:
            if url is None:
                self.ledger.clear(target.host, target.port)
                await self._tunnel(browser, server)
            else:
                await self._forward(head, target, url, browser, server)
        finally:
            server[1].transport.abort()

    async def _reach(self, target: Target) -> Streams:
        key = (target.host, target.port)
        judged = self._judged.get(key)
        if judged is None:
            try:
                judged = await self._dialer.judged_addresses(*key, self.ledger.resolved)
            except TroubleError as error:
                judged = error
            self._judged[key] = judged
        if isinstance(judged, TroubleError):
            raise TroubleError(judged.trouble.kind, judged.trouble.sentence)
        address, server = await self._dialer.connect(judged, target.port, self._upstream)
        self.ledger.answered(*key, str(address))
        return server

    async def _tunnel(self, browser: Streams, server: Streams) -> None:
        """Both protocols that browsers tunnel, TLS and WebSocket, begin with the client.

        A server that speaks first must wait: Chromium takes bytes that come along with the 200 for a broken proxy.
        """
        browser[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        hello = await browser[0].read(relay.CHUNK)
        if not hello:
            return
        server[1].write(hello)
        await relay.both_ways(browser, server, self.ledger.receive)

    async def _forward(self, head: Head, target: Target, url: str, browser: Streams, server: Streams) -> None:
        start = (head.start[0], target.path.encode("latin-1"), b"HTTP/1.1")
        server[1].write(heads.encode(start, [*head.end_to_end(), (b"Connection", b"close")]))
        upload = asyncio.create_task(relay.one_way(browser[0], server[1]))
        try:
            try:
                async with asyncio.timeout(self._answer_seconds):
                    answer = await _final_head(server[0])
                self._check_announced(answer)
            except (TroubleError, BadHeadError, TimeoutError, OSError) as error:
                trouble = _as_trouble(error, target)
                self.ledger.blame(trouble, target.host, target.port, url)
                await _answer(browser[1], trouble)
                return
            self.ledger.clear(target.host, target.port, url)
            kept = [(key, value) for key, value in answer.end_to_end() if key.lower() != MARKER.lower().encode()]
            browser[1].write(heads.encode(answer.start, [*kept, (b"Connection", b"close")]))
            await self._body(url, target, browser, server)
        finally:
            upload.cancel()
            await asyncio.wait([upload])

    async def _body(self, url: str, target: Target, browser: Streams, server: Streams) -> None:
        meter = relay.Meter(self.ledger.limits.response_bytes, self.ledger.receive)
        try:
            await relay.one_way(server[0], browser[1], meter)
            browser[1].close()
        except TroubleError as error:
            self.ledger.blame(error.trouble, target.host, target.port, url)
            browser[1].transport.abort()

    def _check_announced(self, answer: Head) -> None:
        length = answer.content_length()
        limit = self.ledger.limits.response_bytes
        if length is not None and length > limit:
            raise TroubleError(Kind.OVERSIZE, f"an answer of {length} bytes is over the limit of {limit}")


async def _final_head(reader: asyncio.StreamReader) -> Head:
    """The head of the final answer; interim ones (1xx) are dropped."""
    for _ in range(10):
        head = await heads.read_head(reader, lenient=True)
        if head is None:
            raise BadHeadError("the server closed the connection without an answer")
        if not head.start[0].startswith(b"HTTP/"):
            raise BadHeadError("the server does not speak HTTP")
        if not (len(head.start[1]) == 3 and head.start[1].startswith(b"1")):
            return head
    raise BadHeadError("the server sends interim answers without end")


def _as_trouble(error: Exception, target: Target) -> Trouble:
    if isinstance(error, TroubleError):
        return error.trouble
    where = f"{target.host} port {target.port}"
    if isinstance(error, TimeoutError):
        return Trouble(Kind.TIMEOUT, f"{where} did not answer in time")
    if isinstance(error, BadHeadError):
        return Trouble(Kind.FAILED, f"{where}: {error}")
    return Trouble(Kind.FAILED, f"{where} broke the connection ({error})")


async def _answer(writer: asyncio.StreamWriter, trouble: Trouble) -> None:
    """Tell the browser that its request went nowhere; the reason itself stays in the ledger, out of the page's sight."""
    status = _STATUS.get(trouble.kind, b"502 Bad Gateway")
    lines = [
        b"HTTP/1.1 " + status,
        f"{MARKER}: {trouble.kind}".encode(),
        b"Content-Length: 0",
        b"Cache-Control: no-store",
        b"Connection: close",
        b"",
        b"",
    ]
    writer.write(b"\r\n".join(lines))
    await writer.drain()
    writer.close()
