"""Finds the names of all brands in a text at once, and tells in which way each is spoken of.

Text is cut into tokens (runs of letters and digits); names of one to five tokens are looked up in a hash table at every
position, so the time depends on the text's length and not on the number of brands.  Names in scripts without spaces are
looked for as substrings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from confusable_homoglyphs import confusables

from detector.brands import BrandLibrary
from detector.signals import lexicon

TOKEN = re.compile(r"[^\W_]+")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
MAX_NAME_TOKENS = 5
MAX_TEXT = 60_000
"""Characters of a text that are read; what a page says of itself stands near its beginning."""


class Manner(StrEnum):
    """In which way a brand is spoken of."""

    PLAIN = "plain"
    PROMPT = "prompt"
    """Its credentials are asked for: ``sign in to X``, ``your X password``."""
    HEADING = "heading"
    """A line of its own."""
    INNOCENT = "innocent"
    """Another site's button, share link, payment mark or service: ``continue with X``, ``X Maps``."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a brand's name; ``start`` and ``end`` are offsets into the text that was read."""

    brand: str
    """The id that verdicts use."""
    name: str
    start: int
    end: int
    manner: Manner


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Name:
    brand: str
    name: str
    tight: bool
    """Punctuation without blanks inside (``AT&T``, ``mail.ru``): the text must not have blanks there either."""
    careful: bool
    """Also an everyday word: counts only where it is written as a name."""


def fold(text: str) -> str:
    """Case-fold, compose compatibility forms, and drop zero-width characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]", "", folded)


def ascii_skeleton(token: str) -> str:
    """A token of look-alike characters (``pаypal`` with a Cyrillic а) as the Latin word that it imitates."""
    if token.isascii():
        return token
    letters: list[str] = []
    for char in token:
        if char.isascii():
            letters.append(char)
            continue
        base = unicodedata.normalize("NFD", char)[0]
        if base.isascii():
            letters.append(base)
            continue
        found = confusables.is_confusable(char, greedy=True, preferred_aliases=[]) or []
        latin = (g["c"] for entry in found for g in entry["homoglyphs"] if g["c"].isascii() and g["c"].isalnum())
        letters.append(next(latin, char).casefold())
    return "".join(letters)


class NameIndex:
    """All names of all brands."""

    def __init__(self, library: BrandLibrary) -> None:
        self._names: dict[tuple[str, ...], _Name] = {}
        self._runs: list[tuple[str, _Name]] = []
        for brand in sorted(library, key=lambda b: bool(b.answers_as)):
            for name in dict.fromkeys((brand.name, *brand.names)):
                self._add(brand.answer, name, careful=brand.ambiguous)

    def _add(self, brand: str, name: str, *, careful: bool) -> None:
        folded = fold(name)
        tokens = tuple(TOKEN.findall(folded))
        if not tokens:
            return
        tight = len(tokens) > 1 and not re.search(r"\s", folded)
        # two words or more, or one unlike any word, need no capital letter
        careful = careful and len(tokens) == 1
        entry = _Name(brand, name, tight, careful)
        if UNSPACED.search(folded):
            self._runs.append((folded, entry))
            return
        self._names.setdefault(tokens, entry)
        if len(tokens) > 1 and len("".join(tokens)) > 5:
            self._names.setdefault(("".join(tokens),), entry)

    def find(self, text: str) -> list[Mention]:
        """All mentions, in order of the text; the longest name wins where several fit."""
        raw = text[:MAX_TEXT]
        tokens = [_Token(match.group(), match.start(), match.end()) for match in TOKEN.finditer(raw)]
        words = [ascii_skeleton(fold(token.text)) for token in tokens]
        originals = [fold(token.text) for token in tokens]
        mentions = self._find_runs(raw)
        position = 0
        while position < len(tokens):
            length = self._match_at(raw, tokens, words, originals, position, mentions)
            position += length or 1
        mentions.sort(key=lambda mention: mention.start)
        return mentions

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
            if "\n" in span or (entry.careful and not _written_as_name(raw, tokens, position)):
                continue
            manner = _manner(raw, tokens, words, position, end)
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
                found.append(Mention(entry.brand, entry.name, start, start + len(name), Manner.PLAIN))
                start = folded.find(name, start + len(name))
        return found


def _written_as_name(raw: str, tokens: list[_Token], position: int) -> bool:
    """``LINE`` or ``Chase`` inside a sentence, not ``line`` and not the ``Target`` that begins one."""
    token = tokens[position].text
    if not token[0].isupper():
        return False
    if len(token) > 1 and token.isupper():
        before = raw[max(0, tokens[position].start - 40) : tokens[position].start]
        return not (before.strip() and before.strip().isupper())
    line_start = raw.rfind("\n", 0, tokens[position].start) + 1
    first_in_line = not raw[line_start : tokens[position].start].strip()
    if not first_in_line:
        return raw[: tokens[position].start].rstrip()[-1:] not in ".!?:;•|"
    line_end = raw.find("\n", tokens[position].end)
    line = raw[line_start : line_end if line_end >= 0 else len(raw)]
    return len(TOKEN.findall(line)) <= 3


def _manner(raw: str, tokens: list[_Token], words: list[str], start: int, end: int) -> Manner:
    before = _same_line(raw, tokens, words, range(max(0, start - 5), start), tokens[start].start)
    after = (
        words[end : end + 2] if end < len(words) and "\n" not in raw[tokens[end - 1].end : tokens[end].start] else []
    )
    if (
        after
        and after[0] in lexicon.PRODUCTS_AFTER
        and (len(after) < 2 or after[1] not in lexicon.CREDENTIAL_PROMPT_AFTER)
    ):
        return Manner.INNOCENT
    if before and before[-1] in lexicon.WITH and lexicon.SIGN_IN.intersection(before[:-1]):
        return Manner.INNOCENT
    near = set(before[-4:])
    if before and before[-1] in lexicon.SHARE_LINKS and lexicon.SHARE & near:
        return Manner.INNOCENT
    if after and after[0] in lexicon.CREDENTIAL_PROMPT_AFTER:
        return Manner.PROMPT
    if len(before) > 1 and before[-1] in lexicon.TO and lexicon.SIGN_IN.intersection(before[-5:-1]):
        return Manner.PROMPT
    if len(before) == 1 and before[0] in lexicon.SHARE:
        return Manner.INNOCENT
    line_start = raw.rfind("\n", 0, tokens[start].start) + 1
    line_end = raw.find("\n", tokens[end - 1].end)
    line = raw[line_start : line_end if line_end >= 0 else len(raw)]
    if len(line) <= tokens[end - 1].end - tokens[start].start + 4:
        return Manner.HEADING
    return Manner.PLAIN


def _same_line(raw: str, tokens: list[_Token], words: list[str], indices: range, until: int) -> list[str]:
    """The folded words among ``indices`` that stand on the same line as ``until``."""
    cut = raw.rfind("\n", 0, until) + 1
    return [words[i] for i in indices if tokens[i].start >= cut]
