"""Sketch of a document's structure: the same hashes as ``crawler/capture/js/page_facts.js`` computes of a rendered page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from detector.limits import spread
from detector.model import SKETCH

RUN = 5
MOST_TAGS = 60_000
"""As many as ``crawler/capture/page_facts.py`` takes, from every part of the document."""
UNSEEN = frozenset({"script", "style", "link", "meta", "title", "base", "noscript", "template", "br"})
_OFFSET, _PRIME = 0x811C9DC5, 0x01000193


def sketch(tags: Iterable[tuple[str, int]]) -> tuple[int, ...]:
    """Return the smallest hashes (FNV-1a, 32 bits, ascending) of all runs of five elements, from their names and depths in order.

    The similarity of two documents can be estimated from such sketches (Broder 1997).
    """
    listed = spread(list(tags), MOST_TAGS)
    runs = len(listed) - RUN + 1
    if runs < 1:
        return ()
    names = np.asarray([name_hash(name) for name, _ in listed], np.uint32)
    depths = np.asarray([depth for _, depth in listed], np.int64)
    hashes = np.full(runs, _OFFSET, np.uint32)
    for step in range(RUN):
        below = (depths[step : step + runs] - depths[:runs]).astype(np.uint32)
        hashes = _mix(_mix(hashes, names[step : step + runs]), below)
        hashes = _mix(hashes, hashes >> np.uint32(15))
    return tuple(np.unique(hashes)[:SKETCH].tolist())


def _mix(hashes: NDArray[np.uint32], values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (hashes ^ values) * np.uint32(_PRIME)


def lacks_body(row: etree._Element) -> bool:
    """Return True if a browser would put a ``tbody`` around this row, which its document lacks (HTML, section 13.2.6.4.9)."""
    above = row.getparent()
    return above is not None and above.tag == "table"


def is_first_row(row: etree._Element) -> bool:
    """Return True if no row stands directly before this one."""
    before = row.getprevious()
    return before is None or before.tag != "tr"


@lru_cache(maxsize=4096)
def name_hash(name: str) -> int:
    """Return the FNV-1a hash of the first 40 characters of an element's name."""
    found = _OFFSET
    for char in name[:40]:
        found = ((found ^ ord(char)) * _PRIME) & 0xFFFFFFFF
    return found
