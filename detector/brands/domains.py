"""Host names in the one form that they are compared in."""

from __future__ import annotations

import idna


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
