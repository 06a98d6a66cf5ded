"""The accept loop of servers that speak for themselves over each connection: hanging, malformed, raw, or faster than threads.

:class:`crawler.loopback.web.WebServer` is the plainer choice for a test; it answers each connection in a thread of its own.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import Self, TypeVar

from crawler.loopback.web import LOOPBACK, Request, Response

T = TypeVar("T")
ConnectionHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LONGEST_HEAD = 65_536
"""Bytes of a request's head, and of any line that a handler reads."""
HEAD_END = b"\r\n\r\n"


class ConnectionServer:
    """Runs ``handle`` in a task for each connection, and ends those tasks when the context is left.

    A handler's connection is closed when it returns, and aborted when it fails on the connection or is ended.

    >>> async def greet(reader, writer):
    ...     writer.write(b"220 ready")
    >>> async with ConnectionServer(greet) as server:  # doctest: +SKIP
    ...     server.port
    """

    def __init__(
        self,
        handle: ConnectionHandler,
        *,
        address: str | Sequence[str] = LOOPBACK,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        backlog: int = 100,
    ) -> None:
        """``address``: one, or several that the same ``port`` is taken at; ``port`` 0 is a free one of a single address."""
        self.port = port
        self.tasks: set[asyncio.Task[None]] = set()
        """Connections that are being served, those of handlers that hang included."""
        self._handle = handle
        self._address = address
        self._tls = tls
        self._backlog = backlog

    def url(self, path: str = "/") -> str:
        """Address of a path, at the first of the server's addresses."""
        first = self._address if isinstance(self._address, str) else self._address[0]
        return f"{'http' if self._tls is None else 'https'}://{first}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: an address is not this machine's, or the port is taken.
        """
        self._server = await asyncio.start_server(
            self._accept, self._address, self.port, ssl=self._tls, limit=LONGEST_HEAD, backlog=self._backlog
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # asyncio drops a connection that is accepted in the turn of the loop in which its server closes, and leaves the socket
        # open: stop accepting first, and let what was accepted become a transport, a connection and a task, a turn each
        loop = asyncio.get_running_loop()
        for listening in self._server.sockets:
            loop.remove_reader(listening)
        for _ in range(3):
            await asyncio.sleep(0)
        self._server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: writer.close())  # here, because a task that never ran has no ``finally``

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            writer.transport.abort()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request of a connection, which must have no body; None where the client has closed the connection."""
    try:
        head = await reader.readuntil(HEAD_END)
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
    method, target, *_ = first.split(" ")
    fields = (line.partition(":") for line in lines)
    return Request(method, target, {name.lower(): value.strip() for name, _, value in fields}, b"")


def response_bytes(response: Response, method: str = "GET") -> bytes:
    """Return a response as HTTP/1.1 sends it; without its body to ``HEAD``."""
    headers = {"Content-Type": response.media_type, "Content-Length": str(len(response.body)), **response.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = b"" if method == "HEAD" else response.body
    return f"HTTP/1.1 {response.status} -\r\n{head}\r\n".encode("latin-1") + body


@contextmanager
def in_thread(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Run an asynchronous server on an event loop of its own thread, for callers without one, until the context is left."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="loopback-loop", daemon=True)
    thread.start()
    try:
        entered = asyncio.run_coroutine_threadsafe(_enter(server), loop).result()
        try:
            yield entered
        finally:
            asyncio.run_coroutine_threadsafe(_leave(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _enter(server: AbstractAsyncContextManager[T]) -> T:
    return await server.__aenter__()


async def _leave(server: AbstractAsyncContextManager[T]) -> None:
    await server.__aexit__(None, None, None)
