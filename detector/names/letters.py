"""How unlike a word a run of letters is: what people register is made of syllables, what a script makes up is not.

A model of three letters at a time (Shannon, "A Mathematical Theory of Communication", 1948), counted in the labels of ordinary
sites by ``tools/train_letters.py``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

EDGE = 0
"""Stands before the first letter, twice, and behind the last one; ``a`` to ``z`` are 1 to 26."""
SYMBOLS = 27
BITS = 16
"""Units of the table in one bit."""
TABLE = "letters.bin"
"""``SYMBOLS`` cubed bytes: how unexpected the third symbol is after the first two, in units; 255 is the most."""


MADE_UP = 5.0
"""Bits a letter from which nobody chose the letters for what they say; ordinary labels have 3.7, and one in ten 4.7."""
_LEAST = 3
"""Letters below which a run says nothing."""


def is_made_up(text: str) -> bool:
    """Whether the letters of ``text`` are a script's or a cat's."""
    return sum("a" <= char <= "z" for char in text) >= _LEAST and surprise(text) >= MADE_UP


@lru_cache(maxsize=20_000)
def surprise(text: str) -> float:
    """Bits a letter, the end counted as one, of the letters a to z in ``text``; 0 without any."""
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
