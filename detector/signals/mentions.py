"""Find the names of all brands in a text at once, and how each is mentioned.

Text is cut into tokens (runs of letters and digits); names of one to five tokens are looked up in a hash table at every
position, so the time depends on the text's length and not on the number of brands.  Names in scripts without spaces are
looked for as substrings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from detector.brands import BrandLibrary
from detector.limits import windows
from detector.names.skeleton import plain_capitals, plain_letters
from detector.signals import lexicon

INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[{INVISIBLE}]+(?=[^\W_]))*")
"""A run of letters and digits; invisible characters inside do not end it, since pages hide names with them."""
_ASCII_TOKEN = re.compile("[A-Za-z0-9]+")
"""Tokens of a text of ASCII only: the same in a third of the time."""
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
DOMAIN_NAME = re.compile(r"([^\W\d_]{4,})\.[a-z]{2,3}")
MAX_NAME_TOKENS = 5
MAX_TEXT = 60_000
"""Characters of a text that are read: of a longer one the beginning, the middle and the end."""


class MentionManner(StrEnum):
    """The way in which a text mentions a brand."""

    PLAIN = "plain"
    PROMPT = "prompt"
    """Its credentials are asked for: ``sign in to X``, ``your X password``."""
    HEADING = "heading"
    """A line of its own."""
    PRODUCT = "product"
    """One of its services, which any site may name or use: ``X Maps``."""
    SERVICE = "service"
    """Another site's sign-in button or payment mark: ``continue with X``, ``pay with X``."""
    INNOCENT = "innocent"
    """A share link, or an entry in a list of several companies."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a brand's name; ``start`` and ``end`` are offsets into the text that was read."""

    brand: str
    """Id of the brand, as verdicts name it."""
    name: str
    start: int
    end: int
    manner: MentionManner


class _Token(NamedTuple):
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _BrandName:
    brand: str
    name: str
    tight: bool
    """Written with punctuation and without blanks (``AT&T``, ``mail.ru``): the text must not have blanks there either."""
    careful: bool
    """The name is also an everyday word: it counts only where it is written as a name."""


def fold(text: str) -> str:
    """Case-fold, compose compatibility forms, and drop zero-width characters."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(f"[{INVISIBLE}]", "", folded)


class MentionIndex:
    """An index of all names of all brands, to search texts with."""

    def __init__(self, library: BrandLibrary) -> None:
        self._names: dict[tuple[str, ...], _BrandName] = {}
        self._firsts: set[str] = set()
        """First words of all names: most words of a page begin none."""
        self._alone: set[str] = set()
        """Names of one word."""
        self._pairs: set[tuple[str, ...]] = set()
        """First two words of the others: many begin as every sentence does (``The Home Depot``)."""
        self._runs: list[tuple[str, _BrandName]] = []
        for brand in sorted(library, key=lambda b: bool(b.answers_as)):
            for name in dict.fromkeys((brand.name, *brand.names)):
                self._add(brand.answer, name, careful=brand.ambiguous)
        for brand in library:
            for name in (brand.name, *brand.names):
                bare = DOMAIN_NAME.fullmatch(name)
                if bare:
                    # pages of example.it call it Example, which may be an everyday word
                    self._add(brand.answer, bare.group(1), careful=True)

    def _add(self, brand: str, name: str, *, careful: bool) -> None:
        folded = fold(name)
        tokens = tuple(TOKEN.findall(folded))
        if not tokens:
            return
        tight = len(tokens) > 1 and not re.search(r"\s", folded)
        # names of several words need no capital letter
        careful = careful and len(tokens) == 1
        entry = _BrandName(brand, name, tight, careful)
        if UNSPACED.search(folded):
            self._runs.append((folded, entry))
            return
        spellings = [tokens]
        if len(tokens) > 1 and len("".join(tokens)) > 5:
            spellings.append(("".join(tokens),))
        for spelling in spellings:
            self._names.setdefault(spelling, entry)
            self._firsts.add(spelling[0])
            if len(spelling) == 1:
                self._alone.add(spelling[0])
            else:
                self._pairs.add(spelling[:2])

    def find(self, text: str) -> list[Mention]:
        """Find all mentions, in the order of the text; the longest name wins where several fit."""
        parts = windows(text, MAX_TEXT)
        if len(parts) == 1:
            return self._find(text)
        return [
            replace(mention, start=mention.start + start, end=mention.end + start)
            for start, end in parts
            for mention in self._find(text[start:end])
        ]

    def _find(self, raw: str) -> list[Mention]:
        texts = tokens_of(raw)
        originals, words = _folded(raw, texts)
        mentions = self._find_runs(raw)
        begins = self._beginnings(words)
        if originals is not words:
            begins = sorted({*begins, *self._beginnings(originals)})
        if begins:  # most texts name no brand, and then the positions of their words are not needed
            tokens = [_Token(match[0], *match.span()) for match in _tokens_in(raw).finditer(raw)]
            free = 0
            for position in begins:
                if position >= free:
                    free = position + self._match_at(raw, tokens, words, originals, position, mentions)
        mentions.sort(key=lambda mention: mention.start)
        return mentions

    def _beginnings(self, words: list[str]) -> list[int]:
        """Positions of words that are a name, or that begin a longer one with the word that follows."""
        firsts, alone, pairs = self._firsts, self._alone, self._pairs
        return [
            place
            for place, word in enumerate(words)
            if word in firsts and (word in alone or tuple(words[place : place + 2]) in pairs)
        ]

    def _match_at(
        self,
        raw: str,
        tokens: list[_Token],
        words: list[str],
        originals: list[str],
        position: int,
        mentions: list[Mention],
    ) -> int:
        for length in range(min(MAX_NAME_TOKENS, len(tokens) - position), 0, -1):
            end = position + length
            entry = self._names.get(tuple(words[position:end])) or self._names.get(tuple(originals[position:end]))
            if entry is None:
                continue
            span = raw[tokens[position].start : tokens[end - 1].end]
            if entry.tight and length > 1 and re.search(r"\s", span):
                continue
            if _is_initials(entry.name) and not span.isupper():
                continue
            if "\n" in span or (entry.careful and not _written_as_name(raw, tokens, position)):
                continue
            manner = _manner(raw, tokens, originals, position, end)
            mentions.append(Mention(entry.brand, entry.name, tokens[position].start, tokens[end - 1].end, manner))
            return length
        return 0

    def _find_runs(self, raw: str) -> list[Mention]:
        if not self._runs or not UNSPACED.search(raw):
            return []
        folded = raw.casefold()
        found: list[Mention] = []
        for name, entry in self._runs:
            start = folded.find(name)
            while start >= 0:
                found.append(Mention(entry.brand, entry.name, start, start + len(name), MentionManner.PLAIN))
                start = folded.find(name, start + len(name))
        return found


def tokens_of(text: str) -> list[str]:
    """Split a text into runs of letters and digits."""
    return _tokens_in(text).findall(text)


def _tokens_in(text: str) -> re.Pattern[str]:
    return _ASCII_TOKEN if text.isascii() else TOKEN


def _folded(raw: str, texts: list[str]) -> tuple[list[str], list[str]]:
    """Fold the tokens: as they are written, and with look-alike letters replaced by those that they look like."""
    if raw.isascii():
        plain = tokens_of(raw.lower())
        return plain, plain
    originals = [fold(text) for text in texts]
    # a token of ASCII holds no look-alike letters
    words = [
        original if text.isascii() else plain_letters(fold(plain_capitals(text)))
        for text, original in zip(texts, originals, strict=True)
    ]
    return originals, words


def _is_initials(name: str) -> bool:
    """Tell whether a name is two capitals (``EA``, ``VK``): ``Ea`` is a syllable, or an icon that was read as letters."""
    return len(name) == 2 and name.isascii() and name.isupper()


def _written_as_name(raw: str, tokens: list[_Token], position: int) -> bool:
    """Tell whether an everyday word is written as a name.

    ``LINE`` or ``Chase`` inside a sentence is; ``line``, a ``Target`` that begins a sentence, or ``Orchard & Line`` is not.
    """
    token = tokens[position].text
    if not token[0].isupper() or _part_of_another_name(raw, tokens, position):
        return False
    start, end = _line_around(raw, tokens[position].start, tokens[position].end)
    line = raw[start:end]
    others = [word for word in TOKEN.findall(line) if word != token]
    if len(token) > 1 and token.isupper():
        return not others or not all(word.isupper() for word in others)
    if raw[start : tokens[position].start].strip():
        return raw[: tokens[position].start].rstrip()[-1:] not in ".!?:;•|"
    known = lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS
    return len(others) <= 2 and all(fold(word) in known for word in others)


def _line_around(raw: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the line that holds ``raw[start:end]``."""
    stop = raw.find("\n", end)
    return raw.rfind("\n", 0, start) + 1, stop if stop >= 0 else len(raw)


