"""Forward plain http through a capture proxy, one request after the other on the browser's connection.

A connection stays open only where the length of the answer is beyond doubt; an ambiguous answer (both
``Content-Length`` and ``Transfer-Encoding``, several lengths, none) ends with the connection, so that no part of one answer
can be taken for another (RFC 9112, section 11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from crawler.net.guard import http_heads
from crawler.net.guard.byte_meter import ByteMeter
from crawler.net.guard.byte_stream import ByteStream
from crawler.net.guard.http_heads import BadHeadError, MessageHead, RequestTarget
from crawler.net.guard.traffic_ledger import FailureError, FailureKind, TrafficLedger

MAX_INTERIM = 10
"""Interim answers (1xx) before the final one."""
_REPEATABLE = (b"GET", b"HEAD")


class Forwarder:
    """Serves one connection of the browser; keeps the connection to the last server for the next request to it."""

    def __init__(
        self,
        connect: Callable[[RequestTarget], Awaitable[ByteStream]],
        ledger: TrafficLedger,
        *,
        answer_seconds: float,
    ) -> None:
        """``connect`` opens a connection to an allowed address; ``answer_seconds``: seconds that a server may stay silent."""
        self._connect = connect
        self._ledger = ledger
        self._answer_seconds = answer_seconds
        self._server: ByteStream | None = None
        self._at: tuple[str, int] | None = None
        """Host and port that ``_server`` is connected to."""

    def close(self) -> None:
        """End the connection to the server at once."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            server.abort()

    async def forward(self, head: MessageHead, target: RequestTarget, url: str, browser: ByteStream) -> bool:
        """Forward one request and its answer; True where the browser may send another request.

        Raises:
            FailureError: the server could not be connected to, or its answer was malformed; nothing was forwarded.
        """
        upload = http_heads.upload_length(head)
        while True:
            server, fresh = await self._connection(target)
            request = _request(head, target)
            self._ledger.count_sent(len(request))
            server.write(request)
            up = browser.hand_on(server, self._ledger.count_sent, upload)
            try:
                answer = await self._final_head(server, up, target, document=_asks_for_document(head))
                break
            except FailureError as error:
                browser.stop()
                self.close()
                # a server may close an idle connection just as the next request is sent
                if (
                    fresh
                    or upload != 0
                    or head.start[0] not in _REPEATABLE
                    or error.failure.kind is not FailureKind.FAILED
                ):
                    raise
        self._ledger.forget_failure(target.host, target.port, url)
        length = answer.body_length(head.start[0])
        exact = length is not None and upload is not None and head.keeps_open()
        connection = (b"Connection", b"keep-alive" if exact else b"close")
        browser.write(http_heads.encode(answer.start, [*answer.end_to_end(), connection]))
        whole = await self._body(server, browser, length, target, url)
        asks_on = exact and whole and up.done()
        if not (asks_on and answer.keeps_open() and not server.waiting and not server.ended):
            self.close()
        browser.stop()
        return asks_on

    async def _connection(self, target: RequestTarget) -> tuple[ByteStream, bool]:
        """Return a connection to ``target``, and True where it is a new one."""
        where = (target.host, target.port)
        if self._server is not None and self._at == where and not (self._server.ended or self._server.waiting):
            return self._server, False
        self.close()
        self._server, self._at = await self._connect(target), where
        return self._server, True

    async def _final_head(
        self, server: ByteStream, up: asyncio.Future[bool], target: RequestTarget, *, document: bool
    ) -> MessageHead:
        """Return the head of the final answer; interim ones (1xx) are dropped.

        What is too long is refused at its head, unless it may be a ``document``: of that the beginning is worth having.

        Raises:
            FailureError: none came, or it announces too much.
        """
        where = f"{target.host} port {target.port}"
        if up.done() and not up.cancelled():
            up.result()  # raises at once where the browser sent too much: the server would wait for the rest
        try:
            async with asyncio.timeout(self._answer_seconds):
                for _ in range(MAX_INTERIM):
                    head = await server.read_head(lenient=True)
                    if head is None:
                        raise BadHeadError("the server closed the connection without an answer")
                    self._ledger.count_received(head.size)
                    if not head.start[0].startswith(b"HTTP/"):
                        raise BadHeadError("the server does not speak HTTP")
                    if not (len(head.start[1]) == 3 and head.start[1].startswith(b"1")):
                        if not document:
                            self._check_announced(head)
                        return head
            raise BadHeadError("the server sends interim answers without end")
        except BadHeadError as error:
            if up.done() and not up.cancelled():
                up.result()  # raises where the browser sent too much, which is then the reason
            raise FailureError(FailureKind.FAILED, f"{where}: {error}") from error
        except TimeoutError as error:
            raise FailureError(FailureKind.TIMEOUT, f"{where} did not answer in time") from error

    def _check_announced(self, answer: MessageHead) -> None:
        length, limit = answer.content_length(), self._ledger.limits.response_bytes
        if length is not None and length > limit:
            raise FailureError(FailureKind.OVERSIZE, f"an answer of {length} bytes is over the limit of {limit}")

    async def _body(
        self, server: ByteStream, browser: ByteStream, length: int | None, target: RequestTarget, url: str
    ) -> bool:
        """Forward the body; True where all of it came."""
        meter = ByteMeter(self._ledger.limits.response_bytes, self._ledger.count_received)
        try:
            return await server.hand_on(browser, meter, length)
        except FailureError as error:
            self._ledger.record_failure(error.failure, target.host, target.port, url)
            raise


def _asks_for_document(head: MessageHead) -> bool:
    """Tell whether a page or a frame is asked for: over plain http, browsers tell only by what they accept."""
    return any(b"text/html" in value.lower() for value in head.values(b"accept"))


def _request(head: MessageHead, target: RequestTarget) -> bytes:
    start = (head.start[0], target.path.encode("latin-1"), b"HTTP/1.1")
    return http_heads.encode(start, [*head.end_to_end(), (b"Connection", b"keep-alive")])
