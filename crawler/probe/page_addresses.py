"""Addresses that a front page names: its icon, and others relative to it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_LINK = re.compile(rb"<link\b[^<>]{0,60000}>", re.IGNORECASE)
_ICON = re.compile(rb"\brel\s*=\s*[\"']?(?:shortcut\s+)?(?:apple-touch-)?icon\b", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]{1,50000})\"|'([^']{1,50000})'|([^\s>\"']{1,3000}))", re.IGNORECASE)


def icon_address(body: bytes, url: str) -> str:
    """Return the address of the page's icon: the first it names, else /favicon.ico."""
    for tag in _LINK.findall(body[:100_000]):
        if _ICON.search(tag):
            found = _HREF.search(tag)
            named = next((part for part in found.groups() if part), b"") if found else b""
            if named.startswith(b"data:image/") and b"svg" not in named[:20]:
                return named.decode("latin-1")
            address = joined(url, named.decode("utf-8", "replace").strip()) if named else None
            if address is not None and not address.partition("?")[0].lower().endswith(".svg"):
                return address
    return urljoin(url, "/favicon.ico")


def joined(url: str, place: str) -> str | None:
    """Resolve a relative address; None where the result is not a web address."""
    try:
        address = urljoin(url, place)
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return address if usable and len(address) <= 4000 else None
