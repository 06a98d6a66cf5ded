"""Read a registry's answer about an IP address (RDAP, RFC 9083, section 5.4): hostile bytes, every list is bounded."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import msgspec

from crawler.net.rdap.rdap_entities import MAX_NAME, mails_of, name_of, with_role
from detector.sentences import printable

HOLDERS = ("registrant", "administrative")
"""Roles (RFC 9083, section 10.2.4) whose name is the holder's, the better first: some registries name no registrant."""


class _Network(msgspec.Struct):
    start: Any = msgspec.field(name="startAddress", default=None)
    end: Any = msgspec.field(name="endAddress", default=None)
    name: Any = None
    country: Any = None
    entities: Any = None


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """The parts of an answer that say whose network an address belongs to."""

    network: str
    """``192.0.2.0/24``, or ``192.0.2.0 - 192.0.2.9`` where no prefix fits."""
    name: str
    """The registry's name of the network; empty where it has none."""
    holder: str
    country: str
    """Two letters in upper case; empty where there is none."""
    abuse_contacts: tuple[str, ...]


def read_network(body: bytes, address: str) -> NetworkAnswer:
    """Read an answer about ``address``; what is malformed beside its range is left out.

    Raises:
        ValueError: it is no RDAP answer about a network, or one about a network that does not hold the address.
    """
    try:
        found = msgspec.json.decode(body, type=_Network)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"its answer cannot be read ({error})") from error
    abuse = mails_of(with_role(found.entities, "abuse"))
    holders = (name_of(with_role(found.entities, role, 1)) for role in HOLDERS)
    country = found.country.strip().upper() if isinstance(found.country, str) else ""
    return NetworkAnswer(
        network=_range(found.start, found.end, address),
        name=printable(found.name).strip()[:MAX_NAME] if isinstance(found.name, str) else "",
        holder=next((name for name in holders if name), ""),
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else "",
        abuse_contacts=abuse,
    )


def _range(start: Any, end: Any, address: str) -> str:
    # some registries write the prefix length behind the first and the last address
    first, last, held = (ip_address(str(text).partition("/")[0].strip()) for text in (start, end, address))
    if any("%" in str(each) for each in (first, last)):
        raise ValueError(
            "its answer names addresses with a zone (RFC 4007), which holds any text and belongs to one machine"
        )
    if not first.version == last.version == held.version or not int(first) <= int(held) <= int(last):
        raise ValueError(f"its answer is about {first} to {last}, not about {address}")
    size = int(last) - int(first) + 1
    if size & (size - 1) or int(first) % size:
        return f"{first} - {last}"
    return f"{first}/{first.max_prefixlen - size.bit_length() + 1}"
