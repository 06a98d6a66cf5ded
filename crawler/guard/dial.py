"""From a name to a connection: resolve once, judge every address, connect to exactly the one that was judged."""

from __future__ import annotations

import asyncio
import errno
import socket
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from crawler.guard.addresses import Address, Network, is_odd_literal, literal, why_not
from crawler.guard.ledger import Kind, TroubleError
from crawler.guard.rules import ResolveRule, lookup
from detector.errors import ConfigError

MAX_ADDRESSES = 4
"""Addresses of a name that are tried in turn."""
NEVER_PUBLIC = ("invalid", "onion", "localhost", "local")
"""Top-level names that public DNS never serves (RFC 6761, 6762, 7686); ``localhost`` is answered without asking."""
_UNREACHABLE = {errno.ECONNREFUSED: Kind.REFUSED, errno.ETIMEDOUT: Kind.TIMEOUT}

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Upstream:
    """An HTTP proxy that the guard itself goes through."""

    host: str
    port: int
    authorization: str | None = None


def parse_upstream(url: str | None) -> Upstream | None:
    """``http://[user:password@]host[:port]``; None for None or an empty string.

    Raises:
        ConfigError: it is no such address.
    """
    if not url:
        return None
    expected = f"capture.proxy {url!r} must read http://HOST:PORT"
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError as error:
        raise ConfigError(f"{expected}: {error}") from error
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigError(expected)
    if parts.username is None:
        return Upstream(parts.hostname, port)
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Upstream(parts.hostname, port, "Basic " + b64encode(pair.encode()).decode())


class Dialer:
    """Opens connections for all captures of one guard; keeps no state between them but its threads."""

    def __init__(
        self,
        *,
        rules: Sequence[ResolveRule] = (),
        allowed: Sequence[Network] = (),
        upstream: Upstream | None = None,
        seconds: float = 10.0,
        head_limit: int = 65536,
    ) -> None:
        """``seconds`` bound resolution and connection, each."""
        self._rules = rules
        self._allowed = allowed
        self._upstream = upstream
        self._seconds = seconds
        self._head_limit = head_limit
        self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="guard-dns")

    def close(self) -> None:
        """Let go of the resolver's threads without waiting for names that never answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def judged_addresses(self, host: str, port: int) -> list[Address]:
        """Addresses of ``host`` that a page may reach, in the resolver's order; at least one.

        Raises:
            TroubleError: the name does not resolve (``DNS``), or leads nowhere a page may go (``GUARD``).
        """
        found = await self._resolve(host, port)
        reasons = {address: self._why_not(address) for address in found}
        good = [address for address, reason in reasons.items() if reason is None]
        if not good:
            address, reason = next(iter(reasons.items()))
            where = str(address) if str(address) == host else f"{host} leads to {address}, which"
            raise TroubleError(Kind.GUARD, f"{where} is {reason}")
        return good[:MAX_ADDRESSES]

    async def connect(self, addresses: Sequence[Address], port: int) -> tuple[Address, Streams]:
        """Connect to the first of the judged addresses that answers, through the upstream proxy where there is one.

        Raises:
            TroubleError: none of them answered (``REFUSED``, ``TIMEOUT`` or ``FAILED``).
        """
        trouble = TroubleError(Kind.FAILED, "no address to connect to")
        for address in addresses:
            try:
                async with asyncio.timeout(self._seconds / len(addresses)):
                    if self._upstream is None:
                        return address, await self._open(str(address), port)
                    return address, await self._through(self._upstream, address, port)
            except TimeoutError:
                trouble = TroubleError(Kind.TIMEOUT, f"{address} port {port} did not answer")
            except OSError as error:
                kind = _UNREACHABLE.get(error.errno or 0, Kind.FAILED)
                what = (
                    "refused the connection"
                    if kind is Kind.REFUSED
                    else f"cannot be reached ({error.strerror or error})"
                )
                trouble = TroubleError(kind, f"{address} port {port} {what}")
        raise trouble

    def _why_not(self, address: Address) -> str | None:
        reason = why_not(address, self._allowed)
        if reason is None and not any(address.version == block.version and address in block for block in self._allowed):
            return "this machine's own" if _is_own(address) else None
        return reason

    async def _resolve(self, host: str, port: int) -> list[Address]:
        ruled = lookup(self._rules, host, port)
        if ruled is not None:
            return list(ruled)
        address = literal(host)
        if address is not None:
            return [address]
        if is_odd_literal(host):
            raise TroubleError(Kind.GUARD, f"{host} is an odd way to spell an address")
        top = host.rstrip(".").rsplit(".", 1)[-1]
        if top == "localhost":
            return [ip_address("127.0.0.1")]
        if top in NEVER_PUBLIC:
            raise TroubleError(Kind.DNS, f"{host} has no address: .{top} is not served by public DNS")
        return await self._ask(host, port)

    async def _ask(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                rows = await loop.run_in_executor(self._threads, _getaddrinfo, host, port)
        except TimeoutError as error:
            raise TroubleError(Kind.DNS, f"the resolver did not answer for {host}") from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise TroubleError(Kind.DNS, f"{host} has no address ({reason})") from error
        if not rows:
            raise TroubleError(Kind.DNS, f"{host} has no address")
        return rows

    async def _open(self, host: str, port: int) -> Streams:
        return await asyncio.open_connection(host, port, limit=self._head_limit)

    async def _through(self, upstream: Upstream, address: Address, port: int) -> Streams:
        reader, writer = await self._open(upstream.host, upstream.port)
        try:
            host = f"[{address}]" if address.version == 6 else str(address)
            lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
            if upstream.authorization:
                lines.append(f"Proxy-Authorization: {upstream.authorization}")
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            status = head.split(b"\r\n", 1)[0].split(b" ", 2)
            if len(status) < 2 or status[1] != b"200":
                answer = b" ".join(status[1:]).decode("latin-1")
                raise TroubleError(Kind.FAILED, f"the proxy {upstream.host} did not connect to {address}: {answer}")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            writer.transport.abort()
            raise TroubleError(Kind.FAILED, f"the proxy {upstream.host} gave no sensible answer") from error
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer


def _getaddrinfo(host: str, port: int) -> list[Address]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(row[4][0])) for row in rows))


def _is_own(address: Address) -> bool:
    """Whether packets to ``address`` stay on this machine: connecting a UDP socket asks the routing table and sends nothing."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return bool(ip_address(probe.getsockname()[0]) == address)
    except OSError:
        return False
