"""Real servers for the tests of discovery: an authoritative name server and a web server that hands out feeds."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.support.program import clonewatch


@dataclass
class Zone:
    """What the name server knows; names without a final dot."""

    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    name_servers: dict[str, list[str]] = field(default_factory=dict)
    mail: dict[str, list[str]] = field(default_factory=dict)
    """MX records as zone files write them: ``10 mx.test.``."""
    wildcards: dict[str, list[str]] = field(default_factory=dict)
    """``zone`` -> addresses of ``*.zone``."""
    servfail: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    """Names without any address."""


class NameServer:
    """Authoritative for everything, over UDP on 127.0.0.1, in a thread while the context is open."""

    def __init__(self, zone: Zone, *, mute: bool = False) -> None:
        self.zone = zone
        self.mute = mute
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._stopping = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
            knock.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if self._stopping.is_set():
                return
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text(omit_final_dot=True).lower()
            self.asked[name] += 1
            if not self.mute and name not in self.zone.silent:
                self._socket.sendto(self._answer(query, name).to_wire(), sender)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        zone, question = self.zone, query.question[0]
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if name in zone.servfail:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        if question.rdtype == dns.rdatatype.NS:
            servers = [f"{server}." for server in zone.name_servers.get(name, ())]
            if servers:
                response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "NS", *servers))
            return response
        if question.rdtype == dns.rdatatype.MX:
            if zone.mail.get(name):
                response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "MX", *zone.mail[name]))
            return response
        target = zone.aliases.get(name, name)
        if target != name:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", f"{target}."))
        addresses = zone.addresses.get(target)
        if addresses is None:
            parents = [target.split(".", cut)[-1] for cut in range(1, target.count(".") + 1)]
            addresses = next((zone.wildcards[parent] for parent in parents if parent in zone.wildcards), None)
        if addresses is None and name not in zone.empty and name not in zone.name_servers:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif addresses and question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(f"{target}.", 60, "IN", "A", *addresses))
        if not addresses or question.rdtype != dns.rdatatype.A:
            soa = "ns.test. root.test. 1 60 60 60 60"
            response.authority.append(dns.rrset.from_text(".", 60, "IN", "SOA", soa))
        return response


@dataclass
class Page:
    """What the web server answers at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    claimed_length: int | None = None
    """Content-Length where it is not the body's: the connection ends too early."""
    before: Callable[[], object] = bool
    """Called by the server's thread before it answers."""


class InThread:
    """A server that serves in a thread while the context is open."""

    _server: TCPServer
    _thread: threading.Thread

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class FeedServer(InThread):
    """Serves pages over HTTP on 127.0.0.1; answers 304 where the client has the page's ETag."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self.pages = pages
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
                page = outer.pages.get(self.path, Page(status=404))
                page.before()
                etag = page.headers.get("ETag")
                same = etag is not None and self.headers.get("If-None-Match") == etag
                body = b"" if same else page.body
                self.send_response(304 if same else page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.send_header(
                    "Content-Length", str(len(body) if page.claimed_length is None else page.claimed_length)
                )
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    self.close_connection = True
                if page.claimed_length is not None:
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"


OSTRELIN = 'name = "Ostrelin"\ndomains = ["ostrelin.example"]\n'


def make_lab(tmp_path: Path, configuration: str = "") -> Path:
    """A workspace with a brand of its own, Ostrelin, and this configuration."""
    brands = write_brand(tmp_path / "brands", "ostrelin", OSTRELIN)
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "clonewatch.toml").write_text(f'brands = ["{brands}"]\n{configuration}', encoding="utf-8")
    return folder


def run_source(lab: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run one source to its end, on a terminal wide enough for its remarks."""
    done = clonewatch("discover", source, "-w", lab, env={"COLUMNS": "300"})
    assert "Traceback" not in done.stderr, done.stderr
    return done


def write_brand(folder: Path, brand: str, text: str) -> Path:
    """A brand's folder with a ``brand.toml``; returns the folder that holds all brands."""
    (folder / brand).mkdir(parents=True)
    (folder / brand / "brand.toml").write_text(text, encoding="utf-8")
    return folder
