"""Support for tests of discovery: a web server that hands out feeds, and a workspace with a brand of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawler.loopback.web import Request, Response, WebServer
from tests.support.program import clonewatch


@dataclass
class Page:
    """The answer of the web server at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    claimed_length: int | None = None
    """Content-Length where it is not the body's: the connection ends too early."""
    before: Callable[[], object] = bool
    """Called by the server's thread before it answers."""


class FeedServer(WebServer):
    """Serves pages over HTTP on 127.0.0.1; answers 304 where the client has the page's ETag."""

    def __init__(self, pages: dict[str, Page]) -> None:
        super().__init__(self._page, keep_alive=True)
        self.pages = pages

    def _page(self, request: Request) -> Response:
        page = self.pages.get(request.target, Page(status=404))
        page.before()
        etag = page.headers.get("ETag")
        same = etag is not None and request.headers.get("if-none-match") == etag
        kind = page.headers.get("Content-Type", "")
        return Response(
            b"" if same else page.body, 304 if same else page.status, kind, page.headers, page.claimed_length
        )


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
