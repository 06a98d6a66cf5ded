"""The forward proxy of one capture, on a loopback port of its own; it connects to nothing but what the guard allows."""

from __future__ import annotations

import asyncio
import socket
from types import TracebackType
from typing import Self

from crawler.net.guard import http_heads
from crawler.net.guard.addresses import Address
from crawler.net.guard.byte_stream import ByteStream
from crawler.net.guard.dialer import GuardedDialer
from crawler.net.guard.http_heads import BadHeadError, HeadTooLongError, MessageHead, RequestTarget
from crawler.net.guard.peer_user import is_of_this_user
from crawler.net.guard.plain_http import Forwarder
from crawler.net.guard.traffic_ledger import CaptureLimits, Failure, FailureError, FailureKind, TrafficLedger
from crawler.net.guard.upstream_proxy import UpstreamProxy

HEAD_SECONDS = 15.0
"""Time for the browser to send the head of its first request."""
MAX_CONNECTIONS = 512
"""Connections of one browser context at a time; Chromium opens 64 to one proxy."""
_NO_TUNNEL = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NO_ANSWER = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
"""Two lengths: no answer to the page, but a network error (Chromium's ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH).

A connection that just ends would be one too, but Chromium sends a request again whose connection it had used before.
"""


class CaptureProxy:
    """An async context manager: inside it ``address`` is a proxy for one capture, and ``ledger`` the record of its traffic.

    Plain http is forwarded request by request; TLS and WebSockets go through ``CONNECT``.  Whatever is refused fails in the browser
    as a network error, the same for all reasons; the reason is in the ledger only.  Leaving it ends every connection and waits for
    their tasks.
    """

    def __init__(
        self,
        dialer: GuardedDialer,
        limits: CaptureLimits,
        *,
        answer_seconds: float = 60.0,
        upstream: UpstreamProxy | None = None,
    ) -> None:
        """``answer_seconds``: seconds that a server may stay silent before its answer; ``upstream``: connect through that proxy."""
        self._dialer = dialer
        self._upstream = upstream
        self._answer_seconds = answer_seconds
        self._open: dict[ByteStream, asyncio.Task[None]] = {}
        self._judgements: dict[tuple[str, int], asyncio.Task[list[Address]]] = {}
        self._server: asyncio.Server | None = None
        self._listening_socket: socket.socket | None = None
        self.ledger = TrafficLedger(limits, on_stop=self._end_connections)
        self.address = ""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._listening_socket = socket.create_server(("127.0.0.1", 0))
        self._server = await loop.create_server(lambda: ByteStream(self._accept), sock=self._listening_socket)
        self.address = f"http://127.0.0.1:{self._listening_socket.getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._listening_socket is not None:
            # A server that is closed in the same turn of the loop in which it accepted a connection drops that connection and
            # leaves its socket open.  So stop accepting first, and let one turn deliver what was accepted.
            asyncio.get_running_loop().remove_reader(self._listening_socket)
            try:
                await asyncio.sleep(0)
            finally:
                self._server.close()
        while self._open:
            self._end_connections()
            await asyncio.wait(self._open.values())
            await asyncio.sleep(0)
        for task in self._judgements.values():
            task.cancel()
        await asyncio.gather(*self._judgements.values(), return_exceptions=True)

    def _end_connections(self) -> None:
        current = asyncio.current_task()
        for pipe, task in self._open.items():
            if task is not current:
                pipe.abort()
                task.cancel()

    def _accept(self, browser: ByteStream) -> None:
        closing = self._server is None or not self._server.is_serving()
        if closing or len(self._open) >= MAX_CONNECTIONS or not _is_own(browser):
            browser.abort()
            return
        task = asyncio.create_task(self._serve(browser))
        self._open[browser] = task
        task.add_done_callback(lambda _: self._open.pop(browser))
        browser.on_gone = task.cancel  # there is nobody left to answer

    async def _serve(self, browser: ByteStream) -> None:
        forwarder = Forwarder(self._connect, self.ledger, answer_seconds=self._answer_seconds)
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await browser.read_head()
            while head is not None and await self._handle(head, browser, forwarder):
                head = await browser.read_head()
            browser.close()
        except HeadTooLongError as error:
            self._refuse_long(error, browser)
            browser.close()
        except (BadHeadError, FailureError, TimeoutError, OSError, asyncio.CancelledError):
            browser.abort()
        finally:
            forwarder.close()
            if not browser.transport.is_closing():  # after an unexpected error the browser must not wait for ever
                browser.abort()

    async def _handle(self, head: MessageHead, browser: ByteStream, forwarder: Forwarder) -> bool:
        """Serve one request; True where another one may follow on the same connection."""
        method = head.start[0]
        text = head.start[1].decode("latin-1")
        url = None if method == b"CONNECT" else text
        target = http_heads.authority(text) if url is None else http_heads.absolute(url)
        try:
            self.ledger.count_request()
            if url is not None:
                return await forwarder.forward(head, target, url, browser)
            server = await self._connect(target)
        except FailureError as error:
            self.ledger.record_failure(error.failure, target.host, target.port, url)
            browser.write(_NO_TUNNEL if url is None else _NO_ANSWER)
            return False
        try:
            self.ledger.forget_failure(target.host, target.port)
            await self._tunnel(browser, server)
        finally:
            server.abort()
        return False

    async def _connect(self, target: RequestTarget) -> ByteStream:
        """Open a new connection to ``target``.

        Raises:
            FailureError: its address is forbidden, or does not answer.
        """
        key = (target.host, target.port)
        judgement = self._judgements.get(key)
        if judgement is None:
            # once a capture: a name whose address changes meanwhile keeps its first address
            judgement = asyncio.create_task(self._dialer.judged_addresses(*key, self.ledger.record_dns))
            judgement.add_done_callback(_retrieve)
            self._judgements[key] = judgement
        try:
            addresses = await asyncio.shield(judgement)
        except FailureError as error:
            raise FailureError(error.failure.kind, error.failure.sentence) from None
        address, server = await self._dialer.connect(addresses, target.port, self._upstream)
        self.ledger.record_address(*key, str(address))
        return server

    async def _tunnel(self, browser: ByteStream, server: ByteStream) -> None:
        """Forward bytes both ways until one side ends.

        In both protocols that browsers tunnel, TLS and WebSocket, the client speaks first.  A server that does must wait: where
        bytes come along with the 200, Chromium takes the proxy for broken.
        """
        browser.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if not await browser.wait():
            return
        up = browser.hand_on(server, self.ledger.count_sent)
        down = server.hand_on(browser, self.ledger.count_received)
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            for done in (up, down):
                if done.done():
                    done.result()
        finally:
            browser.stop()
            server.stop()

    def _refuse_long(self, error: HeadTooLongError, browser: ByteStream) -> None:
        """Refuse a request whose head is too long, where its address can still be read."""
        words = error.begin.split(b"\n", 1)[0].split(b" ")
        failure = Failure(
            FailureKind.OVERSIZE, f"the head of a request is over the limit of {http_heads.HEAD_LIMIT} bytes"
        )
        if len(words) == 3:
            url = words[1].decode("latin-1")
            try:
                target = http_heads.absolute(url)
            except BadHeadError:
                return
            self.ledger.record_failure(failure, target.host, target.port, url)
            browser.write(_NO_ANSWER)


def _is_own(browser: ByteStream) -> bool:
    """Tell whether a connection was opened by our user: other users of the machine could use up what the page may spend."""
    peer, own = (browser.transport.get_extra_info(name) for name in ("peername", "sockname"))
    return peer is not None and is_of_this_user(peer, own)


def _retrieve(task: asyncio.Task[list[Address]]) -> None:
    """Mark an error that nobody waits for any more as seen, so that asyncio does not log it."""
    if not task.cancelled():
        task.exception()
