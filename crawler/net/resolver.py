"""Query DNS for many names: which exist, which are answered by a wildcard, which are parked.

A failing server does not mean that a name does not exist: NXDOMAIN, SERVFAIL and a missing answer are different results.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from crawler.net.parking_lists import parked_address, parked_name_server
from detector.errors import ConfigError, SourceError
from detector.hosts import ascii_host, registrable_domain

WILDCARD_PROBES = 3
NO_REPLY = "no reply in time"
SILENT_AFTER = 60
"""Queries in a row without any reply, from the first one on, after which the name servers count as unreachable."""


class NameState(StrEnum):
    """The state of a name in DNS."""

    LIVE = "live"
    """It has an address."""
    ABSENT = "absent"
    """NXDOMAIN."""
    EMPTY = "empty"
    """It exists and has no address: there is nothing to capture."""
    BROKEN = "broken"
    """SERVFAIL, REFUSED or no reply: its state is unknown."""


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """The answer about one name."""

    name: str
    state: NameState
    addresses: tuple[str, ...] = ()
    canonical: str = ""
    """The end of its CNAME chain; the name itself where it has none."""
    wildcard: str = ""
    """The zone whose wildcard answers for it (RFC 4592); empty for a name of its own."""
    parked: str = ""
    """The name server or address of the parking service; empty where there is none."""
    mail: tuple[str, ...] = ()
    """Hosts that accept mail for it, the preferred first."""
    name_servers: tuple[str, ...] = ()
    """Name servers of the registered domain; not looked up where the name's address or CNAME already shows that it is parked."""
    note: str = ""
    """The error, for :attr:`NameState.BROKEN`."""


def resolver_for(
    nameservers: Sequence[str], seconds: float, *, key: str = "discover.nameservers"
) -> dns.asyncresolver.Resolver:
    """Return a resolver for ``ADDRESS`` or ``ADDRESS:PORT`` (``[ADDRESS]:PORT`` for IPv6); the system's where none is given.

    ``key``: the setting that errors name.

    Raises:
        ConfigError: an entry is not an address.
        SourceError: the system has no name server.
    """
    try:
        resolver = dns.asyncresolver.Resolver(configure=not nameservers)
    except dns.resolver.NoResolverConfiguration as error:
        raise SourceError(f"no name server is configured ({error}); set {key} in clonewatch.toml") from error
    if nameservers:
        resolver.nameservers = [_nameserver(text, key) for text in nameservers]
    resolver.timeout = max(0.2, seconds / 2)
    resolver.lifetime = seconds
    resolver.search = []
    return resolver


def _nameserver(text: str, key: str) -> dns.nameserver.Nameserver:
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not text.startswith("[")):
        host, port = text, "53"
    try:
        number = int(port)
        if not 0 < number < 65536:
            raise ValueError
        return dns.nameserver.Do53Nameserver(str(ip_address(host.strip("[]"))), number)
    except ValueError as error:
        raise ConfigError(f"{key}: {text!r} is not ADDRESS or ADDRESS:PORT") from error


