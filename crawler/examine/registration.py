"""When a name was registered, by asking its registry (RDAP: RFC 9082, RFC 9083; where to ask: RFC 9224)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import msgspec
import structlog

from crawler.net.bounded_http import ServiceError, ask
from crawler.net.retry_after import retry_after_seconds
from detector.config import RegistrationConfig
from detector.files import write_atomically
from detector.hosts import ascii_host, fits_dns, is_user_content, split_host
from detector.index import cache_folder
from detector.model import Registration, utcnow

MAX_LIST_BYTES, MAX_ANSWER_BYTES = 4_000_000, 1_000_000
LIST_SECONDS = 3 * 86_400
"""How long the list of servers is kept before it is fetched anew."""
RETRY_SECONDS = 3_600.0
"""After this the list is asked for again where it could not be had; the longest that a server may ask for peace."""
BUSY_SECONDS = 60.0
"""How long a server is left alone that asked for peace and did not say how long."""
MAX_KNOWN = 50_000
MAX_REDIRECTS = 3
BEGINNINGS = ("registration", "reregistration")
"""Events (RFC 9083, section 10.2.3) from which a name belongs to its holder."""
FIRST_NAME = datetime(1985, 1, 1, tzinfo=UTC)
ACCEPT = {"Accept": "application/rdap+json, application/json"}
log = structlog.get_logger(__name__)


class _Services(msgspec.Struct):
    services: list[tuple[list[str], list[str]]]


class _Event(msgspec.Struct):
    action: str = msgspec.field(name="eventAction", default="")
    date: str = msgspec.field(name="eventDate", default="")


class _Domain(msgspec.Struct):
    events: list[_Event] = []


@dataclass(slots=True)
class _Server:
    """One server's turn: one question at a time, and none before ``free``."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free: float = 0.0
    """By the monotonic clock."""
    rests: bool = False
    """It asked to be left alone until then."""


