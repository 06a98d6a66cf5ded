"""Look up when and by whom a domain was registered, by RDAP (RFC 9082, RFC 9083; servers after RFC 9224)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import msgspec
import structlog

from crawler.examine.registration_answer import read_answer
from crawler.net.bounded_http import ServiceError, ask
from crawler.net.retry_after import retry_after_seconds
from detector.config import RegistrationConfig
from detector.files import write_atomically
from detector.hosts import ascii_host, fits_dns, is_user_content, split_host
from detector.index import cache_folder
from detector.model import Registration, utcnow
from detector.sentences import without_secrets

MAX_LIST_BYTES, MAX_ANSWER_BYTES = 4_000_000, 1_000_000
LIST_SECONDS = 3 * 86_400
"""Time for which the list of servers is kept before it is fetched again."""
RETRY_SECONDS = 3_600.0
"""Time after which a failed fetch of the list is tried again; also the longest ``Retry-After`` that is respected."""
BUSY_SECONDS = 60.0
"""Pause for a server that answered 429 or 503 without ``Retry-After``."""
MAX_KNOWN = 50_000
MAX_REDIRECTS = 3
ACCEPT = {"Accept": "application/rdap+json, application/json"}
log = structlog.get_logger(__name__)


class _Services(msgspec.Struct):
    services: list[tuple[list[str], list[str]]]


@dataclass(slots=True)
class _Server:
    """Rate limit of one server: one question at a time, and none before ``free``."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free: float = 0.0
    """Time of the next question, by the monotonic clock."""
    rests: bool = False
    """Time until which the server asked for a pause."""


class RegistrationLookup:
    """Asks registries, within their rate limits.  A failed lookup gives None and never stops a crawl.  For one event loop."""

    def __init__(self, config: RegistrationConfig, *, allow_private: Sequence[str] = ()) -> None:
        """``allow_private``: blocks of ``capture.allow_private``, in which the servers of the list may stand."""
        self._config, self._allow_private = config, allow_private
        self._servers: dict[str, _Server] = {}
        self._known: dict[str, asyncio.Task[Registration | None]] = {}
        self._list: dict[str, str] = {}
        self._list_until = 0.0
        self._list_lock = asyncio.Lock()

    async def of(self, host: str) -> Registration | None:
        """Return the registration of the domain of ``host``; None for IP addresses, hosters' names, and without an answer."""
        domain = registered_name(host) if self._config.bootstrap else ""
        if not domain:
            return None
        if domain not in self._known:
            while len(self._known) >= MAX_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[domain] = asyncio.create_task(self._look_up(domain))
        # several pages may wait for one answer: cancelling one does not cancel the question
        return await asyncio.shield(self._known[domain])

    async def __aenter__(self) -> RegistrationLookup:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cancel open questions."""
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
                log.warning(
                    "the registry gave no usable answer", domain=domain, server=without_secrets(base), reason=str(error)
                )
                self._forget(domain)
                return None
            finally:
                server.free = max(server.free, time.monotonic() + self._config.pause_seconds)

    def _forget(self, domain: str) -> None:
        """Forget a failed question, so that the next page of the domain asks again."""
        self._known.pop(domain, None)

    async def _ask(self, base: str, domain: str, server: _Server) -> Registration | None:
        url = f"{base.rstrip('/')}/domain/{quote(domain, safe='')}"
        answer = await ask(
            url,
            seconds=self._config.seconds,
            most=MAX_ANSWER_BYTES,
            headers=ACCEPT,
            redirects=MAX_REDIRECTS,
            named=self._config.bootstrap,
            allow_private=self._allow_private,
        )
        if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            said = retry_after_seconds(answer.headers.get("Retry-After", ""))
            rest = BUSY_SECONDS if said is None else min(RETRY_SECONDS, said)
            server.free, server.rests = time.monotonic() + rest, True
            raise ServiceError(f"it asked for a pause of another {rest:.0f} s")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if problem := answer.problem():
            raise ServiceError(problem)
        try:
            found = read_answer(answer.body)
        except ValueError as error:
            raise ServiceError(str(error)) from error
        if found.registered is None:
            return None
        return Registration(
            domain, found.registered, url, utcnow(), found.registrar, found.abuse_contacts, found.name_servers
        )

    # --- servers -------------------------------------------------------------------------------------------

    async def _server_of(self, domain: str) -> str:
        """Return the base address of the server for a domain, by the longest suffix listed (RFC 9224, section 4); empty: none."""
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
            log.warning(
                "the list of RDAP servers could not be renewed",
                address=without_secrets(self._config.bootstrap),
                reason=str(error),
            )
            self._list, self._list_until = kept or {}, time.monotonic() + RETRY_SECONDS
            return
        self._list_until = time.monotonic() + LIST_SECONDS
        _keep(path, body)

    async def _fetch_list(self) -> bytes:
        seconds = 4 * self._config.seconds
        answer = await ask(
            self._config.bootstrap,
            seconds=seconds,
            most=MAX_LIST_BYTES,
            headers=ACCEPT,
            redirects=MAX_REDIRECTS,
            allow_private=self._allow_private,
        )
        if problem := answer.problem():
            raise ServiceError(problem)
        return answer.body


def registered_name(host: str) -> str:
    """Return the registrable domain of a host, in ASCII; empty where its age says nothing about the page's author."""
    parts = split_host(host)
    if not parts.label or not parts.suffix or is_user_content(host):
        return ""
    name = ascii_host(parts.registrable)
    return name if fits_dns(name) else ""


def _servers(body: bytes) -> dict[str, str]:
    """Return base addresses by ending, https where there is one."""
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
        log.warning("the stored list of RDAP servers cannot be read", path=str(path), reason=str(error))
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
        log.warning("the list of RDAP servers could not be stored", path=str(path), error=str(error))
