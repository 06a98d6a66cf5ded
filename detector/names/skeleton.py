"""Fold characters that look alike, so that names that look alike become equal.

The idea is the "skeleton" of Unicode UTS #39; the table is its confusables data (package ``confusable_homoglyphs``)
restricted to what looks like a-z and 0-9, with the ASCII look-alikes that it leaves out (``0``/``o``, ``rn``/``m``, ``vv``/``w``).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from string import ascii_lowercase, ascii_uppercase, digits

from confusable_homoglyphs.confusables import confusables_data

from detector.names.script_mixing import mixes_scripts

_STROKES = {
    "đ": "d", "ɖ": "d", "ɗ": "d", "ł": "l", "ɫ": "l", "ø": "o", "ħ": "h", "ɦ": "h", "ŧ": "t", "ƫ": "t", "ı": "i",
    "ɩ": "i", "ɪ": "i", "ɑ": "a", "ə": "e", "ɇ": "e", "ɓ": "b", "ʙ": "b", "ƈ": "c", "ᴄ": "c", "ƒ": "f", "ɡ": "g",
    "ɢ": "g", "ǥ": "g", "ʝ": "j", "ɉ": "j", "ĸ": "k", "ᴋ": "k", "ⱪ": "k", "ᴍ": "m", "ɱ": "m", "ꞑ": "n", "ŋ": "n",
    "ᴏ": "o", "ƥ": "p", "ƿ": "p", "ʠ": "q", "ʀ": "r", "ɍ": "r", "ɾ": "r", "ɽ": "r", "ꜱ": "s", "ʂ": "s", "ᴜ": "u",
    "ʉ": "u", "ᴠ": "v", "ⱱ": "v", "ⱴ": "v", "ᴡ": "w", "ⱳ": "w", "ʏ": "y", "ɏ": "y", "ƴ": "y", "ƶ": "z", "ⱬ": "z",
    "ᴢ": "z", "ʐ": "z", "ᴀ": "a", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ʜ": "h", "ᴊ": "j", "ʟ": "l", "ɴ": "n", "ᴘ": "p",
    "ꞯ": "q", "ᴛ": "t", "æ": "ae", "œ": "oe", "ß": "ss",
}  # fmt: skip

_SMALL_CAPITALS = {
    "в": "b", "к": "k", "м": "m", "н": "h", "т": "t", "κ": "k", "τ": "t", "ε": "e", "η": "n", "ω": "w", "β": "b",
    "μ": "u", "ᏼ": "b", "ꮋ": "h", "ꭲ": "t", "ꮶ": "k", "ꮇ": "m", "є": "e", "з": "3",
}  # fmt: skip
"""Letters of other alphabets that look like small capitals, or like letters of other fonts: only in names, where they are rare."""
_PRETENDED = {
    "и": "u", "п": "n", "я": "r", "ц": "u", "ш": "w", "щ": "w", "ь": "b", "ъ": "b", "э": "e", "ч": "y", "д": "a", "л": "n",
}  # fmt: skip
"""Letters that are taken for Latin ones beside these only ("faux Cyrillic")."""

ASCII_PAIRS = {"rn": "m", "nn": "m", "vv": "w", "cl": "d"}
ASCII_SINGLES = {"0": "o", "1": "l", "i": "l", "3": "e", "4": "a", "5": "s", "8": "b", "q": "g", "9": "g"}
"""Look-alikes within ASCII: pairs are replaced first, then single characters."""


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for plain in digits + ascii_lowercase:
        for entry in confusables_data.get(plain, []):
            other = entry["c"]
            if len(other) == 1 and not other.isascii():
                table[other] = plain
    table.update(_STROKES)
    return table


def plain_letters(text: str) -> str:
    """Replace letters of other alphabets and accented ones by the ASCII letters that they look like; others stay.

    For comparing whole words: positions are not kept.
    """
    return "".join(_plain(char) for char in text)


def plain_capitals(text: str) -> str:
    """Replace letters in text of mixed case: a Cyrillic capital may look like another letter than its lower-case form does."""
    return "".join(_capitals().get(char) or _plain(char) for char in text)


@cache
def _capitals() -> dict[str, str]:
    return {
        entry["c"]: letter
        for letter in ascii_uppercase
        for entry in confusables_data.get(letter, [])
        if len(entry["c"]) == 1 and not entry["c"].isascii()
    }


def _plain(char: str) -> str:
    if char.isascii():
        return char
    table = _table()
    found = table.get(char)
    if found is not None:
        return found
    parts = [part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)]
    return "".join(table.get(part, part) for part in parts) or char


def in_name(char: str, mixed: bool) -> str:
    """Return the ASCII letters that ``char`` looks like in a name; itself without such.

    ``mixed``: Latin letters stand beside it (:func:`~detector.names.script_mixing.mixes_scripts`).
    """
    if unicodedata.combining(char):
        return ""
    return (_SMALL_CAPITALS.get(char) or (_PRETENDED.get(char) if mixed else None)) or _plain(char)


def skeleton(text: str) -> tuple[str, list[int]]:
    """Fold lower-case ``text``; returns (skeleton, positions).

    ``positions[i]`` is the offset in ``text`` of the skeleton's i-th character; one more entry is the length of ``text``.
    """
    plain: list[str] = []
    origin: list[int] = []
    mixed = mixes_scripts(text)
    for index, char in enumerate(text):
        for part in _plain(char) if char.isascii() else in_name(char, mixed):
            plain.append(part)
            origin.append(index)
    origin.append(len(text))
    folded: list[str] = []
    positions: list[int] = []
    index = 0
    while index < len(plain):
        pair = ASCII_PAIRS.get("".join(plain[index : index + 2]))
        positions.append(origin[index])
        folded.append(pair or ASCII_SINGLES.get(plain[index], plain[index]))
        index += 2 if pair else 1
    positions.append(len(text))
    return "".join(folded), positions
