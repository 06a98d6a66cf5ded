"""Heads of our own requests (RFC 9112): whatever a page put into an address or a header, each stays in its line.

An address is percent-encoded as browsers write it; a header that HTTP/1.1 cannot carry is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from crawler.net.guard.http_heads import endpoint
from crawler.net.guard.traffic_ledger import FailureError, FailureKind

_WRITTEN = "".join(map(chr, range(0x21, 0x7F)))
"""Characters that are sent as they are: printable ASCII without the space."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_HOST = re.compile(r"[!$&-.0-9:;=A-Z_a-z~]+\Z")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_BROKEN = re.compile(r"[\0-\x08\n-\x1f\x7f]")
"""Characters that no value of a header may hold (RFC 9110, section 5.5)."""


def host_header(url: str) -> str:
    """Return the value of ``Host`` for ``url``: its host in ASCII, with the port where the address names one.

    Raises:
        FailureError: the address names no host, or one that cannot be written in a header.
    """
    where = endpoint(url)
    host = where[0] if where is not None else ""
    if not _HOST.match(host):  # where it is not ASCII, UTS #46 cannot map it: no such name exists in DNS
        raise FailureError(FailureKind.GUARD, f"{host[:200]!r} cannot be written as a host name in ASCII")
    port = urlsplit(url).port
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


def request_target(url: str) -> str:
    """Return path and query of ``url`` as a request names them, percent-encoded (RFC 9112, section 3.2.1)."""
    parts = urlsplit(url)
    return _encoded((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def referrer(url: str) -> str:
    """Return ``url`` as ``Referer`` names it: percent-encoded, without user, password and fragment (RFC 9110, section 10.1.3).

    Raises:
        FailureError: see :func:`host_header`.
    """
    return f"{urlsplit(url).scheme}://{host_header(url)}{request_target(url)}"


def request_head(target: str, host: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the head of a GET request, with the blank line that ends it.

    Raises:
        FailureError: a part of it holds a character that would end its line, or that HTTP/1.1 cannot carry.
    """
    lines = [f"GET {_encoded(target)} HTTP/1.1"]
    for name, value in (("Host", host), *headers):
        broken = _BROKEN.search(value)
        if not _NAME.match(name) or broken is not None:
            held = f"U+{ord(broken[0]):04X}" if broken is not None else f"the header {name[:80]!r}"
            raise FailureError(FailureKind.GUARD, f"the request holds {held}, which HTTP/1.1 cannot carry")
        lines.append(f"{name}: {value}")
    try:
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
    except UnicodeEncodeError as error:
        character = f"U+{ord(error.object[error.start]):04X}"
        raise FailureError(FailureKind.GUARD, f"the request holds {character}, which HTTP/1.1 cannot carry") from error


def _encoded(text: str) -> str:
    return quote(_SURROGATE.sub("\ufffd", text), safe=_WRITTEN)
