"""Addresses of a document, made absolute against its base."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

MOST_ADDRESS = 2000
"""Characters of an address that are kept."""
_WHOLE = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:[/?#]|\Z)", re.ASCII)
_BELOW = re.compile(r"(?!//)(?![?#])/?(?:[\w%~-][\w%~.-]*/)*(?:[\w%~-][\w%~.-]*)?(?:[?#][\w%~.=&;+-]*)?", re.ASCII)
"""A path without dots that would lead up, or nowhere."""


class DocumentBase:
    """The address against which relative ones are resolved: the document's own until a ``base`` element gives another."""

    __slots__ = ("_folder", "_origin", "_url")

    def __init__(self, url: str) -> None:
        self.change_to(url)

    def change_to(self, url: str) -> None:
        """Resolve addresses against ``url`` from now on."""
        self._url = url
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._folder = self._origin + (parts.path.rpartition("/")[0] or "") + "/"

    def absolute(self, address: str | None) -> str:
        """Return the absolute form of an address (RFC 3986, section 5.2); empty where there is none, or it is malformed."""
        if not address:
            return ""
        address = address.strip()[:MOST_ADDRESS]
        if _WHOLE.match(address):
            return address
        if _BELOW.fullmatch(address):  # what most addresses are; the library takes ten times as long
            return f"{self._origin}{address}" if address[0] == "/" else f"{self._folder}{address}"
        try:
            return urljoin(self._url, address)[:MOST_ADDRESS]
        except ValueError:
            return ""
