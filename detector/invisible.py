"""Characters that nobody sees between the letters of a word, and letters in frames that are read as letters."""

from __future__ import annotations

import re
import unicodedata
from string import ascii_lowercase

IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that are not drawn, as ranges for a regular expression (Unicode: ``Default_Ignorable_Code_Point``)."""
MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Marks above, below and through letters of alphabets that write words without them, as ranges for a regular expression."""
_ENCLOSED_BLOCKS = (
    0x249C, 0x24B6, 0x24D0, 0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6,
)  # fmt: skip
"""First of 26 letters in brackets, circles and squares, and of those that flags are made of (Unicode: Enclosed Alphanumerics)."""
ENCLOSED = "".join(f"{chr(first)}-{chr(first + 25)}" for first in _ENCLOSED_BLOCKS)
"""Letters in frames, as ranges for a regular expression: no letters to Unicode, and to a reader."""
_SOFT_HYPHEN = "\u00ad"
_LETTERS = {first + at: letter for first in _ENCLOSED_BLOCKS for at, letter in enumerate(ascii_lowercase)}
UNSEEN = frozenset(
    chr(code)
    for first, last in re.findall("(.)(?:-(.))?", IGNORABLE)
    for code in range(ord(first), ord(last or first) + 1)
)
"""Characters that are not drawn."""
_UNSEEN = re.compile(f"[{IGNORABLE}]")
_SPOILING = re.compile(f"[{IGNORABLE.replace(_SOFT_HYPHEN, '')}{MARKS}{ENCLOSED}]")
_FULL_WIDTH = re.compile("[\uff01-\uff5e]")
_ORDINARY = re.compile("(?:LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE)|DIGIT) ")
_UNSEEN_OR_MARK = re.compile(f"[{IGNORABLE}{MARKS}]")


def as_read(text: str) -> str:
    """Return a text as a reader takes it, in lower case: composed, without what is not drawn, with letters in frames as letters."""
    if text.isascii():
        return text.lower()
    letters = _UNSEEN.sub("", text).translate(_LETTERS)
    return _UNSEEN_OR_MARK.sub("", unicodedata.normalize("NFKC", letters).casefold())


def is_spoiled(word: str) -> bool:
    """Tell whether a word that reads as letters a-z is written with other characters, which programs take for another word.

    Accents, and the full width in which Japanese text writes Latin letters, are no spoiling.
    """
    if word.isascii():
        return False
    composed = unicodedata.normalize("NFC", _FULL_WIDTH.sub("", word))
    if _SPOILING.search(composed) or composed != unicodedata.normalize("NFKC", composed):
        return True
    return any(char.isalnum() and not _ORDINARY.match(unicodedata.name(char, "")) for char in composed)
