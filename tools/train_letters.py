"""Count how often letters follow each other in the names of ordinary sites, for detector/names/letters.py.

    python tools/train_letters.py ../shared/bench/names/benign_top50k.txt

Every second name is left out, so that what the model is good for can be measured on those.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from itertools import product
from pathlib import Path

from detector.hosts import split_host
from detector.names.letters import BITS, EDGE, SYMBOLS, TABLE

_BACK_OFF = 5.0
"""Smoothing: the estimate from two letters counts as this many sightings of three letters; the estimate from one, as of two."""


def train(names: list[str]) -> bytes:
    """Return the table of letter frequencies in ``names``."""
    threes: Counter[tuple[int, int, int]] = Counter()
    for name in names:
        for run in re.findall(r"[a-z]+", split_host(name).label):
            symbols = (EDGE, EDGE, *(ord(char) - 96 for char in run), EDGE)
            threes.update(zip(symbols, symbols[1:], symbols[2:], strict=False))
    twos: Counter[tuple[int, int]] = Counter()
    ones: Counter[int] = Counter()
    before: Counter[tuple[int, int]] = Counter()
    for (first, second, third), count in threes.items():
        twos[second, third] += count
        ones[third] += count
        before[first, second] += count
    starts: Counter[int] = Counter()
    for (second, _), count in twos.items():
        starts[second] += count
    table = bytearray()
    for first, second, third in product(range(SYMBOLS), repeat=3):
        one = (ones[third] + 1) / (ones.total() + SYMBOLS)
        two = (twos[second, third] + _BACK_OFF * one) / (starts[second] + _BACK_OFF)
        three = (threes[first, second, third] + _BACK_OFF * two) / (before[first, second] + _BACK_OFF)
        table.append(min(255, round(-math.log2(three) * BITS)))
    return bytes(table)


if __name__ == "__main__":
    listed = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    target = Path(__file__).parents[1] / "detector" / "data" / TABLE
    target.write_bytes(train(listed[::2]))
    print(f"{target.name}: counted in {len(listed[::2])} names")
