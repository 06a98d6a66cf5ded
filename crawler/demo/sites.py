"""The demo's sites as data: read from ``sites.toml``, one entry per address, with the expected verdict."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

HERE = Path(__file__).resolve().parent
PAGES = HERE / "pages"
LIST = HERE / "sites.toml"

KINDS = ("official", "clone", "innocent", "nuisance")
FOUND_BY = ("owner", "permutations", "feed", "csv", "redirect")
BEHAVIOURS = ("page", "redirect", "not_found", "stall")


@dataclass(frozen=True, kw_only=True)
class Site:
    """One address of the demo and the expected verdict."""

    id: str
    url: str
    """URL without a port, because the servers' ports are known only when they run."""
    kind: str
    """``official``, ``clone``, ``innocent`` or ``nuisance``."""
    difficulty: str
    """One sentence on what makes it hard to judge, or why it is harmless."""
    brand: str | None = None
    """Id of the brand that it impersonates (clone) or belongs to (official)."""
    found_by: str = "feed"
    """Source that finds it: ``owner`` (none), ``permutations``, ``feed``, ``csv`` (gzipped) or ``redirect`` (a later hop)."""
    behaviour: str = "page"
    """``page``, ``redirect`` (302 to the site ``to``), ``not_found`` (404 with a page), ``stall`` (never answers)."""
    to: str | None = None
    page: str = ""
    """Folder under ``pages/``; empty: the id."""
    decoy: str = ""
    """Folder under ``pages/`` that is shown to all visitors but phones; empty: all are shown the same."""
    assets: dict[str, str] = field(default_factory=dict)
    """Logos by their address below the page, as ``BRAND/KIND[/THEME[/ERA]]``, read when they are served."""
    swap: tuple[tuple[str, str], ...] = ()
    """Replacements in ``index.html``, such as a copying tool makes."""

    @property
    def scheme(self) -> str:
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def base(self) -> str:
        """Return the path up to its last slash, against which relative addresses are resolved."""
        return self.path.rpartition("/")[0] + "/"

    @property
    def folder(self) -> Path:
        return PAGES / (self.page or self.id)

    def address(self, http_port: int, https_port: int) -> str:
        """Return the URL with its port, while the servers run."""
        port = https_port if self.scheme == "https" else http_port
        return f"{self.scheme}://{self.host}:{port}{self.path}"


@cache
def load_sites() -> tuple[Site, ...]:
    """Return all sites in the order of the list.

    Raises:
        ValueError: two entries clash, or one names a kind, a target or a folder that does not exist.
    """
    data = tomllib.loads(LIST.read_text(encoding="utf-8"))
    sites = tuple(msgspec.convert(entry, Site) for entry in data["site"])
    ids = {site.id for site in sites}
    if len(ids) != len(sites) or len({(site.host, site.path) for site in sites}) != len(sites):
        raise ValueError(f"{LIST}: two sites share an id or an address")
    for site in sites:
        _check(site, ids)
    return sites


def _check(site: Site, ids: set[str]) -> None:
    where = f"{LIST}: site {site.id!r}"
    if site.kind not in KINDS or site.found_by not in FOUND_BY or site.behaviour not in BEHAVIOURS:
        raise ValueError(f"{where}: unknown kind, found_by or behaviour")
    if (site.brand is None) != (site.kind in {"innocent", "nuisance"}):
        raise ValueError(f"{where}: clones and official pages name a brand, the others none")
    if site.behaviour == "redirect":
        if site.to not in ids:
            raise ValueError(f"{where}: redirects to {site.to!r}, which is not in the list")
    elif site.behaviour != "stall" and not (site.folder / "index.html").is_file():
        raise ValueError(f"{where}: {site.folder} has no index.html")
    if site.decoy and not (PAGES / site.decoy / "index.html").is_file():
        raise ValueError(f"{where}: the decoy {site.decoy!r} has no index.html")


def site(site_id: str) -> Site:
    """Return the site of that id."""
    return next(entry for entry in load_sites() if entry.id == site_id)


def hosts() -> tuple[str, ...]:
    """Return every host name of the demo, once."""
    return tuple(sorted({entry.host for entry in load_sites()}))
