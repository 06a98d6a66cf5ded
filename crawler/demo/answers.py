"""The answers of the demo's web servers, chosen by host, path and browser."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from crawler.demo import feeds
from crawler.demo.logos import LogoMissingError, logo_bytes
from crawler.demo.sites import PAGES, Site, load_sites
from crawler.demo.sites import site as site_of
from crawler.loopback.web import NOT_FOUND, Response

THANKS = Response(
    b"<!doctype html><title>Demo</title><p>This is a page of the clonewatch demo. Your input was discarded."
)


def find_site(host: str, path: str) -> Site | None:
    """Return the site that a request belongs to: the exact address, else the deepest folder of that host that holds it."""
    mine = [entry for entry in load_sites() if entry.host == host]
    for entry in mine:
        if entry.path == path:
            return entry
    below = [entry for entry in mine if path.startswith(entry.base)]
    return max(below, key=lambda entry: len(entry.base), default=None)


def respond(host: str, path: str, http_port: int, https_port: int, agent: str = "") -> Response:
    """Return the answer to a GET by a browser with the User-Agent ``agent``; pages that stall are not answered here."""
    if host in {"127.0.0.1", "localhost"}:
        if path == feeds.TEXT_PATH:
            return Response(feeds.text_feed(http_port, https_port), media_type="text/plain; charset=utf-8")
        if path == feeds.CSV_PATH:
            return Response(feeds.csv_feed(http_port, https_port), media_type="application/gzip")
    entry = find_site(host, path)
    if entry is None:
        return NOT_FOUND
    if entry.behaviour == "redirect" and entry.to is not None:
        return Response(status=302, headers={"Location": site_of(entry.to).address(http_port, https_port)})
    if path == entry.path:
        return _page(entry, phone="Mobile" in agent)
    return _file(entry, path.removeprefix(entry.base))


def _page(entry: Site, *, phone: bool) -> Response:
    if entry.decoy and not phone:
        return Response((PAGES / entry.decoy / "index.html").read_bytes())
    text = (entry.folder / "index.html").read_text(encoding="utf-8")
    for old, new in entry.swap:
        text = text.replace(old, new)
    return Response(text.encode(), 404 if entry.behaviour == "not_found" else 200)


def _file(entry: Site, name: str) -> Response:
    if name in entry.assets:
        try:
            body, media_type = logo_bytes(entry.assets[name], PurePosixPath(name).suffix)
        except LogoMissingError as error:
            return Response(str(error).encode(), 404, "text/plain; charset=utf-8")
        return Response(body, media_type=media_type)
    target = (entry.folder / name).resolve()
    if name and target.is_relative_to(entry.folder.resolve()) and target.is_file():
        media_type = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
        return Response(target.read_bytes(), media_type=media_type)
    return NOT_FOUND
