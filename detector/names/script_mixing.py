"""Labels that mix the letters of alphabets that look alike, as no language does and no registry sells (UTS #39, section 5.1)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LIKE_LATIN = frozenset(("ARMENIAN", "CANADIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "GEORGIAN", "GREEK", "LISU"))
"""Alphabets with letters that look like Latin ones, by the first word of the letters' names in Unicode."""
_OF_LANGUAGES = frozenset("ßæœøłđðþħŧŋı")
"""Latin letters without an accent that can be taken off, which languages are written with."""


def mixes_scripts(label: str) -> bool:
    """Tell whether ``label`` (lower case) holds a-z beside letters of another alphabet, small capitals or phonetic letters."""
    if label.isascii():
        return False
    return any("a" <= char <= "z" for char in label) and any(map(is_odd, label))


@lru_cache(maxsize=4096)
def is_odd(char: str) -> bool:
    """Tell whether ``char`` is a letter that does not belong beside a-z: not accented, and of no language in Latin script."""
    if char.isascii() or not char.isalpha() or char in _OF_LANGUAGES:
        return False
    script = unicodedata.name(char, "?").split()[0]
    return script in _LIKE_LATIN or (script == "LATIN" and not unicodedata.normalize("NFKD", char)[0].isascii())
