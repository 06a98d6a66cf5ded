"""Texts cut into folded tokens: runs of letters and digits."""

from __future__ import annotations

import re
from typing import NamedTuple

from detector.invisible import ENCLOSED, IGNORABLE, MARKS, as_read
from detector.names.skeleton import plain_capitals, plain_letters
from detector.signals import lexicon

_APART = (
    "\u0590-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u10ff\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af"
    "\uff66-\uff9f"
)
"""Letters that nobody takes for Latin: where they touch a Latin name, it ends (Hebrew, Arabic, Indic, Thai, Kana, Han...)."""
_LETTER = rf"(?:(?![{_APART}])[^\W_]|[{ENCLOSED}])"
TOKEN = re.compile(
    rf"{_LETTER}(?:{_LETTER}|[{IGNORABLE}{MARKS}]+(?={_LETTER}))*[{MARKS}]*|[{_APART}](?:[{_APART}\d]|[{IGNORABLE}]+(?=[{_APART}]))*"
)
"""A run of letters and digits of one kind; invisible characters and marks inside do not end it, as pages hide names so."""
_ASCII_TOKEN = re.compile("[A-Za-z0-9]+")
"""Tokens of a text of ASCII only: the same in a third of the time."""
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Token(NamedTuple):
    """One run of letters and digits; ``start`` and ``end`` are offsets into its text."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Case-fold, compose compatibility forms, and drop characters that are not drawn and marks that belong to no letter."""
    return as_read(text)


def tokens_of(text: str) -> list[str]:
    """Split a text into runs of letters and digits."""
    return token_pattern(text).findall(text)


def token_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern that finds the tokens of ``text`` fastest."""
    return _ASCII_TOKEN if text.isascii() else TOKEN


def folded_words(raw: str, texts: list[str]) -> tuple[list[str], list[str]]:
    """Fold the tokens: as they are written, and with look-alike letters replaced by those that they look like."""
    if raw.isascii():
        plain = tokens_of(raw.lower())
        return plain, plain
    originals = [fold(text) for text in texts]
    # a token of ASCII holds no look-alike letters
    words = [
        original if text.isascii() or original in lexicon.ACCENTED else plain_letters(fold(plain_capitals(text)))
        for text, original in zip(texts, originals, strict=True)
    ]
    return originals, words