def _part_of_another_name(raw: str, tokens: list[_Token], position: int) -> bool:
    """Tell whether a neighbouring word is capitalised and not generic: ``Blue Line``, ``Target Practice``."""
    for step in (-1, 1):
        if not 0 <= position + step < len(tokens):
            continue
        first, second = sorted((tokens[position + step], tokens[position]), key=lambda token: token.start)
        gap = raw[first.end : second.start]
        neighbour = tokens[position + step].text
        joined = not gap.strip(" &+-'’") and "\n" not in gap
        if joined and neighbour[0].isupper() and fold(neighbour) not in lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS:
            return True
    return False


def _manner(raw: str, tokens: list[_Token], words: list[str], start: int, end: int) -> MentionManner:
    line_start, line_end = _line_around(raw, tokens[start].start, tokens[end - 1].end)
    before = [words[i] for i in range(max(0, start - 5), start) if tokens[i].start >= line_start]
    after = [words[i] for i in range(end, min(len(words), end + 2)) if tokens[i].end <= line_end]
    if _is_product(after):
        return MentionManner.PRODUCT
    if before and before[-1] in lexicon.WITH and not lexicon.SERVICE.isdisjoint(before[:-1]):
        return MentionManner.SERVICE
    if before and before[-1] in lexicon.SHARE_LINKS and not lexicon.SHARE.isdisjoint(before[-4:]):
        return MentionManner.INNOCENT
    if (after and after[0] in lexicon.CREDENTIAL_PROMPT_AFTER) or _is_prompted(before):
        return MentionManner.PROMPT
    if len(before) == 1 and before[0] in lexicon.SHARE:
        return MentionManner.INNOCENT
    alone = line_end - line_start <= tokens[end - 1].end - tokens[start].start + 4
    return MentionManner.HEADING if alone else MentionManner.PLAIN


def _is_product(after: list[str]) -> bool:
    """Tell whether a product's name follows: ``X Maps``, but not ``X Store account``."""
    if not after or after[0] not in lexicon.PRODUCTS_AFTER:
        return False
    return len(after) < 2 or after[1] not in lexicon.CREDENTIAL_PROMPT_AFTER


def _is_prompted(before: list[str]) -> bool:
    """Tell whether a sign-in verb stands before the name: ``sign in to``, ``log in to your``."""
    return len(before) > 1 and before[-1] in lexicon.TO and bool(lexicon.SIGN_IN.intersection(before[:-1]))
