"""Domains that brands own: what counts as a domain name, and the names above it."""

from __future__ import annotations

import re

from detector.hosts import ascii_host, fits_dns

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def parents(host: str) -> tuple[str, ...]:
    """The host and every domain above it, most specific first: ``a.b.c`` -> ``("a.b.c", "b.c", "c")``."""
    labels = host.split(".")
    return tuple(".".join(labels[at:]) for at in range(len(labels)))


def valid_domain(text: str) -> str | None:
    """Return the domain as :func:`detector.hosts.ascii_host` spells it; None where ``text`` is not a host name with a dot.

    Addresses, URLs, wildcards, and names with blanks around them or a final dot are not.
    """
    host = ascii_host(text)
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or host.endswith(".") or not fits_dns(host):
        return None
    return host if all(_LABEL.fullmatch(label) for label in labels) else None
