"""The sections ``[discover]``, ``[ct]``, ``[probe]`` and ``[registration]``: sources of candidates, and questions about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from detector.errors import ConfigError

NAMING_SOURCES = frozenset({"ct_logs", "certstream", "new_names"})
"""Sources that report every registered or certified name, not only suspicious ones."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A list of suspicious URLs."""

    name: str
    """Name of the feed; its source is called ``feeds:NAME``."""
    location: str
    """File, or http(s) address."""
    format: str = "auto"
    """``auto``, ``text``, ``csv``, ``json`` or ``taxii`` (objects of a TAXII 2.1 collection that were added since the last run)."""
    url_field: str = "url"
    """Column or key that holds the URL."""
    brand_field: str | None = None
    """Column or key that holds the impersonated brand; none: the feed does not say."""
    max_entries: int = 0
    """Entries of the feed that one run takes, so that one feed does not starve the rest; 0: all."""
    authorization: str = ""
    """Environment variable that holds the value of the Authorization header; empty: none is sent."""


@dataclass(frozen=True)
class NameList:
    """A list of registered domain names: a zone file, or the names registered on a day."""

    name: str
    """Name of the list; its source is called ``new_names:NAME``."""
    location: str
    """File, packed or not, as CZDS delivers zones; or a small list at an http(s) address."""
    format: str = "zone"
    """``zone`` (RFC 1035; names that are new since the last run are reported) or ``names`` (one per line; all are reported)."""

    def __post_init__(self) -> None:
        if self.format not in {"zone", "names"}:
            raise ConfigError(f"discover.name_lists: {self.name}: format must be zone or names, not {self.format!r}")


@dataclass(frozen=True)
class Mailbox:
    """A mailbox of messages that customers report."""

    name: str
    """Name of the mailbox; its source is called ``reports:NAME``."""
    location: str
    """A folder of ``.eml`` files, a Maildir, an mbox file, or ``imaps://USER@HOST/FOLDER``."""
    password: str = ""
    """Environment variable that holds the password of an IMAP mailbox."""


@dataclass(frozen=True, kw_only=True)
class DiscoverConfig:
    """Sources of candidates."""

    feeds: tuple[Feed, ...] = ()
    """Lists of suspicious URLs; see ``[[discover.feeds]]``."""
    name_lists: tuple[NameList, ...] = ()
    """Lists of registered domain names; see ``[[discover.name_lists]]``."""
    mailboxes: tuple[Mailbox, ...] = ()
    """Mailboxes of reported messages; see ``[[discover.mailboxes]]``."""
    nameservers: tuple[str, ...] = ()
    """Resolvers for lookalike names, ``ADDRESS`` or ``ADDRESS:PORT``; empty: the system's."""
    dns_seconds: float = 4.0
    """Time that a resolver may take to answer."""
    dns_concurrency: int = 200
    """DNS queries at the same time."""
    lookalike_brands: tuple[str, ...] = ()
    """Brands whose lookalike names are tried, by id; ``*``: all; empty: the workspace's own, and others that are not shipped."""
    max_names: int = 5000
    """Lookalike names that are tried per domain of a brand, the most dangerous first."""
    max_feed_bytes: int = 200_000_000
    """Decompressed bytes after which a feed is cut."""
    url_ports: tuple[int, ...] = ()
    """Ports on which a live name is captured, besides the default ones; for tests and labs."""
    schemes: tuple[str, ...] = ("https", "http")
    """Schemes that a live name is tried with, in this order."""
    brand_weights: dict[str, float] = field(default_factory=dict)
    """Harm of an impersonation by brand, 0.01 to 100: ``mybank = 3.0`` is captured sooner, ``0.5`` later; 1 by default."""

    def __post_init__(self) -> None:
        for brand, weight in self.brand_weights.items():
            if not 0.01 <= weight <= 100:
                raise ConfigError(f"discover.brand_weights.{brand} is {weight}; expected 0.01 to 100")


