"""Undo the tricks that hide a number's digits in a text, keeping the offsets of the original.

Undone: digits of other scripts and styles (``１``, ``𝟏``, ``①``, ``१``), keycaps (``1️⃣``), invisible characters between
digits, digits with gaps (``1 8 0 0 5 5 5 ...``), ``O`` for 0 and ``l`` or ``I`` for 1 among digits, English number words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from detector.invisible import UNSEEN

_KEYCAP = "\u20e3"
DASHES = frozenset("‐‑‒–—―−﹘﹣－ー~∼〜～⁃·•∙⋅")
_LETTERS = str.maketrans("OoQlI", "00011")
_APART = re.compile(r"(?<![\w.,])[+(]?\d(?:[ .\-_*/]{1,3}\d){8,13}(?![\d]|[.,]\d)")
_MIXED = re.compile(
    # a blank before a letter ends the digits: the sentence goes on ("... 0142 I will")
    r"(?<![^\W\d_])(?<!\w)[+(]{0,2}[\dOoQlI](?:[ ().\-]{0,2}\d|[().\-]?[OoQlI]){6,14}(?!\w)"
)
_NUMBER_WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9",
}  # fmt: skip
_SPELT = re.compile(
    rf"\b(?:{'|'.join(_NUMBER_WORDS)})(?:[\s,\-]{{1,3}}(?:{'|'.join(_NUMBER_WORDS)})){{6,14}}\b", re.IGNORECASE
)


Replaced = list[tuple[str, int]]
"""Characters, each with the offset of the character of the match that it replaces."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """The readable ``text``; its character ``i`` is at ``offsets[i]`` of ``written``."""

    text: str
    offsets: tuple[int, ...]
    written: str

    def raw(self, start: int, end: int) -> str:
        """The original of ``text[start:end]``."""
        return self.written[self.offsets[start] : self.offsets[end - 1] + 1]


def plain(written: str) -> PlainText:
    """Undo the tricks; the result is never longer than the original."""
    characters: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(written):
        if character.isascii():
            characters.append(character)
            offsets.append(index)
            continue
        if character in UNSEEN or character == _KEYCAP:
            continue
        for folded in _fold(character):
            characters.append(folded)
            offsets.append(index)
    found = PlainText("".join(characters), tuple(offsets), written)
    for pattern, rewrite in (
        (_SPELT, _replace_number_words),
        (_MIXED, _replace_letters),
        (_APART, _join_spaced_digits),
    ):
        found = _rewrite(found, pattern, rewrite)
    return found


def _fold(character: str) -> str:
    """Replace a digit, dash or blank of another style by the ASCII one; other characters stay."""
    if character in DASHES:
        return "-"
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(character) == "Zs":
        return " "
    folded = unicodedata.normalize("NFKC", character)
    # a compatibility form of several characters (``½``) is not a digit of a number
    return folded if len(folded) == 1 else character


def _rewrite(found: PlainText, pattern: re.Pattern[str], rewrite: Callable[[str], Replaced | None]) -> PlainText:
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in pattern.finditer(found.text):
        replaced = rewrite(match.group())
        if replaced is None:
            continue
        parts += [found.text[at : match.start()], "".join(character for character, _ in replaced)]
        offsets += found.offsets[at : match.start()]
        offsets += [found.offsets[match.start() + index] for _, index in replaced]
        at = match.end()
    if not at:
        return found
    return PlainText("".join([*parts, found.text[at:]]), (*offsets, *found.offsets[at:]), found.written)


def _join_spaced_digits(text: str) -> Replaced | None:
    """Join single digits that have the same gap throughout: ``1 - 8 - 0 - 0``."""
    gaps = re.findall(r"[^\d+(]+", text)
    if len(set(gaps)) > 1:
        return None
    return [(character, index) for index, character in enumerate(text) if character.isdigit() or character in "+("]


def _replace_letters(text: str) -> Replaced | None:
    """Replace letters that look like digits, in a run that is mostly digits."""
    letters = sum(character in "OoQlI" for character in text)
    digits = sum(character.isdigit() for character in text)
    if not letters or digits < max(6, letters):
        return None
    return [(character.translate(_LETTERS), index) for index, character in enumerate(text)]


def _replace_number_words(text: str) -> Replaced | None:
    """Replace number words by digits: ``one eight zero zero ...``."""
    return [(_NUMBER_WORDS[word.group().lower()], word.start()) for word in re.finditer(r"[A-Za-z]+", text)]
