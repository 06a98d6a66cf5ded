"""Look up the AS that announces an IP address, by DNS: TXT records as Team Cymru's IP to ASN mapping serves them.

``4.3.2.1.origin.ZONE`` answers ``"64500 | 1.2.3.0/24 | DE | ripencc | 2010-07-14"``, and ``AS64500.ZONE``
``"64500 | DE | ripencc | 2010-07-14 | EXAMPLE-AS Example Hosting, DE"``; several numbers where several announce it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import dns.exception
import dns.resolver

from crawler.net.resolver import resolver_for
from detector.sentences import printable

MAX_NAME = 200
MAX_RECORDS = 20
_NUMBER = re.compile(r"[0-9]{1,10}")
LARGEST_NUMBER = 4_294_967_295
"""AS numbers have 32 bits (RFC 6793)."""


@dataclass(frozen=True, slots=True)
class AnnouncingAs:
    """The autonomous system that announces a network."""

    number: int
    name: str
    """Its short name and holder; empty where the zone does not say."""


class AsNumberLookup:
    """Asks a zone.  For one event loop."""

    def __init__(self, zone: str, nameservers: Sequence[str], *, seconds: float) -> None:
        """``nameservers``: as ``discover.nameservers``, the system's where none is given; ``seconds``: limit of a query.

        Raises:
            ConfigError: a name server is not an address.
            SourceError: the system has no name server.
        """
        self._zone = zone.strip(".")
        self._resolver = resolver_for(nameservers, seconds)

    async def of(self, address: str) -> AnnouncingAs | None:
        """Return the AS of an address; None where nobody announces it, or the zone does not answer."""
        numbers = [found for text in await self._texts(self._question(address)) if (found := _origin(text, address))]
        if not numbers:
            return None
        _, number = max(numbers)
        for text in await self._texts(f"AS{number}.{self._zone}"):
            fields = [part.strip() for part in text.split("|")]
            if len(fields) >= 5 and fields[0] == str(number):
                return AnnouncingAs(number, printable(fields[4]).strip()[:MAX_NAME])
        return AnnouncingAs(number, "")

    def _question(self, address: str) -> str:
        parsed = ip_address(address)
        reverse = parsed.reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
        return f"{reverse}.{'origin' if parsed.version == 4 else 'origin6'}.{self._zone}"

    async def _texts(self, name: str) -> list[str]:
        try:
            answer = await self._resolver.resolve(name, "TXT", raise_on_no_answer=False)
        except (dns.exception.DNSException, OSError):
            return []
        records = list(answer)[:MAX_RECORDS]
        return [b"".join(record.strings).decode("utf-8", "replace") for record in records]


def _origin(text: str, address: str) -> tuple[int, int] | None:
    """Return the prefix length and the first AS number of an origin's record, if its network holds the address."""
    numbers, _, rest = text.partition("|")
    first, *_ = (*numbers.split(), "")
    number = _NUMBER.fullmatch(first)
    try:
        network = ip_network(rest.partition("|")[0].strip())
    except ValueError:
        return None
    if number is None or not 0 < int(number[0]) <= LARGEST_NUMBER or ip_address(address) not in network:
        return None
    return network.prefixlen, int(number[0])
