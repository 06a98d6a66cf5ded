"""One connection, whose bytes are read by a task, or forwarded to another connection, counted and with back-pressure.

It is used instead of asyncio's streams because forwarding needs no task and copies nothing twice, and because the end of a
connection is noticed at once.  A hostile server that sends faster than the browser reads fills two small buffers, and waits.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from crawler.net.guard import http_heads
from crawler.net.guard.byte_meter import Count
from crawler.net.guard.http_heads import BadHeadError, HeadTooLongError, MessageHead
from crawler.net.guard.traffic_ledger import FailureError


@dataclass(slots=True)
class _Flow:
    """The forwarding of received bytes to another connection."""

    sink: ByteStream
    count: Count
    left: int | None
    """Bytes still to forward; None: all until the end."""
    done: asyncio.Future[bool]


class ByteStream(asyncio.Protocol):
    """Is read by one task at a time; while its bytes are forwarded, there is nothing to read."""

    transport: asyncio.Transport

    def __init__(self, accepted: Callable[[ByteStream], None] | None = None) -> None:
        """``accepted`` is called once the connection is made."""
        self.on_gone: Callable[[], object] | None = None
        """Called once when the peer has sent its last byte, or the connection is lost."""
        self.ended = False
        """No more bytes will come."""
        self._accepted = accepted
        self._buffer = bytearray()
        self._limit = http_heads.HEAD_LIMIT
        self._waiter: asyncio.Future[None] | None = None
        self._flow: _Flow | None = None
        self._source: ByteStream | None = None
        self._full = False

    @classmethod
    async def connect(cls, host: str, port: int) -> Self:
        """Connect to an address.

        Raises:
            OSError: it cannot be reached.
        """
        _, stream = await asyncio.get_running_loop().create_connection(cls, host, port)
        return stream

    # --- reading -------------------------------------------------------------------------------------------------

    async def read_head(self, *, lenient: bool = False) -> MessageHead | None:
        """Read the next message head; None when the peer closed before its first byte.

        Raises:
            BadHeadError: it is malformed, cut off or over :data:`http_heads.HEAD_LIMIT`.
        """
        searched = 0
        while (end := http_heads.end_of_head(self._buffer, searched)) is None:
            if len(self._buffer) > self._limit:
                raise HeadTooLongError(bytes(self._buffer[: self._limit]))
            searched = max(0, len(self._buffer) - 2)
            if not await self._more():
                if not self._buffer:
                    return None
                raise BadHeadError("the connection ended within a head")
        if end > self._limit:
            raise HeadTooLongError(bytes(self._buffer[: self._limit]))
        return http_heads.parse(self._take(end), lenient=lenient)

    async def read_exactly(self, size: int) -> bytes:
        """Read ``size`` bytes.

        Raises:
            EOFError: the peer closed before.
        """
        while len(self._buffer) < size:
            if not await self._more():
                raise EOFError
        return self._take(size)

    async def read_up_to(self, size: int) -> bytes:
        """Read ``size`` bytes, or fewer where the peer ends before."""
        while len(self._buffer) < size and await self._more():
            pass
        return self._take(min(size, len(self._buffer)))

    async def read_line(self, most: int) -> bytes:
        """Read the next line, its end included.

        Raises:
            EOFError: the peer closed within it.
            ValueError: it is longer than ``most``.
        """
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > most:
                raise ValueError(f"a line is longer than {most} bytes")
            if not await self._more():
                raise EOFError("the connection ended within a line")
        return self._take(end + 1)

    async def wait(self) -> bool:
        """Wait for bytes; False when none will come."""
        return bool(self._buffer) or await self._more()

    @property
    def waiting(self) -> bool:
        """There are bytes that nobody has read."""
        return bool(self._buffer)

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._throttle()
        return data

    async def _more(self) -> bool:
        """Wait for more bytes than are in the buffer; False when none will come."""
        if self.ended:
            return False
        size = len(self._buffer)
        self._waiter = asyncio.get_running_loop().create_future()
        self._throttle()
        try:
            await self._waiter
        finally:
            self._waiter = None
        return len(self._buffer) > size

    # --- forwarding ---------------------------------------------------------------------------------------------

    def hand_on(self, sink: ByteStream, count: Count, size: int | None = None) -> asyncio.Future[bool]:
        """Forward received bytes to ``sink``: ``size`` bytes, or all until the end.

        The future is done when that is over, with True where all of them came; it holds FailureError where ``count`` refused a
        piece, of which nothing was forwarded.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_retrieve)
        if size == 0:
            done.set_result(True)
            return done
        self._flow = _Flow(sink, count, size, done)
        sink._source = self
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            self._pass(self._flow, data)
        if self.ended:
            self._finish()
        self._throttle()
        return done

    def stop(self) -> None:
        """Forward no more."""
        flow, self._flow = self._flow, None
        if flow is not None:
            flow.sink._source = None
            flow.done.cancel()
        self._throttle()

    def _pass(self, flow: _Flow, data: bytes) -> None:
        if flow.left is not None and len(data) > flow.left:
            self._buffer += data[flow.left :]
            data = data[: flow.left]
        try:
            flow.count(len(data))
        except FailureError as error:
            self._finish(error)
            return
        flow.sink.write(data)
        if flow.left is not None:
            flow.left -= len(data)
            if not flow.left:
                self._finish()

    def _finish(self, error: FailureError | None = None) -> None:
        flow, self._flow = self._flow, None
        if flow is None:
            return
        flow.sink._source = None
        if flow.done.done():
            return
        if error is None:
            flow.done.set_result(not flow.left)
        else:
            flow.done.set_exception(error)

    def _throttle(self) -> None:
        """Stop reading from the peer while what it sent cannot be forwarded, or is not read."""
        held = self._flow.sink._full if self._flow is not None else len(self._buffer) > self._limit
        if held and self._waiter is None:
            self.transport.pause_reading()
        elif not self.transport.is_closing():
            self.transport.resume_reading()

    # --- writing and closing -------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send, unless the connection is closing."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def close(self) -> None:
        """Close once everything is sent."""
        self.transport.close()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abort()

    # --- what asyncio calls --------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        # Head and body are written apart: with Nagle's algorithm (RFC 896) the second would wait for the delayed acknowledgement of
        # the first, 40 ms an answer.  asyncio switches it off only for sockets whose protocol number was named when they were made.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._accepted is not None:
            self._accepted(self)

    def data_received(self, data: bytes) -> None:
        if self._flow is not None:
            self._pass(self._flow, data)
            return
        self._buffer += data
        self._wake()
        self._throttle()

    def eof_received(self) -> bool:
        self._end()
        return True  # what is still to be sent is sent; the user of the stream closes the connection

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def pause_writing(self) -> None:
        self._full = True
        if self._source is not None:
            self._source._throttle()

    def resume_writing(self) -> None:
        self._full = False
        if self._source is not None:
            self._source._throttle()

    def _end(self) -> None:
        self.ended = True
        self._wake()
        self._finish()
        gone, self.on_gone = self.on_gone, None
        if gone is not None:
            gone()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _retrieve(done: asyncio.Future[bool]) -> None:
    """Mark an error that nobody waits for any more as seen, so that asyncio does not log it."""
    if not done.cancelled():
        done.exception()
