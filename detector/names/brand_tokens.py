"""The names of a brand as tokens, and the strength of each as evidence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import IntEnum

from detector.hosts import split_host, unicode_label
from detector.model import Brand
from detector.names.lures import EVERYDAY, FILLERS, LURES, ORDINARY, is_everyday
from detector.names.ordinary_names import sightings

SHORTEST = 2
"""Letters of the shortest name that counts."""
SELDOM_SHORT = 35.0
"""Sightings in a million ordinary names up to which four letters are a name: ``usps`` is, ``ebay`` is in "thepiratebay"."""
_VOWELS = frozenset("aeiouy")
_DOMAIN_LABEL = 8
"""Letters from which the label of a further domain counts as a name (``steamcommunity``) if it contains the brand's."""


class NameStrength(IntEnum):
    """The strength of a name as evidence when a label contains it."""

    WEAK = 0
    """Two or three letters, or an everyday word: proves something only beside a lure."""
    MEDIUM = 1
    """Four letters that ordinary names hold more often."""
    STRONG = 2


def brand_tokens(brand: Brand) -> Iterator[tuple[str, NameStrength]]:
    """Iterate over a brand's names (lower case, without spaces and hyphens) with their strength: from its names and domains."""
    seen: set[str] = set()
    labels = [unicode_label(split_host(domain).label) for domain in brand.domains]
    for source in (*brand.names, brand.name):
        token = _squash(source)
        if len(token) >= SHORTEST and token not in seen and not token.isdigit():
            seen.add(token)
            yield token, strength_of(token, brand.ambiguous and _squash(source) == source.lower())
    names = [name for name in seen if len(name) > 3]
    for index, label in enumerate(labels):
        token = _squash(label)
        # a further domain counts as a name only if its label contains the name: t-online.de belongs to T-Mobile's owner
        telling = index == 0 or (len(token) >= _DOMAIN_LABEL and any(name in token for name in names))
        if telling and len(token) >= SHORTEST and token not in seen and not is_everyday(token):
            seen.add(token)
            yield token, strength_of(token, brand.ambiguous)


def words_containing(token: str) -> Iterator[tuple[str, int]]:
    """Iterate over the ordinary words that contain ``token``, with its offset in them."""
    for word in LURES | FILLERS | EVERYDAY | ORDINARY:
        if len(word) > len(token) and token in word:
            yield word, word.index(token)


def _squash(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).lower()
    # vowel signs of Indic and Thai words are marks, and neither letters nor digits
    return "".join(char for char in text if char.isalnum() or unicodedata.category(char)[0] == "M")


def strength_of(token: str, ambiguous: bool) -> NameStrength:
    """Return the strength of a name; ``ambiguous``: the brand says that it is also a word."""
    if not token.isascii():
        return NameStrength.STRONG if len(token) >= 3 else NameStrength.WEAK
    if len(token) < 3 or is_everyday(token) or (ambiguous and len(token) < _DOMAIN_LABEL):
        return NameStrength.WEAK
    if len(token) == 3:
        return NameStrength.MEDIUM if has_no_vowel(token) else NameStrength.WEAK
    return NameStrength.MEDIUM if len(token) == 4 and sightings(token) > SELDOM_SHORT else NameStrength.STRONG


def has_no_vowel(token: str) -> bool:
    """Tell whether ``token`` is three letters without a vowel: no word contains "dhl", where "ing" and "ups" are common."""
    return len(token) == 3 and token.isalpha() and _VOWELS.isdisjoint(token)
