"""Candidates from captures of flagged pages: what led to the page, where it leads, and what shares its server.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.discovery.triage import Triage
from detector.hosts import host_of, registrable_domain
from detector.limits import spread
from detector.model import Capture, PageFacts, Verdict

NEAR = 0.5
"""Priority of addresses that certainly belong to a flagged page: redirects to it, targets of its forms."""
SHORT = 0.35
"""Priority of a URL shortener's address on a flagged page: its target is unknown."""
MAX_LINKS = 500
MOST_SHARING = 30
"""Number of names at one IP address above which it is a shared host, and no evidence of a relation."""
MOST_NEIGHBOURS = 20
"""Number of sites on one certificate above which it is a content network's, and no evidence of a relation."""
SHORTENERS = frozenset(
    (
        "adf.ly", "bit.do", "bit.ly", "bl.ink", "buff.ly", "clck.ru", "cutt.ly", "dub.sh", "goo.su", "is.gd", "j.mp", "kutt.it",
        "l.ead.me", "lnkd.in", "me-qr.com", "ouo.io", "ow.ly", "qr.ae", "qrco.de", "rb.gy", "rebrand.ly", "s.id", "shorturl.asia",
        "shorturl.at", "surl.li", "t.co", "t.ly", "t2m.io", "tiny.cc", "tinyurl.com",
        "u.to", "urlz.fr", "v.gd", "vk.cc", "x.gd", "zpr.io",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NeighbourLead:
    """An address that is related to a flagged page, with the reason."""

    url: str
    priority: float
    reason: str
    brands: tuple[str, ...] = ()


def leads_of(
    capture: Capture, verdict: Verdict, triage: Triage, certified: Sequence[str] = (), sharing: Sequence[str] = ()
) -> Iterator[NeighbourLead]:
    """Yield redirects, targets of forms, shorteners, links whose names hint at a brand, and sites on the same server.

    The page's own site is left out, each other site comes once.  Ordinary links are left out: a clone links to its brand and half
    the web.  ``certified``: names on the certificate of the page's server; ``sharing``: URLs that answered
    at its IP address.
    """
    page = host_of(capture.final_url or capture.url)
    seen = {registrable_domain(page)} if page else set()
    brands = (verdict.brand,) if verdict.brand else ()
    flagged = f"{page}, which was flagged as {verdict.brand or 'a brand'}"
    for view in (capture, *capture.others):
        for hop in view.redirects:
            if _is_new(hop.url, seen):
                yield NeighbourLead(hop.url, NEAR, f"It led to {flagged}.", brands)
        if view.facts is not None:
            yield from _of_page(view.facts, flagged, triage, seen, brands)
    for url in _certified(certified):
        if _is_new(url, seen):
            yield NeighbourLead(url, NEAR, f"It shares a certificate with {flagged}.", brands)
    for url in sharing if len(sharing) <= MOST_SHARING else ():
        if _is_new(url, seen):
            yield NeighbourLead(url, NEAR, f"It shares the address {capture.address} with {flagged}.", brands)


def _of_page(
    facts: PageFacts, flagged: str, triage: Triage, seen: set[str], brands: tuple[str, ...]
) -> Iterator[NeighbourLead]:
    for form in facts.forms:
        if _is_new(form.action, seen):
            yield NeighbourLead(form.action, NEAR, f"A form on {flagged}, sends to it.", brands)
    for link in spread(facts.links, MAX_LINKS):
        site = _site(link)
        if host_of(link) in SHORTENERS and link not in seen:
            seen.add(link)
            yield NeighbourLead(link, SHORT, f"It is a URL shortener, linked from {flagged}.", brands)
        elif site and site not in seen and (score := triage.score_name(link)).selected:
            seen.add(site)
            yield NeighbourLead(link, score.score, f"It is linked from {flagged}.")


def _certified(names: Sequence[str]) -> list[str]:
    """Return front pages of the names on a certificate; none where it has as many sites as a content network's."""
    hosts = list(dict.fromkeys(name.removeprefix("*.").removeprefix("www.") for name in names))
    sites = {registrable_domain(host) for host in hosts}
    return [f"https://{host}/" for host in hosts] if len(sites) <= MOST_NEIGHBOURS else []


def _is_new(url: str, seen: set[str]) -> bool:
    site = _site(url)
    if not site or site in seen:
        return False
    seen.add(site)
    return True


def _site(url: str) -> str:
    """Return the registrable domain of a URL; empty where it has none."""
    host = host_of(url) if url.lower().startswith(("http://", "https://")) else ""
    return registrable_domain(host) if host else ""
