"""Measure how unlike a word a run of letters is: names that people choose have syllables, names that scripts make up have not.

A model of three letters at a time (Shannon, "A Mathematical Theory of Communication", 1948), counted in the labels of ordinary
sites by ``tools/train_letters.py``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

EDGE = 0
"""Symbol before the first letter (twice) and after the last one; ``a`` to ``z`` are 1 to 26."""
SYMBOLS = 27
BITS = 16
"""Units of the table that make one bit."""
TABLE = "letters.bin"
"""``SYMBOLS`` cubed bytes: information of the third symbol after the first two, in units, clipped at 255."""


MADE_UP = 5.0
"""Bits a letter from which a name counts as made up; ordinary labels have 3.7, one in ten has 4.7 or more."""
_LEAST = 3
"""Letters below which a run is not judged."""


def is_made_up(text: str) -> bool:
    """Tell whether the letters of ``text`` look random rather than chosen."""
    return sum("a" <= char <= "z" for char in text) >= _LEAST and bits_per_letter(text) >= MADE_UP


@lru_cache(maxsize=20_000)
def bits_per_letter(text: str) -> float:
    """Mean information, in bits, of the letters a to z in ``text``, its end counted as a letter; 0 without any."""
    symbols = [ord(char) - 96 for char in text if "a" <= char <= "z"]
    if not symbols:
        return 0.0
    table = _table()
    first = second = EDGE
    total = 0
    for symbol in (*symbols, EDGE):
        total += table[(first * SYMBOLS + second) * SYMBOLS + symbol]
        first, second = second, symbol
    return total / BITS / (len(symbols) + 1)


@cache
def _table() -> bytes:
    return files("detector").joinpath("data", TABLE).read_bytes()
