"""Compare the verdicts of a run, read from its store, with those that the list of sites expects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.demo.server import DemoServers
from crawler.demo.sites import Site, load_sites
from detector.model import Capture, Decision, Verdict
from detector.store import Store

SEVERITY = (Decision.FLAGGED, Decision.REVIEW, Decision.CLEAR, Decision.OWNED, Decision.UNSEEN)


@dataclass(frozen=True)
class Row:
    """One site, the verdict on it, and whether that is right."""

    site: Site
    right: bool
    seen: str
    """The verdict in words: decision and brand, or the reason why there is none."""
    probability: float | None = None


def read_rows(database: Path, servers: DemoServers) -> list[Row]:
    """Return a row for every site that a run had to find, in the order of the list."""
    with Store.open(database) as store:
        captures = [(capture, verdict) for _, capture, verdict in store.captures.stream()]
    return [
        judge_site(entry, _captures_of(servers.url(entry), captures))
        for entry in load_sites()
        if entry.behaviour != "redirect"
    ]


def judge_site(site: Site, captures: Iterable[tuple[Capture, Verdict]]) -> Row:
    """Compare the captures of one site with its expected verdict.

    A clone must be flagged for its brand.  An innocent page must have been captured and not be flagged: a page that was not
    captured is not clean.  An official page must not have become a suspect.  A nuisance must leave a capture that says so.
    """
    worst = min(captures, key=lambda pair: SEVERITY.index(pair[1].decision), default=None)
    if worst is None:
        return Row(site, site.kind == "official", "never a suspect" if site.kind == "official" else "not found")
    capture, verdict = worst
    flagged = verdict.decision is Decision.FLAGGED
    words = str(verdict.decision) + (f": {verdict.brand}" if verdict.brand and not _plain(verdict) else "")
    if verdict.decision is Decision.UNSEEN:
        words = f"unseen ({capture.outcome})"
    right = {
        "clone": flagged and verdict.brand == site.brand,
        "innocent": not flagged and verdict.decision is not Decision.UNSEEN,
        "official": verdict.decision is Decision.OWNED,
        "nuisance": not flagged,
    }[site.kind]
    return Row(site, right, words, verdict.probability)


def _plain(verdict: Verdict) -> bool:
    return verdict.decision in {Decision.CLEAR, Decision.UNSEEN}


def _captures_of(address: str, captures: list[tuple[Capture, Verdict]]) -> list[tuple[Capture, Verdict]]:
    """Return captures that began or ended at ``address``."""
    wanted = _place(address)
    return [pair for pair in captures if wanted in {_place(pair[0].url), _place(pair[0].final_url)}]


def _place(url: str) -> tuple[str | None, int | None, str]:
    parts = urlsplit(url)
    return parts.hostname, parts.port, parts.path or "/"