class NameChecker:
    """Queries many names at once.  For one event loop."""

    def __init__(self, nameservers: Sequence[str], *, seconds: float, concurrency: int) -> None:
        """``seconds``: limit of one name's query; ``concurrency``: names that are queried at once."""
        self._resolver = resolver_for(nameservers, seconds)
        self._concurrency = max(1, concurrency)
        self._wildcards: dict[str, asyncio.Task[tuple[frozenset[str], frozenset[str]]]] = {}
        self._silent = 0
        self._heard = False

    async def check(self, names: Iterable[str]) -> AsyncIterator[NameAnswer]:
        """Yield one answer for each name, as they come in.

        Names without any reply are asked for once more when all others are done: a name server that is busy, as one is that many
        names are asked of at once, drops queries, and a name that is not looked up is a clone that is not found.

        Raises:
            SourceError: no name server has answered anything.
        """
        unanswered = []
        try:
            async with aclosing(self._pass(names)) as answers:
                async for answer in answers:
                    if answer.note == NO_REPLY:
                        unanswered.append(answer.name)
                    else:
                        yield answer
            async with aclosing(self._pass(unanswered)) as answers:
                async for answer in answers:
                    yield answer
        finally:
            await _cancel(self._wildcards.values())
            self._wildcards.clear()

    async def _pass(self, names: Iterable[str]) -> AsyncGenerator[NameAnswer, None]:
        waiting = iter(names)
        running: set[asyncio.Task[NameAnswer]] = set()
        try:
            while True:
                while len(running) < self._concurrency and (name := next(waiting, None)) is not None:
                    running.add(asyncio.create_task(self.look(name)))
                if not running:
                    break
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
                if not self._heard and self._silent >= SILENT_AFTER:
                    raise SourceError(self._unreachable_message())
            if self._silent and not self._heard:
                raise SourceError(self._unreachable_message())
        finally:
            await _cancel(running)

    def _unreachable_message(self) -> str:
        servers = ", ".join(str(server) for server in self._resolver.nameservers)
        return f"no name server answers ({servers}); check the network, or set discover.nameservers in clonewatch.toml"

    async def look(self, name: str) -> NameAnswer:
        """Return everything about one name (ASCII, no trailing dot)."""
        answer = await self._addresses(name)
        if answer.state is not NameState.LIVE:
            return answer
        wildcard = await self._wildcard(answer)
        parked, servers = await self._parked(answer)
        # parking services and wildcards accept mail for every name, which says nothing about this one
        mail = () if parked or wildcard else await self._mail(answer.name)
        return replace(answer, wildcard=wildcard, parked=parked, name_servers=servers, mail=mail)

    async def _addresses(self, name: str) -> NameAnswer:
        problem = ""
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                found = await self._ask(name, kind)
            except dns.resolver.NXDOMAIN:
                return NameAnswer(name, NameState.ABSENT)
            except dns.exception.DNSException as error:
                problem = _problem(error)
                if kind is dns.rdatatype.A:
                    return NameAnswer(name, NameState.BROKEN, note=problem)
                break
            if found.rrset is not None:
                addresses = tuple(sorted(record.address for record in found.rrset))
                return NameAnswer(
                    name, NameState.LIVE, addresses, found.canonical_name.to_text(omit_final_dot=True).lower()
                )
        return NameAnswer(name, NameState.BROKEN, note=problem) if problem else NameAnswer(name, NameState.EMPTY)

    async def _ask(self, name: str, kind: dns.rdatatype.RdataType) -> dns.resolver.Answer:
        try:
            found = await self._resolver.resolve(dns.name.from_text(ascii_host(name)), kind, raise_on_no_answer=False)
        except (dns.exception.Timeout, dns.resolver.NoNameservers) as error:
            # SERVFAIL and REFUSED are replies too; an unreachable server gives none
            if any(entry[4] is not None for entry in error.kwargs.get("errors", ())):
                self._heard = True
            else:
                self._silent += 1
            raise
        except dns.exception.DNSException:
            self._heard = True
            raise
        self._heard = True
        return found

    async def _wildcard(self, answer: NameAnswer) -> str:
        """Return the parent zone where random labels beside the name get the same answer (RFC 4592); else an empty string."""
        parent = answer.name.partition(".")[2]
        task = self._wildcards.get(parent)
        if task is None:
            task = self._wildcards[parent] = asyncio.create_task(self._query_random_names(parent))
        addresses, targets = await asyncio.shield(task)
        alike = answer.canonical in targets or addresses.intersection(answer.addresses)
        return parent if alike else ""

    async def _query_random_names(self, parent: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the addresses and CNAME targets of random names in the zone ``parent``."""
        names = [f"{secrets.token_hex(8)}.{parent}" for _ in range(WILDCARD_PROBES)]
        first = await self._addresses(names[0])
        if first.state in {NameState.ABSENT, NameState.EMPTY}:
            return frozenset(), frozenset()
        answers = [first, *await asyncio.gather(*map(self._addresses, names[1:]))]
        live = [found for found in answers if found.state is NameState.LIVE]
        targets = frozenset(found.canonical for found in live if found.canonical != found.name)
        return frozenset(address for found in live for address in found.addresses), targets

    async def _mail(self, name: str) -> tuple[str, ...]:
        """Return the hosts that accept mail for a name (RFC 5321, section 5.1); none for a null MX (RFC 7505)."""
        try:
            found = await self._ask(name, dns.rdatatype.MX)
        except dns.exception.DNSException:
            return ()
        records = sorted(
            (record.preference, record.exchange.to_text(omit_final_dot=True)) for record in found.rrset or ()
        )
        return tuple(host.lower() for _, host in records if host.strip("."))

    async def _parked(self, answer: NameAnswer) -> tuple[str, tuple[str, ...]]:
        """Return the parking service, and the name servers where they had to be queried."""
        if answer.canonical != answer.name and parked_name_server(answer.canonical):
            return answer.canonical, ()
        for address in answer.addresses:
            if parked_address(address):
                return address, ()
        try:
            found = await self._ask(registrable_domain(answer.name), dns.rdatatype.NS)
        except dns.exception.DNSException:
            return "", ()
        servers = tuple(sorted(record.target.to_text(omit_final_dot=True).lower() for record in found.rrset or ()))
        return next((server for server in servers if parked_name_server(server)), ""), servers


async def _cancel(running: Iterable[asyncio.Task[Any]]) -> None:
    tasks = list(running)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _problem(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.exception.Timeout):
        return NO_REPLY
    if isinstance(error, dns.resolver.NoNameservers):
        codes = [str(entry[3]) for entry in error.kwargs.get("errors", ()) if entry[3]]
        return codes[0] if codes else "no name server answered"
    return str(error) or type(error).__name__
