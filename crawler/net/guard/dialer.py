"""Resolve a name once, check every address, and connect to exactly the address that was checked."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from crawler.net.guard.addresses import Address, Network, forbidden_reason, is_odd_literal, literal
from crawler.net.guard.byte_stream import ByteStream
from crawler.net.guard.dns_lookup import AddressLookup
from crawler.net.guard.ports import forbidden_port_reason
from crawler.net.guard.resolve_rules import ResolveRule, lookup
from crawler.net.guard.traffic_ledger import FailureError, FailureKind
from crawler.net.guard.upstream_proxy import UpstreamProxy
from crawler.runtime.remedies import FILES
from detector.model import DnsAnswer, utcnow

MAX_ADDRESSES = 4
"""Addresses of a name that are tried in turn."""
NEVER_PUBLIC = ("invalid", "onion", "localhost", "local")
"""Top-level names that public DNS never serves (RFC 6761, 6762, 7686); ``localhost`` is answered without asking."""
_UNREACHABLE = {errno.ECONNREFUSED: FailureKind.REFUSED, errno.ETIMEDOUT: FailureKind.TIMEOUT}
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
REMEDY = f"{FILES}, or lower capture.slots"


class GuardedDialer:
    """Opens connections for all captures of one guard; keeps no state between them."""

    def __init__(
        self,
        *,
        rules: Sequence[ResolveRule] = (),
        allowed: Sequence[Network] = (),
        nameservers: Sequence[str] = (),
        seconds: float = 10.0,
        prefer_ipv4: bool = False,
    ) -> None:
        """``seconds`` bound resolution and connection, each; ``nameservers``: the system's by default.

        ``prefer_ipv4``: query IPv6 addresses only of names that have no IPv4 address.

        Raises:
            ConfigError: one of ``nameservers`` is not an address.
        """
        self._rules = rules
        self._allowed = allowed
        self._seconds = seconds
        self._lookup = AddressLookup(nameservers, seconds, prefer_ipv4=prefer_ipv4)

    async def judged_addresses(
        self, host: str, port: int, note: Callable[[DnsAnswer], None] = lambda answer: None
    ) -> list[Address]:
        """Return the addresses of ``host`` that may be connected to, in the resolver's order; at least one.

        ``note`` is called with what a name resolved to, forbidden addresses included, before they are checked.

        Raises:
            FailureError: the name does not resolve (``DNS``), or to forbidden addresses only (``GUARD``), or the port is one that
                nothing connects to (``GUARD``).
        """
        self._check_port(host, port)
        try:
            found = await self._resolve(host, port)
        except FailureError as error:
            if error.failure.kind is FailureKind.DNS:
                note(DnsAnswer(host, (), utcnow(), error.failure.sentence))
            raise
        if literal(host) is None:
            source = "dns" if lookup(self._rules, host, port) is None else "rule"
            note(DnsAnswer(host, tuple(str(address) for address in found), utcnow(), source=source))
        reasons = {address: self._forbidden_reason(address) for address in found}
        good = [address for address, reason in reasons.items() if reason is None]
        if not good:
            address, reason = next(iter(reasons.items()))
            where = str(address) if str(address) == host else f"{host} leads to {address}, which"
            raise FailureError(FailureKind.GUARD, f"{where} is {reason}")
        return good[:MAX_ADDRESSES]

    async def connect(
        self, addresses: Sequence[Address], port: int, upstream: UpstreamProxy | None = None
    ) -> tuple[Address, ByteStream]:
        """Connect to the first of the checked addresses that answers, through the upstream proxy where there is one.

        Raises:
            FailureError: none of them answered (``REFUSED``, ``TIMEOUT`` or ``FAILED``), or the proxy itself failed (``PROXY``).
        """
        failure = FailureError(FailureKind.FAILED, "no address to connect to")
        for address in addresses:
            seconds = self._seconds / len(addresses)
            try:
                async with asyncio.timeout(seconds):
                    if upstream is None:
                        return address, await ByteStream.connect(str(address), port)
                    return address, await upstream.connect(address, port, seconds=seconds / 2)
            except TimeoutError:
                through = f" by way of the proxy {upstream.label}" if upstream else ""
                failure = FailureError(FailureKind.TIMEOUT, f"{address} port {port} did not answer{through}")
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    raise FailureError(
                        FailureKind.FAILED,
                        f"this machine is out of file descriptors or memory ({error.strerror}); {REMEDY}",
                    ) from error
                kind = _UNREACHABLE.get(error.errno or 0, FailureKind.FAILED)
                what = (
                    "refused the connection"
                    if kind is FailureKind.REFUSED
                    else f"cannot be reached ({error.strerror or error})"
                )
                failure = FailureError(kind, f"{address} port {port} {what}")
        raise failure

    def _forbidden_reason(self, address: Address) -> str | None:
        reason = forbidden_reason(address, self._allowed)
        if reason is None and not any(address.version == block.version and address in block for block in self._allowed):
            return "this machine's own" if _is_own(address) else None
        return reason

    def _check_port(self, host: str, port: int) -> None:
        """Refuse a port that is not for web pages, unless a rule of the operator's names it with its host."""
        reason = forbidden_port_reason(port)
        if reason is not None and not any(rule.names(host, port) for rule in self._rules):
            raise FailureError(
                FailureKind.GUARD,
                f"{host} port {port} is not connected to: it is {reason} (a rule in capture.resolve that names both opens it)",
            )

    async def _resolve(self, host: str, port: int) -> list[Address]:
        ruled = lookup(self._rules, host, port)
        if ruled is not None:
            return list(ruled)
        address = literal(host)
        if address is not None:
            return [address]
        if is_odd_literal(host):
            raise FailureError(FailureKind.GUARD, f"{host} is an unusual spelling of an IP address")
        top = host.rstrip(".").rsplit(".", 1)[-1]
        if top == "localhost":
            return [ip_address("127.0.0.1")]
        if top in NEVER_PUBLIC:
            raise FailureError(FailureKind.DNS, f"{host} has no address: .{top} is not served by public DNS")
        return await self._lookup.addresses(host)


def _is_own(address: Address) -> bool:
    """Tell whether packets to ``address`` stay on this machine.

    Connecting a UDP socket consults the routing table, and sends nothing.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return bool(ip_address(probe.getsockname()[0]) == address)
    except OSError:
        return False
