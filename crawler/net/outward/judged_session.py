"""Sessions of aiohttp that connect only where the rules of a service allow it, through the proxies of the environment."""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from crawler.net.guard.addresses import is_odd_literal, literal
from crawler.net.outward.outward_rules import REMEDY, Endpoint, OutwardRules
from crawler.net.outward.service_error import ServiceError
from detector.hosts import ascii_host
from detector.sentences import without_secrets

MOVED = (301, 302, 303, 307, 308)
_PLAIN = re.compile(r"[!-~]*")
_SECRET_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization"))


class JudgedResolver(AbstractResolver):
    """Resolves names for connections: the system's answer for what the operator named, else the guard's judgement."""

    def __init__(self, rules: OutwardRules) -> None:
        """``rules`` judge every name that the operator did not name."""
        self._rules = rules
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name that may be connected to.

        Raises:
            FailureError: it has none.
            OSError: the system knows no address of a name that the operator named.
        """
        if self._rules.is_named((ascii_host(host), port)):
            found = await self._system.resolve(host, port, family)
            self._rules.permit((each["host"] for each in found), port)
            return found
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._rules.addresses((host, port))
        ]

    async def close(self) -> None:
        """Give back what the system's resolver holds."""
        await self._system.close()


def judged_session(
    rules: OutwardRules, *, headers: Mapping[str, str], connect_seconds: float | None = None
) -> aiohttp.ClientSession:
    """Return a session whose every connection is judged by ``rules``; it keeps no cookies and unpacks nothing.

    Requests go through :func:`hop`, which judges the addresses that need no look-up, and those that a proxy looks up.
    """
    return aiohttp.ClientSession(
        headers=headers,
        connector=aiohttp.TCPConnector(
            resolver=JudgedResolver(rules), use_dns_cache=False, limit=0, socket_factory=partial(_judged_socket, rules)
        ),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds),
    )


def _judged_socket(rules: OutwardRules, target: AddrInfoType) -> socket.socket:
    """Open a socket for an address that was judged, whichever way led to it."""
    family, kind, protocol, _, (address, port, *_) = target
    if not rules.permits(str(address), int(port)):
        raise PermissionError(errno.EACCES, f"{address} port {port} is not public: {REMEDY}")
    return socket.socket(family, kind, protocol)


async def checked_proxy(rules: OutwardRules, url: URL) -> str | None:
    """Judge a URL as far as connecting does not; return the proxy of the environment for it, None where there is none.

    Raises:
        FailureError: the URL leads to an address that is forbidden.
        ServiceError: it is not a web address.
    """
    place = _endpoint(url)
    if place is None:
        raise ServiceError(f"{without_secrets(str(url))[:300]} is not an http or https address")
    proxy = environment_proxy(str(url))
    if not rules.is_named(place):
        if proxy is not None:
            await rules.addresses(place, unresolved=True)
        elif literal(place[0]) is not None or is_odd_literal(place[0]):
            await rules.addresses(place)
    if proxy is not None:
        rules.name(proxy)
    return proxy


@asynccontextmanager
async def hop(
    session: aiohttp.ClientSession, rules: OutwardRules, url: str, headers: Mapping[str, str], data: bytes | None = None
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send one request, without redirects; POST where there is ``data``.

    Raises:
        FailureError: it leads to an address that is forbidden.
        ServiceError: it is not a web address.
        aiohttp.ClientError: nothing answers, or not in HTTP.
        ValueError: the URL is malformed.
    """
    # read once: what is judged is what aiohttp connects to
    read = read_url(url)
    proxy = await checked_proxy(rules, read)
    method = "GET" if data is None else "POST"
    async with session.request(
        method, read, data=data, headers=headers, proxy=proxy, allow_redirects=False
    ) as response:
        yield response


@asynccontextmanager
async def websocket(
    session: aiohttp.ClientSession, rules: OutwardRules, url: str, *, most: int
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a websocket for messages of at most ``most`` bytes.

    Redirects are followed by aiohttp itself, and judged when it connects.

    Raises:
        FailureError: it leads to an address that is forbidden.
        ServiceError: it is not a web address.
        aiohttp.ClientError: nothing answers, or not as a websocket.
    """
    read = read_url(url)
    proxy = await checked_proxy(rules, read)
    async with session.ws_connect(read, proxy=proxy, max_msg_size=most, heartbeat=30.0) as socket:
        yield socket


@asynccontextmanager
async def answer_of(
    session: aiohttp.ClientSession, rules: OutwardRules, url: str, headers: Mapping[str, str], *, redirects: int
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send a GET request and follow at most ``redirects`` redirects, every hop judged, and none from https to http.

    Secrets in ``headers`` go only to the scheme, host and port that were asked first.

    Raises:
        FailureError: a hop leads to an address that is forbidden.
        ServiceError: it redirects too often, or to something that is not fetched.
        aiohttp.ClientError: nothing answers, or not in HTTP.
        ValueError: an address is malformed.
    """
    sent = dict(headers)
    for _ in range(redirects + 1):
        if urlsplit(url).scheme not in ("http", "https"):
            raise ServiceError(f"{without_secrets(url)[:300]} is not an http or https address")
        async with hop(session, rules, url, sent) as response:
            place = response.headers.get("Location") if response.status in MOVED else None
            if place is None or redirects == 0:
                yield response
                return
        target = urljoin(url, place)
        if leaves_https(url, target):
            raise ServiceError("it redirects from https to an address that is not https")
        if _origin(target) != _origin(url):
            sent = {name: value for name, value in sent.items() if name.lower() not in _SECRET_HEADERS}
        url = target
    raise ServiceError(f"it redirects more than {redirects} times")


def leaves_https(url: str, target: str) -> bool:
    """Tell whether a redirect from ``url`` to ``target`` leaves https, however the schemes are spelled.

    Raises:
        ValueError: one of them is malformed.
    """
    return read_url(url).scheme == "https" and read_url(target).scheme != "https"


def read_url(url: str) -> URL:
    """Read a URL as aiohttp does, and leave its spelling as it is: yarl would undo escapes such as ``%3A`` in a query.

    Raises:
        ValueError: it is malformed.
    """
    return URL(url, encoded=_PLAIN.fullmatch(url) is not None)


def environment_proxy(url: str) -> str | None:
    """Return the proxy that the environment names for a URL (``HTTPS_PROXY``, ``NO_PROXY``...), None where there is none."""
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    proxy = getproxies().get(scheme)
    if not proxy or not parts.hostname or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _origin(url: str) -> tuple[str, Endpoint | None]:
    read = read_url(url)
    return read.scheme, _endpoint(read)


def _endpoint(url: URL) -> Endpoint | None:
    return (ascii_host(url.raw_host), url.port) if url.raw_host and url.port else None
