"""A web server made of one function from request to response, on a free port of this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02
"""Between two checks for the end, which is how long closing takes at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; names of headers are in lower case."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def host(self) -> str:
        """The Host header without its port, in lower case."""
        return self.headers.get("host", "").partition(":")[0].lower()

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Response:
    """One response; ``claimed_length`` is its Content-Length where that is a lie: the connection then ends too early."""

    body: bytes = b""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed_length: int | None = None


NOT_FOUND = Response(b"<!doctype html><title>Not found</title><h1>Not found</h1>", 404)


class WebServer:
    """Answers all hosts alike, each connection in a thread of its own; ``respond`` tells hosts apart by the request.

    Where ``respond`` returns None the connection ends without an answer.

    >>> with WebServer(lambda request: Response(b"<h1>Hello")) as server:
    ...     server.url("/")  # doctest: +SKIP
    """

    def __init__(
        self,
        respond: Callable[[Request], Response | None],
        *,
        tls: ssl.SSLContext | None = None,
        address: str = LOOPBACK,
        port: int = 0,
        keep_alive: bool = False,
        record: bool = True,
        idle_seconds: float | None = None,
    ) -> None:
        """Listen on ``port``, by default a free one; requests are answered while the context is open.

        ``record``: keep the requests in :attr:`requests`.  ``idle_seconds``: how long a client may say nothing; None: for ever.
        """
        self.requests: list[Request] = []
        """All that were made, in order, unless they are not recorded."""
        self._respond = respond
        self._record = record
        self._server = _ThreadingServer(
            (address, port), _handler(self._answer, keep_alive=keep_alive, idle_seconds=idle_seconds)
        )
        self._address: str = address
        self.port: int = self._server.server_address[1]
        self._scheme = "http"
        if tls is not None:
            # the handshake is left to the connection's thread: a client that says nothing must not stop the others
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True)

    def url(self, path: str = "/", host: str = "") -> str:
        """Address of a path, by the server's own address unless ``host`` is given."""
        return f"{self._scheme}://{host or self._address}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()

    def _answer(self, request: Request) -> Response | None:
        if self._record:
            self.requests.append(request)
        return self._respond(request)


@contextmanager
def serving_files(files: Mapping[str, bytes], media_type: str = "text/html; charset=utf-8") -> Iterator[WebServer]:
    """Serve ``files`` by path, the same on all hosts."""

    def respond(request: Request) -> Response:
        return Response(files[request.path], media_type=media_type) if request.path in files else NOT_FOUND

    with WebServer(respond) as server:
        yield server


class _ThreadingServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that are still open."""
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    socket.socket.shutdown(each, socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Ignore connections that clients abort, as a browser that is killed does."""


def _handler(
    respond: Callable[[Request], Response | None], *, keep_alive: bool, idle_seconds: float | None
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"
        server_version = "loopback"
        sys_version = ""
        timeout = idle_seconds

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = respond(Request(self.command, self.path, headers, body))
            if response is None:
                self.close_connection = True
                return
            length = len(response.body) if response.claimed_length is None else response.claimed_length
            self.send_response(response.status)
            kind = {"Content-Type": response.media_type} if response.media_type else {}
            for name, value in {**kind, "Content-Length": str(length), **response.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):
                    self.wfile.write(response.body)
            if response.claimed_length is not None:
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815  names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Log nothing: the requests are in :attr:`WebServer.requests`."""

    return Handler
