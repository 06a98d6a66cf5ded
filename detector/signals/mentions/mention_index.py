"""Find the names of all brands in a text at once, and how each is mentioned.

Text is cut into tokens (runs of letters and digits); names of one to five tokens are looked up in a hash table at every
position, so the time depends on the text's length and not on the number of brands.  Names in scripts without spaces are
looked for as substrings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from detector.brands import BrandLibrary
from detector.limits import windows
from detector.model import Brand
from detector.signals.mentions.mention_manner import MentionManner, is_initials, is_written_as_name, manner_of
from detector.signals.mentions.text_tokens import TOKEN, UNSPACED, Token, fold, folded_words, token_pattern, tokens_of

DOMAIN_NAME = re.compile(r"([^\W\d_]{4,})\.[a-z]{2,3}")
MAX_NAME_TOKENS = 5
MAX_TEXT = 60_000
"""Characters of a text that are read: of a longer one the beginning, the middle and the end."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a brand's name; ``start`` and ``end`` are offsets into the text that was read."""

    brand: str
    """Id of the brand, as verdicts name it."""
    name: str
    start: int
    end: int
    manner: MentionManner


@dataclass(frozen=True, slots=True)
class _BrandName:
    brand: str
    name: str
    tight: bool
    """Written with punctuation and without blanks (``AT&T``, ``mail.ru``): the text must not have blanks there either."""
    careful: bool
    """The name is also an everyday word: it counts only where it is written as a name."""


def names_of(brand: Brand) -> list[str]:
    """Return the brand's names, and behind them those of its domain names without their ending.

    Pages of example.it call it Example, which may be an everyday word.
    """
    names = [brand.name, *brand.names]
    return names + [bare.group(1) for name in names if (bare := DOMAIN_NAME.fullmatch(name))]


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
            for name in names_of(brand)[1 + len(brand.names) :]:
                self._add(brand.answer, name, careful=True)

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
        originals, words = folded_words(raw, texts)
        mentions = self._find_runs(raw)
        begins = self._beginnings(words)
        if originals is not words:
            begins = sorted({*begins, *self._beginnings(originals)})
        if begins:  # most texts name no brand, and then the positions of their words are not needed
            tokens = [Token(match[0], *match.span()) for match in token_pattern(raw).finditer(raw)]
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
        tokens: list[Token],
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
            if is_initials(entry.name) and not span.isupper():
                continue
            if "\n" in span or (entry.careful and not is_written_as_name(raw, tokens, position)):
                continue
            manner = manner_of(raw, tokens, originals, position, end)
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
