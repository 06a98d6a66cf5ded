"""Labels that look like a given one, from all of Unicode's confusables (UTS #39), as far as a registry could sell them.

Registries sell labels of one script (ICANN's IDN guidelines 4.0, section 13) and of code points that IDNA 2008 allows.  So either
one Latin letter is exchanged for another Latin one, or all letters for those of one other script.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice, product

import idna
from confusable_homoglyphs.confusables import confusables_data

MOST_SPELLINGS = 8
"""Spellings of one label in one script: a letter may have several look-alikes there."""
LATIN = "LATIN"


def confusable_labels(label: str) -> Iterator[tuple[str, str]]:
    """Yield (label, script) for every label in Unicode that looks like ``label`` (ASCII, lower case)."""
    for script, letters in _by_script().items():
        if script == LATIN:
            for place, char in enumerate(label):
                for other in letters.get(char, ()):
                    yield label[:place] + other + label[place + 1 :], script
            continue
        choices = [letters.get(char, () if char.isalpha() else (char,)) for char in label]
        if all(choices) and any(char.isalpha() for char in label):
            for spelling in islice(product(*choices), MOST_SPELLINGS):
                yield "".join(spelling), script


def script_of(char: str) -> str:
    """Return the script of a letter, by the first word of its Unicode name; exact enough for letters that registries sell."""
    return unicodedata.name(char, "?").split()[0]


@cache
def _by_script() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return look-alikes of a-z and 0-9 by script, only code points that IDNA 2008 allows (RFC 5892)."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for plain in "abcdefghijklmnopqrstuvwxyz0123456789":
        for entry in confusables_data.get(plain, ()):
            other = entry["c"]
            if len(other) == 1 and not other.isascii() and other.isalpha() and _allowed(other):
                letters = found.setdefault(script_of(other), {})
                letters[plain] = (*letters.get(plain, ()), other)
    return found


def _allowed(char: str) -> bool:
    try:
        idna.check_label(char)
    except (idna.IDNAError, UnicodeError):
        return False
    return True
