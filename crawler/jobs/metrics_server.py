"""Serve metrics over HTTP: ``/metrics``, ``/healthz`` (the process answers) and ``/readyz`` (the store can be read).

Connections are few and short: whoever holds them idle, or sends a request byte by byte, takes nothing from the others.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import make_wsgi_app

from crawler.jobs.metrics import registry_of
from detector.errors import ConfigError, StoreError
from detector.store import text_key
from detector.workspace import Workspace

MOST_CONNECTIONS = 32
"""Connections that are served at once; a further one takes the place of the one that has lasted longest."""
SECONDS = 10.0
"""Time for a connection as a whole, from its first byte to the last one of its answer."""


class _BoundedServer(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread; ends those that last too long, or that are too many."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._lock = threading.Lock()
        self._open: dict[socket.socket, float] = {}
        """Connections that are served, the oldest first, and when each of them ends."""
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, in place of the oldest one where there are too many."""
        with self._lock:
            for oldest in list(self._open)[: max(0, len(self._open) + 1 - self._most)]:
                self._end(oldest)
            self._open[request] = time.monotonic() + self._seconds
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that was served."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End the connections that last too long; called several times a second."""
        now = time.monotonic()
        with self._lock:
            for late in [request for request, until in self._open.items() if until <= now]:
                self._end(late)

    def server_close(self) -> None:
        """Close the port, and end what is still being served."""
        super().server_close()
        with self._lock:
            for request in list(self._open):
                self._end(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away, or was ended, is no error of this program."""

    def _end(self, request: socket.socket) -> None:
        """Wake the thread that reads from a connection or writes to it: it finds the connection ended."""
        del self._open[request]
        with suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(
    workspace: Workspace, place: str, *, seconds: float = SECONDS, most: int = MOST_CONNECTIONS
) -> Iterator[str]:
    """Serve metrics at ``ADDRESS:PORT`` (port 0: a free one) while the block runs; yield the actual address.  Empty: serve nothing.

    ``seconds``: for a connection as a whole; ``most``: connections that are served at once.

    Raises:
        ConfigError: ``place`` is malformed, or its port is taken.
    """
    if not place:
        yield ""
        return
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"schedule.metrics: {place!r} is not ADDRESS:PORT; use for instance 127.0.0.1:9464")
    try:
        server = _BoundedServer((host.strip("[]"), int(port)), _Silent, seconds=seconds, most=most)
    except OSError as error:
        raise ConfigError(
            f"schedule.metrics: {place} cannot be listened on ({error.strerror or error}); choose another port"
        ) from error
    server.set_app(_app(workspace))
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield f"{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _app(workspace: Workspace) -> Callable[..., Iterable[bytes]]:
    metrics: Callable[..., Iterable[bytes]] = make_wsgi_app(registry_of(workspace))

    def app(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environment.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environment, start)
        status, said = _health(workspace, path)
        start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said)))])
        return [said]

    return app


def _health(workspace: Workspace, path: str) -> tuple[str, bytes]:
    if path == "/healthz":
        return "200 OK", b"alive\n"
    if path != "/readyz":
        return "404 Not Found", b"/metrics, /healthz, /readyz\n"
    try:
        workspace.store.sources.get("readyz", text_key(""))
    except StoreError as error:
        return "503 Service Unavailable", f"{error}\n".encode()
    return "200 OK", b"ready\n"


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""
