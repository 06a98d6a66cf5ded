"""The way out of one capture: a forward proxy on a loopback port of its own that lets through what the guard allows."""

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
from crawler.net.guard.plain_http import Forwarder
from crawler.net.guard.traffic_ledger import CaptureLimits, Failure, FailureError, FailureKind, TrafficLedger
from crawler.net.guard.upstream_proxy import UpstreamProxy

MARKER = "X-Clonewatch-Guard"
"""Header of the guard's own answers; never passed on from a server's plain answer."""
HEAD_SECONDS = 15.0
"""Within which the browser must have sent the head of its first request."""
MAX_CONNECTIONS = 512
"""Connections of one browser context at a time; Chromium opens 64 to one proxy."""
_STATUS = {
    FailureKind.GUARD: b"403 Forbidden",
    FailureKind.OVERSIZE: b"403 Forbidden",
    FailureKind.TIMEOUT: b"504 Gateway Timeout",
}


class CaptureProxy:
    """An async context manager: inside it ``address`` is a proxy for one capture, and ``ledger`` what it did.

    Plain http is forwarded request by request; TLS and WebSockets go through ``CONNECT``.  Leaving it ends every connection and
    waits for their tasks.
    """

    def __init__(
        self,
        dialer: GuardedDialer,
        limits: CaptureLimits,
        *,
        answer_seconds: float = 60.0,
        upstream: UpstreamProxy | None = None,
    ) -> None:
        """``answer_seconds``: how long a server may stay silent before the head of its answer; ``upstream``: a way on."""
        self._dialer = dialer
        self._upstream = upstream
        self._answer_seconds = answer_seconds
        self._open: dict[ByteStream, asyncio.Task[None]] = {}
        self._judging: dict[tuple[str, int], asyncio.Task[list[Address]]] = {}
        self._server: asyncio.Server | None = None
        self._door: socket.socket | None = None
        self.ledger = TrafficLedger(limits, on_stop=self._end_connections)
        self.address = ""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._server = await loop.create_server(lambda: ByteStream(self._accept), sock=self._door)
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._door is not None:
            # A server that closes in the very turn in which it accepted somebody drops him and leaves his socket open: first it
            # accepts nobody any more, and whom it has accepted comes to us.
            asyncio.get_running_loop().remove_reader(self._door)
            try:
                await asyncio.sleep(0)
            finally:
                self._server.close()
        while self._open:
            self._end_connections()
            await asyncio.wait(self._open.values())
            await asyncio.sleep(0)
        for task in self._judging.values():
            task.cancel()
        await asyncio.gather(*self._judging.values(), return_exceptions=True)

    def _end_connections(self) -> None:
        current = asyncio.current_task()
        for pipe, task in self._open.items():
            if task is not current:
                pipe.abort()
                task.cancel()

    def _accept(self, browser: ByteStream) -> None:
        left = self._server is None or not self._server.is_serving()
        if left or len(self._open) >= MAX_CONNECTIONS:
            browser.abort()
            return
        task = asyncio.create_task(self._serve(browser))
        self._open[browser] = task
        task.add_done_callback(lambda _: self._open.pop(browser))
        browser.on_gone = task.cancel  # nobody is left to answer to

    async def _serve(self, browser: ByteStream) -> None:
        forwarder = Forwarder(self._reach, self.ledger, answer_seconds=self._answer_seconds, own_header=MARKER)
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
            if not browser.transport.is_closing():  # an error that nobody expected: the browser must not wait for ever
                browser.abort()

    async def _handle(self, head: MessageHead, browser: ByteStream, forwarder: Forwarder) -> bool:
        """Do as the request says; whether another one may follow on the same connection."""
        method = head.start[0]
        text = head.start[1].decode("latin-1")
        url = None if method == b"CONNECT" else text
        target = http_heads.authority(text) if url is None else http_heads.absolute(url)
        try:
            self.ledger.admit()
            if url is not None:
                return await forwarder.forward(head, target, url, browser)
            server = await self._reach(target)
        except FailureError as error:
            self.ledger.blame(error.trouble, target.host, target.port, url)
            _answer(browser, error.trouble)
            return False
        try:
            self.ledger.clear(target.host, target.port)
            await self._tunnel(browser, server)
        finally:
            server.abort()
        return False

    async def _reach(self, target: RequestTarget) -> ByteStream:
        """A new connection to ``target``.

        Raises:
            TroubleError: it leads where no page may go, or nowhere.
        """
        key = (target.host, target.port)
        judging = self._judging.get(key)
        if judging is None:
            # once a capture: a name that changes its mind meanwhile still leads to where it led at first
            judging = asyncio.create_task(self._dialer.judged_addresses(*key, self.ledger.resolved))
            judging.add_done_callback(_retrieve)
            self._judging[key] = judging
        try:
            addresses = await asyncio.shield(judging)
        except FailureError as error:
            raise FailureError(error.trouble.kind, error.trouble.sentence) from None
        address, server = await self._dialer.connect(addresses, target.port, self._upstream)
        self.ledger.answered(*key, str(address))
        return server

    async def _tunnel(self, browser: ByteStream, server: ByteStream) -> None:
        """Both protocols that browsers tunnel, TLS and WebSocket, begin with the client.

        A server that speaks first must wait: Chromium takes bytes that come along with the 200 for a broken proxy.
        """
        browser.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if not await browser.wait():
            return
        up = browser.hand_on(server, self.ledger.send)
        down = server.hand_on(browser, self.ledger.receive)
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            for done in (up, down):
                if done.done():
                    done.result()
        finally:
            browser.stop()
            server.stop()

    def _refuse_long(self, error: HeadTooLongError, browser: ByteStream) -> None:
        """Say what became of a request whose head is too long, where it can be told which one it was."""
        words = error.begin.split(b"\n", 1)[0].split(b" ")
        trouble = Failure(
            FailureKind.OVERSIZE, f"the head of a request is over the limit of {http_heads.HEAD_LIMIT} bytes"
        )
        if len(words) == 3:
            url = words[1].decode("latin-1")
            try:
                target = http_heads.absolute(url)
            except BadHeadError:
                return
            self.ledger.blame(trouble, target.host, target.port, url)
            _answer(browser, trouble)


def _retrieve(task: asyncio.Task[list[Address]]) -> None:
    """An error that nobody waits for any more is no news."""
    if not task.cancelled():
        task.exception()


def _answer(browser: ByteStream, trouble: Failure) -> None:
    """Tell the browser that its request went nowhere; the reason itself stays in the ledger, out of the page's sight."""
    lines = [
        b"HTTP/1.1 " + _STATUS.get(trouble.kind, b"502 Bad Gateway"),
        f"{MARKER}: {trouble.kind}".encode(),
        b"Content-Length: 0",
        b"Cache-Control: no-store",
        b"Connection: close",
        b"",
        b"",
    ]
    browser.write(b"\r\n".join(lines))
