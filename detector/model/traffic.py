"""What went over the wire while a page was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RedirectHop:
    """One step of a redirect chain."""

    url: str
    status: int | None
    """HTTP status; None for a redirect made by script or ``meta refresh``."""
    address: str | None = None
    """The IP address that answered."""


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """One request of the page."""

    url: str
    method: str
    kind: str
    """``document``, ``script``, ``image``..., as the browser calls it."""
    status: int | None = None
    size: int | None = None
    failure: str | None = None
    """Why it did not go through; starts with ``guard:`` where the guard refused it."""


@dataclass(frozen=True, slots=True)
class TlsSummary:
    """The certificate that the page's own host showed."""

    protocol: str
    subject: str
    issuer: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    problem: str = ""
    """What a browser holds against the certificate, as a sentence; empty when it accepts it."""


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What a name resolved to when the guard asked."""

    host: str
    addresses: tuple[str, ...] = ()
    """All of them, refused ones included, in the order of the answer."""
    at: datetime | None = None
    problem: str = ""
    """Why there is no address."""
    source: str = "dns"
    """``rule`` where the configuration's ``resolve`` answered in the resolver's place."""


@dataclass(frozen=True, slots=True)
class Registration:
    """When a name was registered, as its registry says (RDAP, RFC 9083)."""

    domain: str
    """The registrable domain, in ASCII."""
    registered: datetime
    server: str
    """Address of the answer."""
    asked: datetime
