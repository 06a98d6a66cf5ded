"""The IP addresses that a page may connect to: public ones, and those of explicitly allowed blocks.

Source of the blocks: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), RFC 6598 (carrier-grade NAT),
RFC 6052 and RFC 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).  ``ipaddress.is_global`` is not used: its answers
changed between Python versions, and it counts the 6to4 or NAT64 form of a private address as public.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_V4 = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's metadata service",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "reserved for documentation",
    "192.88.99.0/24": "reserved",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "reserved for benchmarks",
    "198.51.100.0/24": "reserved for documentation",
    "203.0.113.0/24": "reserved for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_V6 = {
    "::/128": "unspecified",
    "::1/128": "loopback",
    "64:ff9b:1::/48": "private (local-use NAT64)",
    "100::/8": "reserved",
    "2001::/32": "a Teredo tunnel",
    "2001::/23": "reserved",
    "2001:db8::/32": "reserved for documentation",
    "3fff::/20": "reserved for documentation",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "private (site-local)",
    "ff00::/8": "multicast",
}
_REASONS_V4 = tuple((IPv4Network(block), reason) for block, reason in _V4.items())
_REASONS_V6 = tuple((IPv6Network(block), reason) for block, reason in _V6.items())
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")

_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)
_DOTTED_QUAD = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}\Z")


def parse_blocks(blocks: Iterable[str]) -> tuple[Network, ...]:
    """Parse CIDR blocks; host bits may be set as in ``127.0.0.1/8``.

    Raises:
        ValueError: one of them is not a CIDR block.
    """
    return tuple(ip_network(block, strict=False) for block in blocks)


def forbidden_reason(address: Address, allowed: Iterable[Network] = ()) -> str | None:
    """Return why a page must not connect to ``address``, as the end of the sentence "ADDRESS is ..."; None when it may.

    ``allowed`` blocks are permitted although they are not public.  An IPv4 address that is embedded in an IPv6 one
    (mapped, NAT64, 6to4) is judged as the IPv4 address that it leads to.
    """
    if isinstance(address, IPv6Address) and address.scope_id:
        return f"link-local (zone {address.scope_id})"
    inner = _embedded(address)
    if any(one.version == block.version and one in block for block in allowed for one in {address, inner}):
        return None
    if isinstance(inner, IPv4Address):
        return next((reason for block, reason in _REASONS_V4 if inner in block), None)
    for block, reason in _REASONS_V6:
        if inner in block:
            return reason
    return None if inner in _GLOBAL_V6 else "reserved"


def _embedded(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address


def literal(host: str) -> Address | None:
    """Return the address that ``host`` spells in standard form (``192.0.2.1``, ``2001:db8::1``, ``[2001:db8::1]``), else None."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return ip_address(bare)
    except ValueError:
        return None


def is_odd_literal(host: str) -> bool:
    """Tell whether ``host`` is a number that some resolver would read as an address: decimal, octal, hex or short forms.

    The WHATWG URL standard's "ends in a number" rule: such a host is an IPv4 address or nothing at all.
    """
    if ":" in host or _DOTTED_QUAD.match(host):
        return False
    labels = host.rstrip(".").split(".")
    return (host.endswith(".") and bool(_DOTTED_QUAD.match(host[:-1]))) or bool(_NUMBER.match(labels[-1]))
