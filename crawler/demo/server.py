"""The demo's web servers and name server, on loopback and on ports that the system picks."""

from __future__ import annotations

import ssl
import threading
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from urllib.parse import unquote, urlsplit

from crawler.demo import feeds
from crawler.demo.answers import THANKS, find_site, respond
from crawler.demo.certificate import server_context
from crawler.demo.sites import Site, hosts
from crawler.loopback.nameserver import NameServer, Zone
from crawler.loopback.web import LOOPBACK, Request, Response, WebServer

IDLE_SECONDS = 20.0
"""Time after which a connection that says nothing is closed."""


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
        self._http = self._web_server()
        self._https = self._web_server(server_context(hosts()))
        self.dns = NameServer(_zone().answer)

    def _web_server(self, tls: ssl.SSLContext | None = None) -> WebServer:
        # not recorded: what a visitor of the demo types into a form is kept nowhere
        return WebServer(self._answer, tls=tls, record=False, idle_seconds=IDLE_SECONDS)

    @property
    def http_port(self) -> int:
        return self._http.port

    @property
    def https_port(self) -> int:
        return self._https.port

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

    def _answer(self, request: Request) -> Response | None:
        """Answer a request; None, hence no answer at all, for a page that stalled until the servers stop."""
        if request.method == "POST":  # a submitted form, which the crawler must never send
            with self._lock:
                self.posts += 1
            return _not_stored(THANKS)
        path = unquote(urlsplit(request.target).path)
        entry = find_site(request.host, path)
        if entry is not None and entry.behaviour == "stall":
            self.stopping.wait()
            return None
        agent = request.headers.get("user-agent", "")
        return _not_stored(respond(request.host, path, self.http_port, self.https_port, agent))

    def __enter__(self) -> DemoServers:
        with ExitStack() as stack:
            for server in (self.dns, self._http, self._https):
                stack.enter_context(server)
            stack.callback(self.stopping.set)  # first of all, or a page that stalls would keep its connection
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()


def _not_stored(response: Response) -> Response:
    return replace(response, headers={**response.headers, "Cache-Control": "no-store"})


def _zone() -> Zone:
    """Return a zone of all hosts and of the registrable names above them, at 127.0.0.1; nothing else exists."""
    names = {host.lower() for host in hosts()}
    names |= {".".join(name.split(".")[-2:]) for name in names}
    return Zone(addresses={name: [LOOPBACK] for name in names})
