"""Host names in the one form that they are compared in."""

from __future__ import annotations

import re

import idna

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def ascii_host(host: str) -> str:
    """A host as lower-case A-labels (RFC 5890), without a trailing dot.

    ``Яндекс.РФ.`` -> ``xn--d1acpjx3f.xn--p1ai``.  What UTS 46 cannot map stays as it is, in lower case: such a
    name cannot be registered, and so nobody owns it.
    """
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


def parents(host: str) -> tuple[str, ...]:
    """The host and every domain above it, most specific first: ``a.b.c`` -> ``("a.b.c", "b.c", "c")``."""
    labels = host.split(".")
    return tuple(".".join(labels[at:]) for at in range(len(labels)))


def valid_domain(text: str) -> str | None:
    """The domain in the form of :func:`ascii_host`.

    None where it is no host name with a dot: an address, a URL, a wildcard.
    """
    host = ascii_host(text)
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or text.strip() != text or text.endswith(".") or len(host) > 253:
        return None
    return host if all(_LABEL.fullmatch(label) for label in labels) else None
