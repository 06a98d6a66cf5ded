"""A workspace whose source ``probe`` meets real servers: what is queued, and what is sent to a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.farm.pages import Page
from benchmarks.farm.server import served
from crawler.loopback.web import LOOPBACK
from detector.config import default_brands_dir
from detector.model import Candidate, utcnow
from detector.workspace import Workspace
from tests.support.program import ROOT, clonewatch

WIDE = {"COLUMNS": "300"}
"""A terminal wide enough for remarks."""
BRANDS = (default_brands_dir(), ROOT / "crawler" / "demo" / "brands")
GARDEN = b"<title>Roses</title><h1>Our garden</h1><p>Opening hours and the way to us, with pictures of last summer.</p>"


@contextmanager
def farm(lab: Path, pages: dict[str, Page], probe: str = "") -> Iterator[int]:
    """Serve pages by host for this lab; yields the port."""
    with served(pages) as (port, names):
        base = (lab / "clonewatch.toml").read_text(encoding="utf-8").split("[capture]")[0]
        more = f"[capture]\nallow_private = ['{LOOPBACK}/32']\nnameservers = ['{names}']\n[probe]\nseconds = 30.0\n{probe}\n"
        (lab / "clonewatch.toml").write_text(base + more, encoding="utf-8")
        yield port


def queue(lab: Path, *urls: str) -> None:
    with Workspace.open(lab) as workspace:
        workspace.store.probes.add(urls, "test", utcnow())


def found(lab: Path) -> dict[str, Candidate]:
    """Claim all candidates of the backlog, and return them by URL."""
    with Workspace.open(lab) as workspace:
        return {claim.candidate.url: claim.candidate for claim in workspace.store.backlog.claim(10_000)}


def waiting(lab: Path, later: timedelta = timedelta()) -> tuple[int, int]:
    """Return the numbers of names that are due, and that wait for another day."""
    with Workspace.open(lab) as workspace:
        return workspace.store.probes.counts(utcnow() + later)


def guarded(lab: Path, *rules: str) -> None:
    """Let looks reach 127.0.0.1, and resolve names by these rules."""
    base = (lab / "clonewatch.toml").read_text(encoding="utf-8")
    guard = f"[capture]\nallow_private = ['127.0.0.1/32']\nresolve = {list(rules)}\n[probe]\nseconds = 30.0\n"
    (lab / "clonewatch.toml").write_text(base + guard, encoding="utf-8")


def probe(lab: Path, *arguments: str) -> str:
    """Run ``clonewatch probe``, and return its output."""
    done = clonewatch("probe", *arguments, "-w", lab, env=WIDE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr
