"""Words that brands share with others: ``apple`` is a fruit as well, ``PayPal`` is nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detector.signals import lexicon
from detector.signals.mentions.text_tokens import fold, tokens_of

COMPOUND = 6
"""Letters of a stem from which it counts within a word, too: ``Kundensicherheit``."""
LEAST = 3
"""Letters of a word that can tell a longer name; shorter ones are articles and initials."""


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A brand's word that others carry in their names, as its folded tokens."""

    tokens: tuple[str, ...]
    own: frozenset[str]
    """Words that the owner writes beside it."""
    other: frozenset[str]
    """Words that make another's name although they are generic."""


@cache
def shared_words() -> dict[tuple[str, ...], SharedWord]:
    """Read the words of ``detector/data/namesakes.toml``, by their tokens."""
    found = {}
    for word, entry in _data()["names"].items():
        tokens = tuple(tokens_of(fold(word)))
        found[tokens] = SharedWord(tokens, _set(entry.get("own", "")), _set(entry.get("other", "")))
    return found


def distinguishes(word: str, shared: SharedWord, own: Collection[str]) -> bool:
    """Tell whether a folded word beside the shared one makes the name somebody else's; ``own`` are the brand's words.

    Words of business, of the brand's products, of countries and of other scripts than Latin do not.
    """
    if word in shared.other:
        return True
    if len(word) < LEAST or word.isdigit() or word in own or word in shared.own or word in _generic():
        return False
    if "".join(shared.tokens) in word or not all(_is_latin(letter) for letter in word):
        return False
    return not any(word.startswith(stem) or (len(stem) >= COMPOUND and stem in word) for stem in _stems())


def is_kind(word: str) -> bool:
    """Tell whether a word says what kind of place, institution, trade, person or living being has a name."""
    return word in _kinds()


@cache
def _kinds() -> frozenset[str]:
    return frozenset().union(*(_set(str(words)) for words in _data()["kinds"].values()))


def is_business(word: str) -> bool:
    """Tell whether a word names what brands do with their customers: ``security``, ``Kundenkonto``, ``verificación``."""
    return any(word.startswith(stem) for stem in _stems())


def _is_latin(letter: str) -> bool:
    return letter.isascii() or "\u00c0" <= letter <= "\u024f" or "\u1e00" <= letter <= "\u1eff"


@cache
def _data() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(files("detector").joinpath("data/namesakes.toml").read_text(encoding="utf-8"))


@cache
def _stems() -> tuple[str, ...]:
    return tuple(sorted(_set(str(_data()["beside"]["stems"]))))


@cache
def _generic() -> frozenset[str]:
    beside = _data()["beside"]
    listed = _set(str(beside["words"])) | _set(str(beside["countries"]))
    return listed | lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS | lexicon.COPYRIGHT_WORDS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())
