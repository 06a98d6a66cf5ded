"""Keep the list that says which RDAP server answers for which names or addresses (RFC 9224)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from crawler.net.bounded_http import ServiceError, ask
from detector.clock import SKEW
from detector.files import write_atomically
from detector.index import cache_folder
from detector.sentences import without_secrets

MAX_LIST_BYTES = 4_000_000
LIST_SECONDS = 3 * 86_400
"""Time for which the list of servers is kept before it is fetched again."""
RETRY_SECONDS = 3_600.0
"""Time after which a failed fetch of the list is tried again."""
MAX_REDIRECTS = 3
ACCEPT = {"Accept": "application/rdap+json, application/json"}
log = structlog.get_logger(__name__)


class _Services(msgspec.Struct):
    services: list[tuple[list[str], list[str]]]


class RdapServerList:
    """The servers of one list, cached on the disk between runs.  For one event loop."""

    def __init__(self, address: str, *, seconds: float, allow_private: Sequence[str] = ()) -> None:
        """``address``: of the list; ``seconds``: limit of its fetch; ``allow_private``: blocks of ``capture.allow_private``."""
        self._address, self._seconds, self._allow_private = address, seconds, allow_private
        self._servers: dict[str, str] = {}
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def servers(self) -> dict[str, str]:
        """Return base addresses by entry (an ending of names, or a block of addresses); empty without any list."""
        async with self._lock:
            if time.monotonic() >= self._until:
                await self._load()
        return self._servers

    async def _load(self) -> None:
        path = cache_folder() / f"rdap-{hashlib.sha256(self._address.encode()).hexdigest()[:16]}.json"
        age, kept = _age(path), _kept_servers(path)
        if kept is not None and age <= LIST_SECONDS:
            self._servers, self._until = kept, time.monotonic() + LIST_SECONDS - age
            return
        try:
            body = await self._fetch()
            self._servers = _servers(body)
        except (ServiceError, ValueError, RecursionError) as error:
            log.warning(
                "the list of RDAP servers could not be renewed",
                address=without_secrets(self._address),
                reason=str(error),
            )
            self._servers, self._until = kept or {}, time.monotonic() + RETRY_SECONDS
            return
        self._until = time.monotonic() + LIST_SECONDS
        _keep(path, body)

    async def _fetch(self) -> bytes:
        answer = await ask(
            self._address,
            seconds=self._seconds,
            most=MAX_LIST_BYTES,
            headers=ACCEPT,
            redirects=MAX_REDIRECTS,
            allow_private=self._allow_private,
        )
        if problem := answer.problem():
            raise ServiceError(problem)
        return answer.body


def _servers(body: bytes) -> dict[str, str]:
    """Return base addresses by entry, https where there is one."""
    found: dict[str, str] = {}
    for entries, addresses in msgspec.json.decode(body, type=_Services).services:
        usable = sorted(
            (address for address in addresses if address.startswith(("https://", "http://"))),
            key=lambda address: not address.startswith("https://"),
        )
        for entry in entries if usable else ():
            found[entry.lower().strip(".")] = usable[0]
    return found


def _kept_servers(path: Path) -> dict[str, str] | None:
    try:
        return _servers(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("the stored list of RDAP servers cannot be read", path=str(path), reason=str(error))
        return None


def _age(path: Path) -> float:
    """Seconds since a file was written; without end where it is missing, or was written by a clock that was ahead."""
    try:
        age = time.time() - path.stat().st_mtime
        return max(0.0, age) if age > -SKEW.total_seconds() else float("inf")
    except OSError:
        return float("inf")


def _keep(path: Path, body: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, body, durable=False)
    except OSError as error:
        log.warning("the list of RDAP servers could not be stored", path=str(path), error=str(error))
