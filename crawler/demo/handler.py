"""HTTP request handler of the demo's web servers: chooses the answer by Host header and path."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.demo import feeds
from crawler.demo.logos import LogoMissingError, logo_bytes
from crawler.demo.sites import PAGES, Site, load_sites
from crawler.demo.sites import site as site_of

if TYPE_CHECKING:
    from crawler.demo.server import DemoServers

THANKS = b"<!doctype html><title>Demo</title><p>This is a page of the clonewatch demo. Your input was discarded."


@dataclass(frozen=True)
class Answer:
    """An answer: status, body, and target of a redirect."""

    status: int
    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    location: str | None = None


def find_site(host: str, path: str) -> Site | None:
    """Return the site that a request belongs to: the exact address, else the deepest folder of that host that holds it."""
    mine = [entry for entry in load_sites() if entry.host == host]
    for entry in mine:
        if entry.path == path:
            return entry
    below = [entry for entry in mine if path.startswith(entry.base)]
    return max(below, key=lambda entry: len(entry.base), default=None)


def respond(host: str, path: str, http_port: int, https_port: int, agent: str = "") -> Answer:
    """Return the answer to a GET by a browser with the User-Agent ``agent``; pages that stall are not answered here."""
    if host in {"127.0.0.1", "localhost"}:
        if path == feeds.TEXT_PATH:
            return Answer(200, feeds.text_feed(http_port, https_port), "text/plain; charset=utf-8")
        if path == feeds.CSV_PATH:
            return Answer(200, feeds.csv_feed(http_port, https_port), "application/gzip")
    entry = find_site(host, path)
    if entry is None:
        return Answer(404, b"<!doctype html><title>Not found</title><h1>Not found</h1>")
    if entry.behaviour == "redirect" and entry.to is not None:
        return Answer(302, location=site_of(entry.to).address(http_port, https_port))
    if path == entry.path:
        return _page(entry, phone="Mobile" in agent)
    return _file(entry, path.removeprefix(entry.base))


def _page(entry: Site, *, phone: bool) -> Answer:
    if entry.decoy and not phone:
        return Answer(200, (PAGES / entry.decoy / "index.html").read_bytes())
    text = (entry.folder / "index.html").read_text(encoding="utf-8")
    for old, new in entry.swap:
        text = text.replace(old, new)
    return Answer(404 if entry.behaviour == "not_found" else 200, text.encode())


def _file(entry: Site, name: str) -> Answer:
    if name in entry.assets:
        try:
            body, media_type = logo_bytes(entry.assets[name], PurePosixPath(name).suffix)
        except LogoMissingError as error:
            return Answer(404, str(error).encode(), "text/plain; charset=utf-8")
        return Answer(200, body, media_type)
    target = (entry.folder / name).resolve()
    if name and target.is_relative_to(entry.folder.resolve()) and target.is_file():
        return Answer(200, target.read_bytes(), mimetypes.guess_type(target.name)[0] or "application/octet-stream")
    return Answer(404, b"<!doctype html><title>Not found</title><h1>Not found</h1>")


class DemoHandler(BaseHTTPRequestHandler):
    """Answer requests with :func:`respond`; ``servers`` is set by the server that owns the class."""

    servers: DemoServers
    timeout = 20
    server_version = "demo"
    sys_version = ""

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0].lower()
        path = unquote(urlsplit(self.path).path)
        entry = find_site(host, path)
        if entry is not None and entry.behaviour == "stall":
            self.servers.stopping.wait()
            return
        agent = self.headers.get("User-Agent") or ""
        self._send(respond(host, path, self.servers.http_port, self.servers.https_port, agent))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        """Count a submitted form, which the crawler must never send; its body is neither read nor stored."""
        self.servers.count_post()
        self._send(Answer(200, THANKS))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        if answer.location is not None:
            self.send_header("Location", answer.location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, to keep the demo's output readable."""
