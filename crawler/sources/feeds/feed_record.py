"""One entry of a feed, and what looks like an address in one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LIKE_URL = re.compile(
    r"\s*(?:[\[({]?(?:h[tx*017_#]{2}|h[\[({]tt[\])}]|tt)p|meow)s?[\])}]?\s?[\[({]?:|(?:[\w-]+(?:\.|\[\.\]|\(\.\)|\[dot\]|\\\.))+[a-z]{2,}(?:[/:?\[]|$)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """One entry of a feed."""

    url: str
    """The address as the feed writes it, defanged or not; :func:`crawler.addresses.reader.read_address` reads it."""
    brand: str = ""
    """Name of the impersonated brand, as the feed writes it."""


def is_like_url(text: str) -> bool:
    """Tell whether a cell or word looks like an address: it has a scheme, or is a name with an ending of letters."""
    return _LIKE_URL.match(text) is not None
