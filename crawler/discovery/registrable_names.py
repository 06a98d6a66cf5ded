"""Names that a registry would sell."""

from __future__ import annotations

import re

import idna

from crawler.discovery.confusables import script_of

NO_IDN = frozenset(
    ["ad", "arpa", "cn", "cz", "edu", "gov", "int", "jp", "mil", "nl", "sk", "tv", "tw", "uk", "us", "zone"]
)
"""Top-level domains that register no names in other alphabets, or none that look like Latin ones."""
_JAPANESE: set[str] = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
_EAST_ASIAN = frozenset(("cn", "jp", "tw"))
"""Of these, those that register names in their own writing."""
_KOREAN = {"CJK", "HANGUL"}
"""Alphabets that one language is written in."""
_ASCII_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def registrable(domain: str) -> bool:
    """Return True if a registry could sell the name: valid IDNA 2008 labels of one script, under an ending that allows them.

    ICANN's IDN guidelines (version 4.0, section 13) refuse labels that mix scripts.
    """
    if "xn--" not in domain:
        return bool(_ASCII_NAME.fullmatch(domain))
    try:
        decoded = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return False
    ending = decoded.rpartition(".")[2]
    if ending in NO_IDN and not (
        ending in _EAST_ASIAN and set().union(*map(_scripts, decoded.split(".")[:-1])) <= _JAPANESE
    ):
        return False
    return all(_go_together(_scripts(label)) for label in decoded.split("."))


def _go_together(scripts: set[str]) -> bool:
    return len(scripts) <= 1 or scripts <= _JAPANESE or scripts <= _KOREAN


def _scripts(label: str) -> set[str]:
    return {script_of(char) for char in label if char.isalpha()}
