"""The demo's web servers and name server, on loopback and on ports that the system picks."""

from __future__ import annotations

import ssl
import threading
from http.server import ThreadingHTTPServer
from socket import socket
from types import TracebackType

from crawler.demo import feeds
from crawler.demo.certificate import server_context
from crawler.demo.handler import DemoHandler
from crawler.demo.nameserver import NameServer
from crawler.demo.sites import Site, hosts

LOOPBACK = "127.0.0.1"


class _WebServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, servers: DemoServers, context: ssl.SSLContext | None = None) -> None:
        handler = type("BoundHandler", (DemoHandler,), {"servers": servers})
        super().__init__((LOOPBACK, 0), handler)
        if context is not None:
            # The handshake is left to the request's thread: a client that says nothing must not stop the others.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Ignore connections that browsers abort."""


class DemoServers:
    """All sites of the demo over HTTP and HTTPS, and a name server that knows them, while the context is open.

    >>> with DemoServers() as servers:
    ...     servers.url(site("ostrelin-signin"))  # doctest: +SKIP
    """

    allow_private = ("127.0.0.0/8",)

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.posts = 0
        """Number of submitted forms."""
        self._lock = threading.Lock()
        self._web = (_WebServer(self), _WebServer(self, server_context(hosts())))
        self.dns = NameServer(hosts())
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="demo-web", daemon=True)
            for server in self._web
        ]

    @property
    def http_port(self) -> int:
        return int(self._web[0].server_address[1])

    @property
    def https_port(self) -> int:
        return int(self._web[1].server_address[1])

    @property
    def resolve(self) -> tuple[str, ...]:
        """Rules for ``--resolve`` that lead every host on the servers' ports to this machine."""
        return tuple(f"*:{port}:{LOOPBACK}" for port in (self.http_port, self.https_port))

    @property
    def nameserver(self) -> str:
        """Address of the name server, ``127.0.0.1:PORT``."""
        return self.dns.address

    @property
    def feed_urls(self) -> tuple[str, str]:
        """URLs of the text feed and the gzipped CSV feed."""
        root = f"http://{LOOPBACK}:{self.http_port}"
        return root + feeds.TEXT_PATH, root + feeds.CSV_PATH

    def url(self, site: Site) -> str:
        """Return the site's URL with the port of its server."""
        return site.address(self.http_port, self.https_port)

    def count_post(self) -> None:
        with self._lock:
            self.posts += 1

    def __enter__(self) -> DemoServers:
        self.dns.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        for server, thread in zip(self._web, self._threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
        self.dns.stop()
