"""Rules for the servers that the program asks for itself: those that the operator named, and those that they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.net.guard.addresses import Address, literal, parse_blocks
from crawler.net.guard.dialer import GuardedDialer
from crawler.net.guard.http_heads import endpoint
from crawler.net.guard.traffic_ledger import FailureError, FailureKind

REMEDY = "name that address itself in the configuration, or its block in capture.allow_private, if it is meant"
Endpoint = tuple[str, int]
"""Host in ASCII, and port."""


class OutwardRules:
    """Judge of the addresses of one service: what the operator named may be private, what it leads to may not."""

    def __init__(self, *named: str, allow_private: Iterable[str] = (), seconds: float = 10.0) -> None:
        """``named``: addresses (URLs) that the operator wrote; ``allow_private``: CIDR blocks, as in ``capture.allow_private``.

        ``seconds`` bound the look-up of a name.

        Raises:
            ValueError: one of the blocks is malformed.
        """
        self._named = {place for url in named for place in _endpoints(url)}
        self._permitted: set[Endpoint] = set()
        """Addresses and ports that were judged and may be connected to."""
        self._dialer = GuardedDialer(allowed=parse_blocks(allow_private), seconds=seconds)

    def name(self, url: str) -> None:
        """Add an address that the operator wrote elsewhere: a proxy of the environment."""
        self._named |= _endpoints(url)

    def is_named(self, place: Endpoint) -> bool:
        """Tell whether the operator named this host and port."""
        return _spelled(place) in self._named

    def permit(self, addresses: Iterable[str], port: int) -> None:
        """Let connections to these addresses through: those that a name which the operator named leads to."""
        self._permitted |= {_spelled((address, port)) for address in addresses}

    def permits(self, address: str, port: int) -> bool:
        """Tell whether an address was judged, or is one that the operator named: the last question before a connection."""
        place = _spelled((address, port))
        return place in self._permitted or place in self._named

    async def addresses(self, place: Endpoint, *, unresolved: bool = False) -> list[Address]:
        """Return the addresses of a host that may be connected to; at least one, unless ``unresolved`` names are permitted.

        ``unresolved``: a proxy resolves the name, so that it need not be known here.

        Raises:
            FailureError: the name does not resolve (``DNS``), or to forbidden addresses only (``GUARD``).
        """
        host, port = place
        try:
            found = await self._dialer.judged_addresses(host, port)
        except FailureError as error:
            if error.failure.kind is FailureKind.GUARD:
                raise FailureError(FailureKind.GUARD, f"{error.failure.sentence}: {REMEDY}") from error
            if unresolved:
                return []
            raise
        self.permit(map(str, found), port)
        return found


def _endpoints(url: str) -> set[Endpoint]:
    """Return the endpoint of a URL, and that of https where it is the usual one of http: servers redirect from one to the other."""
    found = endpoint(url)
    if found is None:
        return set()
    place = _spelled(found)
    upgraded = urlsplit(url).scheme in ("http", "ws") and place[1] == 80
    return {place, (place[0], 443)} if upgraded else {place}


def _spelled(place: Endpoint) -> Endpoint:
    """Spell an IP address in one way, whichever the URL has."""
    host, port = place
    address = literal(host)
    return (host if address is None else str(address), port)
