"""Known addresses and name servers of domain parking services.

Names that are for sale show advertisements, not clones.  Data: MISP warning lists (CC0)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from importlib.resources import files
from ipaddress import ip_address, ip_network

ADDRESSES, NAME_SERVERS = "parking-addresses.txt", "parking-nameservers.txt"


def _lines(name: str) -> list[str]:
    text = files("crawler").joinpath("data", name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def _blocks() -> tuple[list[int], list[int]]:
    """Return starts and ends of the IPv4 blocks, sorted; the list has no IPv6."""
    networks = sorted({network for line in _lines(ADDRESSES) if (network := ip_network(line)).version == 4})
    return [int(network[0]) for network in networks], [int(network[-1]) for network in networks]


@cache
def _name_servers() -> frozenset[str]:
    return frozenset(line.lower().strip(".") for line in _lines(NAME_SERVERS))


def parked_address(address: str) -> bool:
    """Tell whether an address belongs to a parking service."""
    value = ip_address(address)
    if value.version != 4:
        return False
    starts, ends = _blocks()
    place = bisect_right(starts, int(value)) - 1
    return place >= 0 and int(value) <= ends[place]


def parked_name_server(host: str) -> bool:
    """Tell whether a name server (or the target of a CNAME) belongs to a parking service, by the domain it is in."""
    labels = host.lower().strip(".").split(".")
    return any(".".join(labels[start:]) in _name_servers() for start in range(len(labels)))
