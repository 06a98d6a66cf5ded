"""Look up who hosts an IP address: its network by RDAP, the AS that announces it by DNS."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from crawler.examine.hosting_answer import NetworkAnswer, read_network
from crawler.net.as_numbers import AnnouncingAs, AsNumberLookup
from crawler.net.bounded_http import ServiceError
from crawler.net.rdap.rdap_client import RdapAnswer, RdapClient, SharedAnswers, log_failure
from detector.config import RegistrationConfig
from detector.model import Hosting, utcnow


class HostingLookup:
    """Asks registries of addresses, within their rate limits.  A failed lookup never stops a crawl.  For one event loop."""

    def __init__(
        self, config: RegistrationConfig, *, nameservers: Sequence[str] = (), allow_private: Sequence[str] = ()
    ) -> None:
        """``nameservers``: those of ``discover.nameservers``; ``allow_private``: blocks of ``capture.allow_private``.

        Raises:
            ConfigError: a name server is not an address.
            SourceError: AS numbers are asked for and the system has no name server.
        """
        self._registries = {
            version: RdapClient(
                bootstrap,
                seconds=config.seconds,
                pause_seconds=config.pause_seconds,
                allow_private=allow_private,
            )
            for version, bootstrap in ((4, config.ipv4_bootstrap), (6, config.ipv6_bootstrap))
            if bootstrap
        }
        self._numbers = AsNumberLookup(config.as_zone, nameservers, seconds=config.seconds) if config.as_zone else None
        self._answers: SharedAnswers[Hosting] = SharedAnswers(self._look_up)

    async def of(self, address: str | None) -> Hosting | None:
        """Return the hosting of an address; None for private addresses, and where nothing was found out."""
        try:
            parsed = ip_address(address or "")
        except ValueError:
            return None
        asked = self._numbers is not None or parsed.version in self._registries
        return await self._answers.of(str(parsed)) if asked and parsed.is_global else None

    async def __aenter__(self) -> HostingLookup:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._answers.cancel()

    async def _look_up(self, address: str) -> Hosting | None:
        network, announced = await asyncio.gather(self._network(address), self._announced(address))
        if isinstance(network, Exception):
            # the AS number is worth having without it, and the next page at this address asks again
            log_failure(address, network)
            self._answers.forget(address)
            network = None
        if network is None and announced is None:
            return None
        answer, server = network or (NetworkAnswer("", "", "", "", ()), "")
        return Hosting(
            address=address,
            network=answer.network,
            network_name=answer.name,
            holder=answer.holder,
            country=answer.country,
            abuse_contacts=answer.abuse_contacts,
            as_number=announced.number if announced else None,
            as_name=announced.name if announced else "",
            server=server,
            asked=utcnow(),
        )

    async def _announced(self, address: str) -> AnnouncingAs | None:
        return await self._numbers.of(address) if self._numbers else None

    async def _network(self, address: str) -> tuple[NetworkAnswer, str] | Exception | None:
        """Return what the registry says and the URL of its answer, or why there is no usable one now."""
        try:
            answer = await self._ask(address)
            return (read_network(answer.body, address), answer.url) if answer else None
        except (ServiceError, ValueError) as error:
            return error

    async def _ask(self, address: str) -> RdapAnswer | None:
        registry = self._registries.get(ip_address(address).version)
        if registry is None:
            return None
        base = server_of(address, await registry.servers())
        return await registry.ask(base, f"ip/{address}") if base else None


def server_of(address: str, servers: dict[str, str]) -> str:
    """Return the base address of the server for an address, by the longest prefix listed (RFC 9224, section 5); empty: none."""
    parsed, best, found = ip_address(address), -1, ""
    for entry, base in servers.items():
        try:
            network = ip_network(entry)
        except ValueError:
            continue
        if parsed in network and network.prefixlen > best:
            best, found = network.prefixlen, base
    return found
