"""Names that a registry would sell."""

from __future__ import annotations

import re
from functools import lru_cache

import idna

from crawler.discovery.confusables import script_of
from detector.hosts import MAX_HOST

NO_IDN = frozenset(
    ["ad", "arpa", "cn", "cz", "edu", "gov", "int", "jp", "mil", "nl", "sk", "tv", "tw", "uk", "us", "zone"]
)
"""Top-level domains that register no names in other alphabets, or none that look like Latin ones."""
_JAPANESE = frozenset(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"))
_KOREAN = frozenset(("CJK", "HANGUL"))
"""Alphabets that one language is written in."""
_EAST_ASIAN = frozenset(("cn", "jp", "tw"))
"""Of the domains above, those that register names in their own writing."""
_ASCII_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def registrable(domain: str) -> bool:
    """Return True if a registry could sell the name: valid IDNA 2008 labels of one script, under an ending that allows them.

    ICANN's IDN guidelines (version 4.0, section 13) refuse labels that mix scripts.
    """
    if "xn--" not in domain:
        return bool(_ASCII_NAME.fullmatch(domain))
    labels = domain.split(".")
    scripts = [_scripts(label) for label in labels]
    if len(domain) > MAX_HOST or not all(each is not None and _go_together(each) for each in scripts):
        return False
    written = frozenset().union(*(each for each in scripts[:-1] if each))
    return labels[-1] not in NO_IDN or (labels[-1] in _EAST_ASIAN and written <= _JAPANESE)


def _go_together(scripts: frozenset[str]) -> bool:
    return len(scripts) <= 1 or scripts <= _JAPANESE or scripts <= _KOREAN


@lru_cache(maxsize=10_000)
def _scripts(label: str) -> frozenset[str] | None:
    """Return the scripts of the letters of an ASCII label; None where IDNA 2008 knows no such label."""
    try:
        return frozenset(script_of(char) for char in idna.decode(label) if char.isalpha())
    except (idna.IDNAError, UnicodeError):
        return None
