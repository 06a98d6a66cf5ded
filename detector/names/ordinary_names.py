"""Look up how often letters stand in the names of ordinary sites: measured, so that it is known of any brand that is added.

"tonline" stands in one name of 2,500, nearly always at the end of "...online", and "netflix" in one of 20,000, nearly always at the
beginning, as names that mean something do.  Counted in 1.2 million names by ``tools/count_name_runs.py``.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.resources import files
from typing import overload

import numpy as np
from numpy.typing import NDArray

EDGE = "-"
"""The beginning or end of a label or of a part between hyphens."""
SYMBOLS = "-abcdefghijklmnopqrstuvwxyz0123456789"
SHORTEST, LONGEST = 3, 12
"""Symbols of a run that is counted, edges included; all that fit into 64 bits."""
TABLE = "name_runs.bin"
"""Labels (4 bytes), the hashes of the runs in order (4 bytes each), their counts (1 byte each, logarithms)."""
SCALE = 8
"""Steps of a stored count that double it."""

_PLACES = {symbol: place for place, symbol in enumerate(SYMBOLS, 1)}
_BASE = len(SYMBOLS) + 1
_MIX, _WORD = 0x9E3779B97F4A7C15, (1 << 64) - 1
"""Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4)."""
_SUFFIX_LETTERS = 3
"""Letters of the endings with which a language makes words of words (``amazonas``, ``revolution``)."""
_WORD_SIGHTINGS = 20.0
"""Sightings at the beginning of a part, in a million labels, from which letters are a word."""
_SUFFIX_SIGHTINGS = 500.0
"""Sightings of a suffix at the end of a part, in a million labels, at least."""
_GLUED = 60.0
"""Times that a suffix ends a word for each time that it stands alone."""
_FIRST = 0.4
"""Share of a name's sightings that are at the beginning; of the shipped brands' names of five letters and more half have .7."""
_MOSTLY = 0.5
"""Share of a run's places from which the letter that follows is part of it."""


@lru_cache(maxsize=100_000)
def sightings(run: str) -> float:
    """Return how many of a million ordinary labels hold ``run`` (lower case; ``-`` is an edge); 0 for fewer than 13.

    Of a run that is too long to be counted, the rarest part decides.
    """
    if len(run) > LONGEST:
        return min(sightings(run[start : start + LONGEST]) for start in range(len(run) - LONGEST + 1))
    code = 0
    for symbol in run:
        place = _PLACES.get(symbol)
        if place is None:
            return 0.0
        code = code * _BASE + place
    if len(run) < SHORTEST:
        return 1e6
    labels, hashes, counts = _table()
    wanted = run_hashes(code)
    at = bisect_left(hashes, wanted)
    if at == len(hashes) or hashes[at] != wanted:
        return 0.0
    return float(2 ** (counts[at] / SCALE)) * 1e6 / labels


def stands_first(run: str) -> bool:
    """Tell whether ordinary names hold ``run`` at the beginning as often as names are: it is no chance meeting of two words.

    Nine of ten "google" begin a name, one of seven "icloud" does (``forticloud``), and no "tonline".
    """
    seen = sightings(run)
    return not seen or sightings(EDGE + run) >= _FIRST * seen


def is_ordinary_word(text: str) -> bool:
    """Tell whether ordinary names begin with ``text`` so often that it is a word and not a mistyped name.

    Letters that the same letter follows mostly are not: "googl" is the beginning of another word.
    """
    seen = sightings(EDGE + text)
    return seen >= _WORD_SIGHTINGS and all(
        sightings(EDGE + text + symbol) < _MOSTLY * seen for symbol in SYMBOLS if symbol != EDGE
    )


def stands_alone(text: str) -> bool:
    """Tell whether ordinary names hold ``text`` as a label or as a part between hyphens."""
    return len(text) > 2 and sightings(EDGE + text + EDGE) > 0


def is_in_longer_word(text: str, before: int, start: int, end: int, after: int) -> bool:
    """Tell whether the letters around ``text[start:end]`` make it part of a longer word that ordinary names hold.

    "revolut" is followed by an i nearly always; "amazonas" is a word by itself, and "as" is the ending of many.
    """
    head = EDGE if start == before else ""
    run = head + text[start:end]
    seen = sightings(run)
    if end < after and seen and sightings(run + text[end]) >= _MOSTLY * seen:
        return True
    if start > before and (seen := sightings(text[start:end])) and sightings(text[start - 1 : end]) >= _MOSTLY * seen:
        return True
    rest = text[end:after]
    return 1 < len(rest) <= _SUFFIX_LETTERS and _is_suffix(rest)


def _is_suffix(text: str) -> bool:
    ends = sightings(text + EDGE)
    return ends >= _SUFFIX_SIGHTINGS and ends >= _GLUED * sightings(EDGE + text + EDGE)


@overload
def run_hashes(codes: int) -> int: ...
@overload
def run_hashes(codes: NDArray[np.uint64]) -> NDArray[np.uint32]: ...
def run_hashes(codes: int | NDArray[np.uint64]) -> int | NDArray[np.uint32]:
    """Hash runs, given as numbers in base ``len(SYMBOLS) + 1``, to 32 bits."""
    if isinstance(codes, int):
        return (codes * _MIX & _WORD) >> 32
    mixed: NDArray[np.uint32] = ((codes * np.uint64(_MIX)) >> np.uint64(32)).astype(np.uint32)
    return mixed


@cache
def _table() -> tuple[int, array[int], bytes]:
    data = files("detector").joinpath("data", TABLE).read_bytes()
    entries = (len(data) - 4) // 5
    hashes: array[int] = array("I")
    hashes.frombytes(data[4 : 4 + 4 * entries])
    if sys.byteorder == "big":
        hashes.byteswap()
    return int.from_bytes(data[:4], "little"), hashes, data[4 + 4 * entries :]