@dataclass(frozen=True, kw_only=True)
class CtConfig:
    """Certificate transparency logs that are read, and the position at which reading begins."""

    log_list: str = ""
    """Address of the list of logs; empty: no log is read.  The public one: ``https://www.gstatic.com/ct/log_list/v3/log_list.json``."""
    certstream: str = ""
    """Address (``ws://``, ``wss://``) of a certstream server of your own, for the source ``certstream``; empty: none."""
    certstream_seconds: float = 300.0
    """Seconds for which a run listens to the certstream server."""
    start: str = "now"
    """Position at which the first reading of a log begins: ``now`` (its end) or ``oldest`` (its first entry)."""
    max_entries: int = 5_000_000
    """Entries of one log that one run reads; the next run continues there."""
    at_once: int = 4
    """Requests to one log at the same time, 1 to 64."""
    patience_seconds: float = 300.0
    """Longest wait for one answer of a log, including its answers 429 and 5xx and their ``Retry-After``."""

    def __post_init__(self) -> None:
        if self.log_list and not self.log_list.startswith(("http://", "https://")):
            raise ConfigError("ct.log_list must begin with http:// or https://")
        if self.certstream and not self.certstream.startswith(("ws://", "wss://")):
            raise ConfigError("ct.certstream must begin with ws:// or wss://")
        if self.certstream_seconds <= 0:
            raise ConfigError("ct.certstream_seconds must be above 0")
        if self.start not in {"now", "oldest"}:
            raise ConfigError(f"ct.start must be now or oldest, not {self.start!r}")
        if self.max_entries < 1 or not 1 <= self.at_once <= 64 or self.patience_seconds <= 0:
            raise ConfigError("ct.max_entries and ct.patience_seconds must be above 0, ct.at_once from 1 to 64")


@dataclass(frozen=True, kw_only=True)
class ProbeConfig:
    """Probes of inconspicuous names: front page and icon over plain HTTP, without a browser."""

    sources: tuple[str, ...] = ()
    """Sources whose inconspicuous names are probed: ``ct_logs``, ``certstream``, ``new_names``; empty: none."""
    at_once: int = 300
    """Probes at the same time, 1 to 5000; most of them wait for a server."""
    seconds: float = 8.0
    """Time to connect to a server, and the same again for its answer."""
    max_bytes: int = 600_000
    """Bytes of a front page, as they come over the network; it is cut there."""
    profiles: tuple[str, ...] = ("phone@search", "desktop")
    """Visitor of a probe, and those tried next where it is shown nothing; most sites that select their visitors want phones."""
    remember_hours: float = 24.0
    """Hours for which a probed name is not probed again when it is reported once more."""
    processes: int = 0
    """Processes that judge fetched pages; 0: one less than there are cores, up to four."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.sources) - NAMING_SOURCES)
        if unknown:
            known = ", ".join(sorted(NAMING_SOURCES))
            raise ConfigError(
                f"probe.sources: {', '.join(unknown)} does not report every name there is; expected some of {known}"
            )
        if not 1 <= self.at_once <= 5000 or self.seconds <= 0 or self.max_bytes < 1000 or self.remember_hours < 0:
            raise ConfigError(
                "probe.at_once must be from 1 to 5000, probe.seconds above 0, probe.max_bytes at least 1000, "
                "probe.remember_hours not below 0"
            )
        if not self.profiles or not 0 <= self.processes <= 256:
            raise ConfigError("probe.profiles must not be empty, probe.processes must be from 0 to 256")


_ZONE = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63}){0,9}\.?")


@dataclass(frozen=True, kw_only=True)
class RegistrationConfig:
    """Queries to registries for a suspicious page: the age of its domain, and who hosts its address (RDAP, DNS)."""

    bootstrap: str = ""
    """Address of the list of RDAP servers (RFC 9224); empty: no registry is asked.  IANA's: ``https://data.iana.org/rdap/dns.json``."""
    ipv4_bootstrap: str = ""
    """Address of the list of RDAP servers for IPv4 addresses, which say who hosts a case.  IANA's: ``https://data.iana.org/rdap/ipv4.json``."""
    ipv6_bootstrap: str = ""
    """The same for IPv6 addresses: ``https://data.iana.org/rdap/ipv6.json``."""
    as_zone: str = ""
    """Zone in which the AS number of a case's address is asked for, by DNS; empty: it is not.  Team Cymru's: ``asn.cymru.com``."""
    seconds: float = 5.0
    """Time that one answer may take."""
    pause_seconds: float = 1.0
    """Pause between two queries to one server."""

    def __post_init__(self) -> None:
        for name in ("bootstrap", "ipv4_bootstrap", "ipv6_bootstrap"):
            address: str = getattr(self, name)
            if address and not address.startswith(("http://", "https://")):
                raise ConfigError(f"registration.{name} must begin with http:// or https://")
        if self.as_zone and not _ZONE.fullmatch(self.as_zone):
            raise ConfigError("registration.as_zone must be the name of a DNS zone, such as asn.cymru.com")
        if self.seconds <= 0 or self.pause_seconds < 0:
            raise ConfigError("registration.seconds must be above 0, registration.pause_seconds not below 0")
