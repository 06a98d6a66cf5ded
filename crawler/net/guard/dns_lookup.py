"""Query DNS for the addresses of a name: by unicast, for exactly that name, and without threads.

The system's resolver would occupy a thread for as long as a server stays silent, append search domains, and query neighbours by
multicast (mDNS, LLMNR) for names without a dot.  A page must not be able to cause any of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from crawler.net.guard.addresses import Address
from crawler.net.guard.traffic_ledger import FailureError, FailureKind
from crawler.net.resolver import resolver_for
from detector.errors import SourceError
from detector.hosts import ascii_host

KEY = "capture.nameservers"
NO_SUCH_NAME = "no such name"
GRACE_SECONDS = 0.5
"""Wait this long for the second address family (RFC 8305, section 3, waits less because a user is waiting)."""


class AddressLookup:
    """One resolver for all captures; keeps no answers."""

    def __init__(self, nameservers: Sequence[str], seconds: float, *, prefer_ipv4: bool = False) -> None:
        """``nameservers``: ``ADDRESS`` or ``ADDRESS:PORT``, the system's where there are none; ``seconds`` bound one lookup.

        ``prefer_ipv4``: query AAAA records only where there is no A record.

        Raises:
            ConfigError: an entry is not an address.
        """
        self._nameservers = nameservers
        self._seconds = seconds
        self._prefer_ipv4 = prefer_ipv4
        self._resolver: dns.asyncresolver.Resolver | None = None
        if nameservers:
            self._resolver = resolver_for(nameservers, seconds, key=KEY)

    async def addresses(self, host: str) -> list[Address]:
        """Return all addresses of ``host``, IPv4 before IPv6, each in the order of the answer; at least one.

        Raises:
            FailureError: it has none, or no name server says so (``DNS``).
        """
        resolver = self._ready()
        try:
            name = dns.name.from_text(ascii_host(host))
        except (dns.exception.DNSException, UnicodeError) as error:
            raise FailureError(FailureKind.DNS, f"{host[:300]} is not a valid name in DNS") from error
        if self._prefer_ipv4:
            first = await self._ask(resolver, name, dns.rdatatype.A)
            if first == NO_SUCH_NAME or (isinstance(first, list) and first):
                return _found(host, [first])
            return _found(host, [first, await self._ask(resolver, name, dns.rdatatype.AAAA)])
        asked = [asyncio.create_task(self._ask(resolver, name, kind)) for kind in (dns.rdatatype.A, dns.rdatatype.AAAA)]
        try:
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            quick = next(task for task in asked if task.done())
            await asyncio.wait(
                asked, timeout=GRACE_SECONDS if isinstance(quick.result(), list) and quick.result() else None
            )
            answers = [task.result() for task in asked if task.done()]
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return _found(host, answers)

    def _ready(self) -> dns.asyncresolver.Resolver:
        if self._resolver is None:
            try:
                self._resolver = resolver_for((), self._seconds, key=KEY)
            except SourceError as error:
                raise FailureError(FailureKind.DNS, str(error)) from error
        return self._resolver

    async def _ask(
        self, resolver: dns.asyncresolver.Resolver, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> list[Address] | str:
        """Return the addresses of one family, or why there are none; an empty list says nothing about the other family."""
        try:
            answer = await resolver.resolve(name, kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return NO_SUCH_NAME
        except dns.exception.Timeout:
            servers = ", ".join(str(server) for server in resolver.nameservers)
            return f"no name server answered in time: {servers}; check the network, or set {KEY}"
        except dns.resolver.NoNameservers as error:
            return _server_problem(error)
        except (dns.exception.DNSException, OSError) as error:
            return f"{type(error).__name__}: {error}"[:200]
        return [ip_address(record.address) for record in answer.rrset or ()]


def _found(host: str, answers: Sequence[list[Address] | str]) -> list[Address]:
    found = [address for answer in answers if isinstance(answer, list) for address in answer]
    if not found:
        problem = next(
            (answer for answer in answers if isinstance(answer, str)), "the name exists, but has no address record"
        )
        raise FailureError(FailureKind.DNS, f"{host} has no address ({problem})")
    return found


def _server_problem(error: dns.resolver.NoNameservers) -> str:
    codes = [str(entry[3]) for entry in error.kwargs.get("errors", ()) if entry[3]]
    return f"the name server says {codes[0]}" if codes else "no name server answered"
