"""Check addresses before they are captured."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_URL = 16_384
"""Characters; real links are shorter."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def url_problem(url: str) -> str | None:
    """Return why ``url`` cannot be captured, as a sentence; None when it can be tried.

    Only addresses that a browser would change or reject are refused here; the guard judges the IP addresses behind them.
    """
    if not url.strip():
        return "the address is empty"
    if len(url) > MAX_URL:
        return f"the address has {len(url)} characters; {MAX_URL} at most are tried"
    control = _CONTROL.search(url)
    if control is not None:
        return f"the address holds the control character U+{ord(control[0]):04X}"
    try:
        url.encode()
        parts = urlsplit(url)
        port = parts.port
    except (UnicodeEncodeError, ValueError) as error:
        return f"the address is malformed: {error}"
    if not parts.scheme:
        return "the address has no scheme; write https://... or http://..."
    if parts.scheme not in ("http", "https"):
        return f"the scheme {parts.scheme[:40]!r} is not captured; only http and https are"
    if not parts.hostname:
        return "the address names no host"
    if port == 0:
        return "port 0 cannot be connected to"
    return _host_problem(parts.hostname)


def _host_problem(host: str) -> str | None:
    if any(character.isspace() for character in host):
        return "the host holds a blank"
    if len(host) > 253:
        return f"the host has {len(host)} characters; DNS allows 253"
    for label in host.split("."):
        if len(label.encode()) > 63 and label.isascii():
            return f"the host's label {label[:20]}... is longer than the 63 characters that DNS allows"
        if label.startswith("xn--"):
            try:
                label[4:].encode("ascii").decode("punycode").encode("utf-8")
            except (UnicodeError, IndexError, OverflowError, ValueError):
                return f"the host's label {label!r} is no valid punycode"
    return None