class RegistrationLookup:
    """Asks registries, politely; what cannot be known is None, and never stops a crawl.  For one event loop."""

    def __init__(self, config: RegistrationConfig) -> None:
        self._config = config
        self._servers: dict[str, _Server] = {}
        self._known: dict[str, asyncio.Task[Registration | None]] = {}
        self._list: dict[str, str] = {}
        self._list_until = 0.0
        self._list_lock = asyncio.Lock()

    async def of(self, host: str) -> Registration | None:
        """Of the name that ``host`` belongs to; None for addresses, hosters' names, and where nobody says."""
        domain = registered_name(host) if self._config.bootstrap else ""
        if not domain:
            return None
        if domain not in self._known:
            while len(self._known) >= MAX_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[domain] = asyncio.create_task(self._look_up(domain))
        # several pages wait for one answer: one that is given up does not end the others' wait
        return await asyncio.shield(self._known[domain])

    async def __aenter__(self) -> RegistrationLookup:
        return self

    async def __aexit__(self, *_: object) -> None:
        """End what is still being asked."""
        for task in self._known.values():
            task.cancel()
        await asyncio.gather(*self._known.values(), return_exceptions=True)

    async def _look_up(self, domain: str) -> Registration | None:
        base = await self._server_of(domain)
        if not base:
            return None
        server = self._servers.setdefault(base, _Server())
        async with server.turn:
            wait = server.free - time.monotonic()
            if wait > 0.0 and server.rests:
                self._forget(domain)
                return None
            await asyncio.sleep(max(0.0, wait))
            server.rests = False
            try:
                return await self._ask(base, domain, server)
            except ServiceError as error:
                log.warning("registry did not say", domain=domain, server=base, reason=str(error))
                self._forget(domain)
                return None
            finally:
                server.free = max(server.free, time.monotonic() + self._config.pause_seconds)

    def _forget(self, domain: str) -> None:
        """The next page of the name asks again."""
        self._known.pop(domain, None)

    async def _ask(self, base: str, domain: str, server: _Server) -> Registration | None:
        url = f"{base.rstrip('/')}/domain/{quote(domain, safe='')}"
        answer = await ask(
            url, seconds=self._config.seconds, most=MAX_ANSWER_BYTES, headers=ACCEPT, redirects=MAX_REDIRECTS
        )
        if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            said = retry_after_seconds(answer.headers.get("Retry-After", ""))
            rest = BUSY_SECONDS if said is None else min(RETRY_SECONDS, said)
            server.free, server.rests = time.monotonic() + rest, True
            raise ServiceError(f"it asks to be left alone for {rest:.0f} s")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if problem := answer.problem():
            raise ServiceError(problem)
        registered = _registered(answer.body)
        return Registration(domain, registered, url, utcnow()) if registered else None

    # --- where to ask -------------------------------------------------------------------------------------------

    async def _server_of(self, domain: str) -> str:
        """Base address of the server for a name, by the longest ending on the list (RFC 9224, section 4); empty: there is none."""
        async with self._list_lock:
            if time.monotonic() >= self._list_until:
                await self._load()
        labels = domain.split(".")
        endings = (".".join(labels[start:]) for start in range(1, len(labels)))
        return next((self._list[ending] for ending in endings if ending in self._list), "")

    async def _load(self) -> None:
        path = _kept_list(self._config.bootstrap)
        age, kept = _age(path), _kept_servers(path)
        if kept is not None and age <= LIST_SECONDS:
            self._list, self._list_until = kept, time.monotonic() + LIST_SECONDS - age
            return
        try:
            body = await self._fetch_list()
            self._list = _servers(body)
        except (ServiceError, ValueError, RecursionError) as error:
            log.warning("list of registries not renewed", address=self._config.bootstrap, reason=str(error))
            self._list, self._list_until = kept or {}, time.monotonic() + RETRY_SECONDS
            return
        self._list_until = time.monotonic() + LIST_SECONDS
        _keep(path, body)

    async def _fetch_list(self) -> bytes:
        seconds = 4 * self._config.seconds
        answer = await ask(
            self._config.bootstrap, seconds=seconds, most=MAX_LIST_BYTES, headers=ACCEPT, redirects=MAX_REDIRECTS
        )
        if problem := answer.problem():
            raise ServiceError(problem)
        return answer.body


def registered_name(host: str) -> str:
    """The part of a host that a registry knows, in ASCII; empty where its age would say nothing of the page's author."""
    parts = split_host(host)
    if not parts.label or not parts.suffix or is_user_content(host):
        return ""
    name = ascii_host(parts.registrable)
    return name if fits_dns(name) else ""


def _registered(body: bytes) -> datetime | None:
    try:
        events = msgspec.json.decode(body, type=_Domain).events
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(f"its answer cannot be read ({error})") from error
    dates = []
    for event in events:
        if event.action.lower() in BEGINNINGS:
            try:
                date = datetime.fromisoformat(event.date)
                # some registries leave the zone out, and mean UTC
                dates.append(date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC))
            except (ValueError, OverflowError):
                continue
    sane = [date for date in dates if FIRST_NAME <= date <= utcnow() + timedelta(days=1)]
    return max(sane, default=None)


def _servers(body: bytes) -> dict[str, str]:
    """Base address by ending, https where there is one."""
    found: dict[str, str] = {}
    for endings, addresses in msgspec.json.decode(body, type=_Services).services:
        usable = sorted(
            (address for address in addresses if address.startswith(("https://", "http://"))),
            key=lambda address: not address.startswith("https://"),
        )
        for ending in endings if usable else ():
            found[ending.lower().strip(".")] = usable[0]
    return found


def _kept_list(address: str) -> Path:
    return cache_folder() / f"rdap-{hashlib.sha256(address.encode()).hexdigest()[:16]}.json"


def _kept_servers(path: Path) -> dict[str, str] | None:
    try:
        return _servers(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("kept list of registries cannot be read", path=str(path), reason=str(error))
        return None


def _age(path: Path) -> float:
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")


def _keep(path: Path, body: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, body, durable=False)
    except OSError as error:
        log.warning("list of registries not kept", path=str(path), error=str(error))
