"""Where a flagged page leads, and what led to it: candidates out of captures.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.discovery.triage import Triage
from detector.hosts import host_of, registrable_domain
from detector.limits import spread
from detector.model import Capture, PageFacts, Verdict

NEAR = 0.5
"""Priority of what belongs to a flagged page for certain: the steps before it, where its forms go."""
SHORT = 0.35
"""Priority of a shortener's address on a flagged page: where it leads is not told."""
MAX_LINKS = 500
MOST_SHARING = 30
"""Names at one address above which it is a hoster's, and says nothing."""
MOST_NEIGHBOURS = 20
"""Sites on one certificate above which it is a content network's, and says nothing."""
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
    """One address beside a flagged page."""

    url: str
    priority: float
    reason: str
    brands: tuple[str, ...] = ()


def leads_of(
    capture: Capture, verdict: Verdict, triage: Triage, certified: Sequence[str] = (), sharing: Sequence[str] = ()
) -> Iterator[NeighbourLead]:
    """Redirect steps, targets of forms, shorteners, links with names that speak of a brand, and neighbours of the page's server.

    None of the page's own site, each site once.  Ordinary links are left out: a clone links to the brand it copies, and to half
    the web beside.  ``certified``: the names on the certificate that the page's server showed; ``sharing``: URLs that answered
    at its address.
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
            yield NeighbourLead(url, NEAR, f"It is on one certificate with {flagged}.", brands)
    for url in sharing if len(sharing) <= MOST_SHARING else ():
        if _is_new(url, seen):
            yield NeighbourLead(url, NEAR, f"It answers at {capture.address} like {flagged}.", brands)


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
            yield NeighbourLead(link, SHORT, f"{flagged}, links to it: a shortener.", brands)
        elif site and site not in seen and (score := triage.score_name(link)).selected:
            seen.add(site)
            yield NeighbourLead(link, score.score, f"{flagged}, links to it.")


def _certified(names: Sequence[str]) -> list[str]:
    """Front pages of the names on a certificate; none where there are as many sites as on a content network's."""
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
    """The registrable domain of a web address; empty where it is none."""
    host = host_of(url) if url.lower().startswith(("http://", "https://")) else ""
    return registrable_domain(host) if host else ""
