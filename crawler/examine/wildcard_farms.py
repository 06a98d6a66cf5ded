"""Recognise wildcard farms: zones that answer for every name (RFC 4592) and show the same page under each.

A farm costs its owner one DNS record, and a crawler a capture for every name.  Once a few names of a zone have shown the same page,
the other names wait, and one of them is captured again after a week.  A zone that answers for
every name and shows different pages is not a farm: hosting services do that.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import structlog

from crawler.examine.examination_result import ExaminationResult
from crawler.net.guard.addresses import Address, literal
from crawler.net.guard.dns_lookup import AddressLookup
from crawler.net.guard.resolve_rules import lookup, parse_rules
from crawler.net.guard.traffic_ledger import FailureError
from detector.clock import is_ahead
from detector.config import CaptureConfig
from detector.errors import StoreError
from detector.hosters import is_shared
from detector.hosts import registrable_domain
from detector.model import Candidate, utcnow
from detector.store import SourceKey, Store, json_key

log = structlog.get_logger(__name__)

SOURCE = "farm"
"""Key under which farms are stored."""
ENOUGH = 3
"""Names of a zone that must have shown the same page before the others are postponed."""
AGAIN = timedelta(days=7)
"""Time after which a name of a farm is captured again."""
DNS_SECONDS = 2.0
ZONES = 10_000
"""Number of zones whose answer to a random name is kept in memory."""


class Postponement(Exception):
    """A candidate must wait, because its page is already known."""

    def __init__(self, due: datetime, reason: str) -> None:
        super().__init__(reason)
        self.due = due
        self.reason = reason


class ZoneSightings(msgspec.Struct):
    """Pages that names of a zone have shown."""

    page: str
    """Digest of the page that the last one showed."""
    alike: tuple[str, ...]
    """URLs of different names that have shown it, at most :data:`ENOUGH`."""
    at: datetime


class WildcardFarms:
    """The farms that a store knows.  For one event loop."""

    def __init__(self, store: Store, config: CaptureConfig) -> None:
        """``config``: resolvers, fixed addresses of hosts, and proxy.

        Raises:
            ConfigError: a rule or a name server is malformed.
        """
        self._store = store
        self._rules = parse_rules(config.resolve)
        self._lookup = AddressLookup(config.nameservers, DNS_SECONDS, prefer_ipv4=True)
        # behind a proxy, the proxy resolves names: none is looked up here
        self._asks = config.proxy is None and not any(config.proxies.values())
        self._zones: OrderedDict[str, frozenset[Address]] = OrderedDict()

    def forget(self) -> None:
        """Delete old farms, so that an attacker with thousands of zones cannot fill the store."""
        with suppress(StoreError):  # the next one does it
            self._store.sources.forget(SOURCE, utcnow() - AGAIN)

    async def pass_by(self, candidate: Candidate) -> str:
        """Return the zone that answers for the candidate's name as for any other; empty where there is none.

        Raises:
            Postponement: it is a farm, and its page is known.
        """
        zone = await self._zone(candidate.url)
        known = self._known(key_of(zone, candidate)) if zone else None
        # names that represent the farm are never postponed, so that they can be checked at any time
        if known is not None and len(known.alike) >= ENOUGH and candidate.url not in known.alike:
            due, now = known.at + AGAIN, utcnow()
            if due > now and not is_ahead(known.at, now):
                raise Postponement(due, f"every name under {zone} shows the same page; {known.alike[0]} represents it")
        return zone

    def learn(self, zone: str, candidate: Candidate, result: ExaminationResult) -> None:
        """Record what a name of ``zone`` has shown."""
        if not zone:
            return
        key, page = key_of(zone, candidate), _page(candidate, result)
        known = self._known(key)
        before = known.alike if known is not None and known.page == page else ()
        alike = tuple(dict.fromkeys((*before, candidate.url)))[:ENOUGH]
        value = ZoneSightings(page, alike, utcnow())
        try:
            self._store.sources.put(SOURCE, key, value)
        except StoreError as error:  # then the next name is captured too, which does no harm
            log.warning("the page of a wildcard zone could not be recorded", zone=zone, error=str(error))

    def _known(self, key: SourceKey[ZoneSightings]) -> ZoneSightings | None:
        with suppress(StoreError, ValueError):
            return self._store.sources.get(SOURCE, key)
        return None

    async def _zone(self, url: str) -> str:
        """Return the widest zone that gives random names the same address as this name."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port or 0
        except ValueError:
            return ""
        own = registrable_domain(host)
        if not self._asks or host in (own, f"www.{own}") or literal(host) is not None or is_shared(host):
            return ""
        if lookup(self._rules, host, port) is not None:
            return ""
        for zone in dict.fromkeys((own, host.partition(".")[2])):
            anybody = await self._anybody(zone)
            if anybody and anybody & await self._addresses(host):
                return zone
        return ""

    async def _anybody(self, zone: str) -> frozenset[Address]:
        """Return the IP addresses of a random name in ``zone``."""
        if zone not in self._zones:
            self._zones[zone] = await self._addresses(f"{secrets.token_hex(8)}.{zone}")
            while len(self._zones) > ZONES:
                self._zones.popitem(last=False)
        return self._zones[zone]

    async def _addresses(self, host: str) -> frozenset[Address]:
        try:
            return frozenset(await self._lookup.addresses(host))
        except FailureError:
            return frozenset()


def key_of(zone: str, candidate: Candidate) -> SourceKey[ZoneSightings]:
    """Key of what a zone shows at a path to a suspect of certain brands: other paths, fragments and brands are other pages."""
    parts = urlsplit(candidate.url)
    place = f"{parts.path}#{parts.fragment}" if parts.fragment else parts.path
    asked = "\n".join((place, *sorted(candidate.brands)))
    digest = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return json_key(f"{zone} {digest}", ZoneSightings)


def _page(candidate: Candidate, result: ExaminationResult) -> str:
    """Return a digest of what a page shows and of its verdict, without its own name."""
    capture, verdict = result.capture, result.verdict
    host = urlsplit(candidate.url).hostname or ""
    facts = capture.facts
    said = "" if facts is None else " ".join(f"{facts.title} {facts.text}".lower().split()).replace(host, "")
    built = () if facts is None else facts.structure
    shown = f"{capture.outcome} {verdict.decision} {verdict.brand} {built} {said}"
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()
