"""Translation of the brand names that feeds use into ids of the library."""

from __future__ import annotations

import re
import unicodedata

from detector.brands import BrandLibrary

_TAIL = re.compile(r"\b(?:inc|incorporated|llc|ltd|limited|corp|corporation|ag|gmbh|plc|co|group|sa|se|nv|bv)\.?$")


class BrandLabels:
    """Lookup of brands by id, name or domain, in any spelling: ``PayPal, Inc.``, ``americanexpress``, ``Amazon.com``."""

    def __init__(self, library: BrandLibrary) -> None:
        self._ids: dict[str, str] = {}
        for brand in library:
            self._ids.setdefault(_squash(brand.id), brand.id)
        for brand in library:
            for name in (brand.name, *brand.names, *brand.domains):
                self._ids.setdefault(_squash(name), brand.id)

    def find(self, text: str) -> str | None:
        """Return the id of the brand that ``text`` names; None where it names none, or says more than a name."""
        text = text.strip()[:100]
        if not text:
            return None
        for attempt in (
            text,
            re.split(r"[,(/|]", text, maxsplit=1)[0],
            _TAIL.sub("", text.lower().strip()).strip(" ,"),
        ):
            found = self._ids.get(_squash(attempt))
            if found is not None:
                return found
        return None


def _squash(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
