"""Other spellings of a name that people and registries use: umlauts and their digraphs, bare letters, Latin letters for others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from detector.names.skeleton import plain_letters

_DIGRAPHS = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ĳ": "ij",
}  # fmt: skip
"""Letters and the pairs that stand for them where they cannot be typed (DIN 5007-2 and its northern relatives)."""
_UMLAUTS = {"ae": "ä", "oe": "ö", "ue": "ü", "ss": "ß", "aa": "å"}
_ROMAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ie", "ж": "zh", "з": "z", "и": "i",
    "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ў": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "iu", "я": "ia", "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th",
    "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t",
    "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
"""Cyrillic letters as passports spell them (ICAO Doc 9303, part 3, section 6), Greek ones after ELOT 743."""
_EVERYDAY_ROMAN = (("й", "y"), ("х", "h"), ("ю", "yu"), ("я", "ya"), ("ё", "yo"), ("щ", "sch"), ("ц", "c"))
"""The same as people write them in names of sites."""


def other_spellings(name: str) -> Iterator[str]:
    """Yield the other spellings of ``name`` (lower case), each once: ``münchen`` is ``muenchen`` and ``munchen``, and back."""
    seen = {name}
    for spelled in _spellings(unicodedata.normalize("NFC", name)):
        if len(spelled) > 1 and spelled not in seen:
            seen.add(spelled)
            yield spelled


def _spellings(name: str) -> Iterator[str]:
    if name.isascii():
        for pair, letter in _UMLAUTS.items():
            yield name.replace(pair, letter)
        whole = name
        for pair, letter in _UMLAUTS.items():
            whole = whole.replace(pair, letter)
        yield whole
        return
    yield _without_accents("".join(_DIGRAPHS.get(char, char) for char in name))
    yield _without_accents(name)
    passport = _romanised(name)
    everyday = name
    for letter, written in _EVERYDAY_ROMAN:
        everyday = everyday.replace(letter, written)
    for latin in (passport, _romanised(everyday)):
        if (plain := _without_accents(latin)).isascii():
            yield plain


def _romanised(name: str) -> str:
    return "".join(_ROMAN.get(char, _ROMAN.get(unicodedata.normalize("NFD", char)[0], char)) for char in name)


def _without_accents(text: str) -> str:
    """Take accents off Latin letters; those of other alphabets stay as they are."""
    return "".join(plain_letters(char) if unicodedata.name(char, "").startswith("LATIN") else char for char in text)
