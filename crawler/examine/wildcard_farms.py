"""Wildcard farms: zones that answer for every name (RFC 4592) and show the same page under each.

A farm costs its owner one line of DNS and a crawler a browser for every name.  Once a few names of a zone have shown the same page,
what stands on them is known: the others wait, and one of them is looked at again when a week is over.  A zone that answers for
every name and shows different pages is no farm: hosting services do that.
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
from detector.config import CaptureConfig
from detector.errors import StoreError
from detector.hosts import is_user_content, registrable_domain
from detector.model import Candidate, utcnow
from detector.store import Store

log = structlog.get_logger(__name__)

SOURCE = "farm"
"""Under which farms are remembered."""
ENOUGH = 3
"""Names of a zone that must have shown the same page before the others need not be looked at."""
AGAIN = timedelta(days=7)
"""After which a farm is looked at again."""
DNS_SECONDS = 2.0
ZONES = 10_000
"""Zones whose answer to a name that nobody made is kept in memory."""


class Postponement(Exception):
    """Nothing is to be seen there that is not known: the candidate waits."""

    def __init__(self, due: datetime, reason: str) -> None:
        super().__init__(reason)
        self.due = due
        self.reason = reason


class ZoneSightings(msgspec.Struct):
    """What names of a zone have shown."""

    page: str
    """Digest of what the last one showed."""
    alike: tuple[str, ...]
    """Addresses of different names that have shown it, :data:`ENOUGH` at most."""
    at: datetime


class WildcardFarms:
    """Knows the farms of a store.  For one event loop."""

    def __init__(self, store: Store, config: CaptureConfig) -> None:
        """``config``: who resolves names, and which are led elsewhere.

        Raises:
            ConfigError: a rule or a name server is malformed.
        """
        self._store = store
        self._rules = parse_rules(config.resolve)
        self._lookup = AddressLookup(config.nameservers, DNS_SECONDS, thrifty=True)
        # behind a proxy it is the proxy who resolves: no name is asked for from here
        self._asks = config.proxy is None and not any(config.proxies.values())
        self._zones: OrderedDict[str, frozenset[Address]] = OrderedDict()

    def forget(self) -> None:
        """Drop what is too old to count; whoever makes zones by the thousand must not fill the store."""
        with suppress(StoreError):  # the next one does it
            self._store.forget(SOURCE, utcnow() - AGAIN)

    async def pass_by(self, candidate: Candidate) -> str:
        """The zone that answers for the candidate's name as for any other, empty where there is none.

        Raises:
            Postponed: it is a farm, and what it shows is known.
        """
        zone = await self._zone(candidate.url)
        known = self._known(key_of(zone, candidate)) if zone else None
        # those that stand for the others are looked at whenever somebody asks: whether they are still up, for one
        if known is not None and len(known.alike) >= ENOUGH and candidate.url not in known.alike:
            due = known.at + AGAIN
            if due > utcnow():
                raise Postponement(due, f"every name under {zone} shows the same page; {known.alike[0]} stands for it")
        return zone

    def learn(self, zone: str, candidate: Candidate, result: ExaminationResult) -> None:
        """A name of ``zone`` was looked at."""
        if not zone:
            return
        key, page = key_of(zone, candidate), _page(candidate, result)
        known = self._known(key)
        before = known.alike if known is not None and known.page == page else ()
        alike = tuple(dict.fromkeys((*before, candidate.url)))[:ENOUGH]
        value = ZoneSightings(page, alike, utcnow())
        try:
            self._store.remember(SOURCE, key, msgspec.json.encode(value).decode())
        except StoreError as error:  # the next name is looked at, and that is all
            log.warning("what a wildcard zone shows could not be noted", zone=zone, error=str(error))

    def _known(self, key: str) -> ZoneSightings | None:
        with suppress(StoreError, msgspec.MsgspecError):
            text = self._store.recall(SOURCE, key)
            return msgspec.json.decode(text, type=ZoneSightings) if text else None
        return None

    async def _zone(self, url: str) -> str:
        """The widest zone that has the name's address for names that nobody made."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port or 0
        except ValueError:
            return ""
        own = registrable_domain(host)
        if not self._asks or host in (own, f"www.{own}") or literal(host) is not None or is_user_content(host):
            return ""
        if lookup(self._rules, host, port) is not None:
            return ""
        for zone in dict.fromkeys((own, host.partition(".")[2])):
            anybody = await self._anybody(zone)
            if anybody and anybody & await self._addresses(host):
                return zone
        return ""

    async def _anybody(self, zone: str) -> frozenset[Address]:
        """Addresses of a name in ``zone`` that nobody made."""
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


def key_of(zone: str, candidate: Candidate) -> str:
    """Other paths of a farm, and pages for other brands, are other pages."""
    asked = "\n".join((urlsplit(candidate.url).path, *sorted(candidate.brands)))
    return f"{zone} {hashlib.sha256(asked.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _page(candidate: Candidate, result: ExaminationResult) -> str:
    """Digest of what a page shows and what was concluded, its own name aside."""
    capture, verdict = result.capture, result.verdict
    host = urlsplit(candidate.url).hostname or ""
    facts = capture.facts
    said = "" if facts is None else " ".join(f"{facts.title} {facts.text}".lower().split()).replace(host, "")
    built = () if facts is None else facts.structure
    shown = f"{capture.outcome} {verdict.decision} {verdict.brand} {built} {said}"
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()
