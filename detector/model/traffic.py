"""Network traffic of a capture: redirects, requests, certificates and name lookups."""

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
    """Reason of its failure; begins with ``guard:`` where the guard refused it."""


@dataclass(frozen=True, slots=True)
class TlsSummary:
    """The certificate of the page's own host."""

    protocol: str
    subject: str
    issuer: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    problem: str = ""
    """A browser's objection to the certificate, as a sentence; empty where it accepts it."""


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """Addresses of a name, as the guard resolved it."""

    host: str
    addresses: tuple[str, ...] = ()
    """All addresses, including refused ones, in the order of the answer."""
    at: datetime | None = None
    problem: str = ""
    """Reason why there is no address."""
    source: str = "dns"
    """``rule`` where a rule of the configuration's ``resolve`` answered instead of DNS."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Registration date of a domain, from its registry (RDAP, RFC 9083)."""

    domain: str
    """The registrable domain, in ASCII."""
    registered: datetime
    server: str
    """URL of the answer."""
    asked: datetime
    registrar: str = ""
    """Name of the registrar; empty where the registry does not give it."""
    abuse_contacts: tuple[str, ...] = ()
    """Mail addresses that the answer names for abuse, the registrar's own."""
    name_servers: tuple[str, ...] = ()
    """Host names of the domain's name servers, in lower case."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """The network that an IP address belongs to, from its registry (RDAP, RFC 9083), and the AS that announces it."""

    address: str
    network: str
    """``192.0.2.0/24``, or ``192.0.2.0 - 192.0.2.9``; empty where no registry answered."""
    network_name: str
    """The registry's name of the network."""
    holder: str
    """Name of the organization that holds it: the hoster, or one that the hoster rents from."""
    country: str
    """Two letters in upper case; empty where the registry does not say."""
    abuse_contacts: tuple[str, ...]
    """Mail addresses that the answer names for abuse."""
    as_number: int | None
    """Number of the autonomous system; None where it was not asked for, or nobody announces the address."""
    as_name: str
    server: str
    """URL of the registry's answer; empty where there is none."""
    asked: datetime
