"""Choice of the host names whose front page is worth a probe: of ten names on a certificate usually one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from detector.brands import BrandLibrary
from detector.config import DiscoverConfig
from detector.hosts import is_address

SERVICES = frozenset(
    (
        "autoconfig", "autodiscover", "cpanel", "cpcalendars", "cpcontacts", "ftp", "imap", "mail", "mta-sts", "mx", "ns1", "ns2",
        "pop", "pop3", "smtp", "webdisk", "whm",
    )
)  # fmt: skip
"""First labels of names that hosting panels create for each site; no victim is sent to them."""
LONGEST = 253
_HOST = re.compile(r"[\w.-]+")
"""Names that a resolver could be asked for: letters of any alphabet, digits, dots, hyphens and underscores."""


def front_pages(names: Iterable[str], library: BrandLibrary) -> list[str]:
    """Return hosts to probe, each once, in order, without ``www.``; wildcards, services and the brands' own hosts are left out."""
    hosts: dict[str, None] = {}
    for name in names:
        host = name.lower().strip(".").removeprefix("*.").removeprefix("www.")
        if (
            host in hosts
            or not 3 < len(host) <= LONGEST
            or "." not in host
            or not _HOST.fullmatch(host)
            or is_address(host)
        ):
            continue
        first, _, rest = host.partition(".")
        if first in SERVICES and "." in rest:
            continue
        if library.owner_of_page(f"https://{host}/") is None:
            hosts.setdefault(host)
    return list(hosts)


def addresses_of(host: str, config: DiscoverConfig) -> list[str]:
    """Return addresses of a host's front page: the first scheme, on its default port or on those that ``url_ports`` lists."""
    scheme = config.schemes[0] if config.schemes else "https"
    default = {"http": 80, "https": 443}.get(scheme)
    ports = config.url_ports or (default,)
    return [f"{scheme}://{host}/" if port == default else f"{scheme}://{host}:{port}/" for port in ports]
