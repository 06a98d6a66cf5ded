"""An index of all brands' names, so that a label is looked up once rather than once for each brand."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Literal

from detector.hosts import split_host
from detector.model import Brand
from detector.names.letters import is_made_up
from detector.names.lures import EVERYDAY, FILLERS, LURES, ORDINARY, is_everyday, lures_covering, without_known_words
from detector.names.skeleton import skeleton
from detector.names.typing_errors import TypingErrors, edges_of, mistyped_spans

_WORD = re.compile(r"[\W_]+")
_SHORTEST, _PREFIX = 2, 3
MISTYPED_ALONE = 5
"""Letters up to which a mistyped name counts only beside a lure."""
_LONG_LURE, _LONGEST_LURE = 5, max(len(word) for word in LURES)
NOISY = 4
"""Letters from which a name is searched for among made-up letters."""
_VOWELS = frozenset("aeiouy")
_DOMAIN_LABEL = 8
"""Letters from which the label of a further domain counts as a name (``steamcommunity``) if it contains the brand's."""


class NameStrength(IntEnum):
    """The strength of a name as evidence when a label contains it."""

    WEAK = 0
    """Two or three letters, or an everyday word: proves something only beside a lure."""
    MEDIUM = 1
    """Four letters."""
    STRONG = 2


@dataclass(frozen=True, slots=True)
class NameHit:
    """One name of a brand, found in a label."""

    brands: tuple[str, ...]
    token: str
    """The brand's name as it should be written."""
    piece: str
    """The letters of the label in its place."""
    how: Literal["exact", "homoglyph", "typo"]
    strength: NameStrength
    whole: bool
    """The label is the name and nothing else."""
    first: bool
    """The label begins with it, followed by a hyphen: imitators put a brand's name there; an everyday word may be anywhere."""
    clean: bool
    """Only hyphens, digits and known words are around it: it is not a chance run of letters."""
    lures: frozenset[str] = frozenset()
    digits: int = 0
    """Digits that touch it."""
    touching: str = ""
    """A long lure that touches it, where other letters do as well (``h-appleverifyxnxx``)."""
    others: bool = False
    """Unknown words are beside it, separated by hyphens."""
    noise: str = ""
    """Made-up letters beside it (``linefdagfdgdf``)."""
    distance: int = 0
    """Typing errors (Damerau-Levenshtein)."""
    swaps: tuple[tuple[str, str], ...] = ()
    """Pairs (letters shown, letters that they look like), for a homoglyph."""


@dataclass(slots=True)
class _IndexedName:
    token: str
    strength: NameStrength
    brands: set[str] = field(default_factory=set)
    within: tuple[tuple[str, int], ...] = ()
    """Ordinary words that contain it, and the offset in them: "line" in "online" is not LINE."""

    def is_within(self, text: str, start: int) -> bool:
        """Tell whether the name at ``start`` is part of such a word."""
        return any(start >= at and text.startswith(word, start - at) for word, at in self.within)


class NameIndex:
    """Names, skeletons, typing errors and domains of all brands."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._names: dict[str, _IndexedName] = {}
        self._domains: dict[str, set[str]] = defaultdict(set)
        brands = list(brands)
        for brand in brands:
            for domain in brand.domains:
                self._domains[domain.lower()].add(brand.id)
            for token, strength in _tokens_of(brand):
                name = self._names.setdefault(token, _IndexedName(token, strength))
                name.strength = max(name.strength, strength)
                name.brands.add(brand.id)
        self._by_prefix: dict[str, list[_IndexedName]] = defaultdict(list)
        self._by_skeleton: dict[str, list[tuple[str, _IndexedName]]] = defaultdict(list)
        for token, name in self._names.items():
            self._by_prefix[token[:_PREFIX]].append(name)
            if len(token) > 3:
                look = skeleton(token)[0]
                self._by_skeleton[look[:_PREFIX]].append((look, name))
        for name in self._names.values():
            if name.strength is not NameStrength.STRONG:
                name.within = tuple(words_containing(name.token))
        self.typing = TypingErrors(token for token, strength in self.tokens() if strength is NameStrength.STRONG)
        """Typing errors of the strong names."""

    def tokens(self) -> Iterator[tuple[str, NameStrength]]:
        """Iterate over the names (lower case, without spaces and hyphens) with their strength."""
        for token, name in self._names.items():
            yield token, name.strength

    def domains(self) -> Iterator[str]:
        """Iterate over the domains of the brands."""
        yield from self._domains

    def owners(self, host: str) -> frozenset[str]:
        """Ids of the brands that own ``host`` or a domain above it."""
        labels = host.split(".")
        found: set[str] = set()
        for start in range(len(labels)):
            found |= self._domains.get(".".join(labels[start:]), set())
        return frozenset(found)

    def domain_inside(self, labels: Sequence[str]) -> tuple[str, frozenset[str]] | None:
        """Find a brand's domain in front of another's last label: ``paypal.com.evil``, ``apple.com-account``."""
        for start in range(len(labels) - 1):
            for end in range(start + 2, min(start + 4, len(labels) + 1)):
                cut, hyphen, _ = labels[end - 1].partition("-")
                domain = ".".join([*labels[start : end - 1], cut])
                if domain in self._domains and (hyphen or end < len(labels)):
                    return domain, frozenset(self._domains[domain])
        return None

    def scan(self, label: str) -> list[NameHit]:
        """Find every name in ``label`` (lower case, Unicode, hyphens allowed): exact ones, else look-alikes, else mistyped ones."""
        text = label.replace("-", "").replace("_", "")
        if len(text) < _SHORTEST:
            return []
        edges = edges_of(label)
        exact = list(self._exact(text, edges))
        clean = {brand for hit in exact if hit.clean for brand in hit.brands}
        similar = [hit for hit in self._similar(text, edges) if not clean.issuperset(hit.brands)]
        seen = clean.union(*(hit.brands for hit in similar)) if similar else clean
        typos = [hit for hit in self._typos(label, text, edges) if not seen.issuperset(hit.brands)]
        return exact + similar + typos

    def _exact(self, text: str, edges: Sequence[int]) -> Iterator[NameHit]:
        for start in range(len(text) - 1):
            head = text[start : start + _PREFIX]
            short = self._by_prefix.get(head[:_SHORTEST], ()) if len(head) == _PREFIX else ()
            for name in (*self._by_prefix.get(head, ()), *short):
                if text.startswith(name.token, start):
                    hit = _make_hit(name, text, edges, start, start + len(name.token), "exact")
                    if hit is not None:
                        yield hit

    def _similar(self, text: str, edges: Sequence[int]) -> Iterator[NameHit]:
        look, positions = skeleton(text)
        for start in range(len(look) - _SHORTEST):
            for wanted, name in self._by_skeleton.get(look[start : start + _PREFIX], ()):
                if look.startswith(wanted, start):
                    begin, end = positions[start], positions[start + len(wanted)]
                    if text[begin:end] != name.token:
                        hit = _make_hit(name, text, edges, begin, end, "homoglyph")
                        if hit is not None and _is_deliberate(hit):
                            yield hit

    def _typos(self, label: str, text: str, edges: Sequence[int]) -> Iterator[NameHit]:
        tried: set[str] = set()
        for start, end in mistyped_spans(text, edges):
            piece = text[start:end]
            if (
                piece in tried
                or len(piece) < MISTYPED_ALONE - 1
                or piece in self._names
                or is_everyday(piece)
                or piece in ORDINARY
            ):
                continue
            tried.add(piece)
            best = self.typing.nearest(piece)
            if best is not None:
                hit = _make_hit(self._names[best[1]], text, edges, start, end, "typo", best[0])
                if hit is not None and hit.clean and (len(best[1]) > MISTYPED_ALONE or hit.lures):
                    yield hit


def _tokens_of(brand: Brand) -> Iterator[tuple[str, NameStrength]]:
    seen: set[str] = set()
    labels = [split_host(domain).label for domain in brand.domains]
    for source in (*brand.names, brand.name):
        token = _squash(source)
        if len(token) >= _SHORTEST and token not in seen and not token.isdigit():
            seen.add(token)
            yield token, _strength(token, brand.ambiguous and _squash(source) == source.lower())
    names = [name for name in seen if len(name) > 3]
    for index, label in enumerate(labels):
        token = _squash(label)
        # a further domain counts as a name only if its label contains the name: t-online.de belongs to T-Mobile's owner
        telling = index == 0 or (len(token) >= _DOMAIN_LABEL and any(name in token for name in names))
        if telling and len(token) >= _SHORTEST and token not in seen and not is_everyday(token):
            seen.add(token)
            yield token, _strength(token, brand.ambiguous)


def words_containing(token: str) -> Iterator[tuple[str, int]]:
    """Iterate over the ordinary words that contain ``token``, with its offset in them."""
    for word in LURES | FILLERS | EVERYDAY | ORDINARY:
        if len(word) > len(token) and token in word:
            yield word, word.index(token)


def _squash(name: str) -> str:
    return _WORD.sub("", unicodedata.normalize("NFKC", name).lower())


def _strength(token: str, ambiguous: bool) -> NameStrength:
    if not token.isascii():
        return NameStrength.STRONG if len(token) >= 3 else NameStrength.WEAK
    if len(token) < 3 or is_everyday(token) or (ambiguous and len(token) < _DOMAIN_LABEL):
        return NameStrength.WEAK
    if len(token) == 3:
        return NameStrength.MEDIUM if has_no_vowel(token) else NameStrength.WEAK
    return NameStrength.MEDIUM if len(token) == 4 else NameStrength.STRONG


def has_no_vowel(token: str) -> bool:
    """Tell whether ``token`` is three letters without a vowel: no word contains "dhl", where "ing" and "ups" are common."""
    return len(token) == 3 and token.isalpha() and _VOWELS.isdisjoint(token)


def _make_hit(
    name: _IndexedName,
    text: str,
    edges: Sequence[int],
    start: int,
    end: int,
    how: Literal["exact", "homoglyph", "typo"],
    distance: int = 0,
) -> NameHit | None:
    """Make a hit of ``text[start:end]`` from what is around it; None for a short name across a hyphen or among other letters."""
    before = max(edge for edge in edges if edge <= start)
    after = min(edge for edge in edges if edge >= end)
    crossed = any(start < edge < end for edge in edges)
    if crossed and (end - start <= 4 or name.strength is NameStrength.WEAK):
        return None
    left, right = lures_covering(text[before:start]), lures_covering(text[end:after])
    clean = left is not None and right is not None
    touching = "" if clean else _touching(text, before, start, end, after)
    plain = how == "exact" and not touching and not name.is_within(text, start)
    noise = made_up_beside(text, edges, start, end) if plain and not (left or right) else ""
    at_edge = start == before or end == after
    if not clean and not _proves_among_letters(name, touching, at_edge, noise):
        return None
    lures: frozenset[str] = (left or frozenset()) | (right or frozenset())
    others = False
    for first, last in pairwise(edges):
        if last <= before or first >= after:
            words = lures_covering(text[first:last])
            others |= words is None
            lures |= words or frozenset()
    glued = (start, end) != (before, after)
    if glued and clean and name.strength is NameStrength.WEAK and not _may_touch_words(text, before, start, end, after):
        return None
    if glued and clean and name.strength is NameStrength.MEDIUM and not any(len(word) > 3 for word in lures):
        digits_only = (text[before:start] + text[end:after]).isdigit()
        if not digits_only and not has_no_vowel(name.token):
            return None
    swaps = _swaps(text[start:end], name.token) if how == "homoglyph" else ()
    return NameHit(
        brands=tuple(sorted(name.brands)),
        token=name.token,
        piece=text[start:end],
        how=how,
        strength=name.strength,
        whole=clean and start == 0 and end == len(text),
        first=start == 0 and end < len(text) and end in edges,
        clean=clean,
        lures=lures - {name.token},
        digits=sum(char.isdigit() for char in text[before:start] + text[end:after]),
        touching=touching,
        others=others,
        noise=noise,
        distance=distance,
        swaps=swaps,
    )


def made_up_beside(text: str, edges: Sequence[int], start: int, end: int) -> str:
    """Find made-up letters beside the name, in its part of the label or in others; empty without any."""
    if end - start < NOISY:
        return ""
    for first, last in pairwise(edges):
        for begin, stop in ((first, min(last, start)), (max(first, end), last)):
            if begin < stop and (rest := without_known_words(text[begin:stop])) and is_made_up(rest):
                return rest
    return ""


def _touching(text: str, before: int, start: int, end: int, after: int) -> str:
    """Find the longest lure that touches the name within its part of the label; empty without one."""
    for length in range(_LONGEST_LURE, _LONG_LURE - 1, -1):
        for first, last in ((end, end + length), (start - length, start)):
            if first >= before and last <= after and text[first:last] in LURES:
                return text[first:last]
    return ""


def _proves_among_letters(name: _IndexedName, touching: str, at_edge: bool, noise: str) -> bool:
    """Tell whether a name counts although unknown letters touch it.

    "tonline" is the end of a word and "online" more often than it is T-Online.
    """
    if is_everyday(name.token[1:]):
        return False
    if at_edge and has_no_vowel(name.token):
        return True
    return name.strength is NameStrength.STRONG or bool(noise) or (bool(touching) and len(name.token) >= _LONG_LURE)


def _is_deliberate(hit: NameHit) -> bool:
    """Tell whether a look-alike is too unusual to be an ordinary word (``1ine`` is, ``appie`` is not)."""
    if hit.strength is NameStrength.STRONG or bool(hit.lures):
        return True
    return hit.clean and (not hit.piece.isascii() or (hit.whole and any(char.isdigit() for char in hit.piece)))


def _may_touch_words(text: str, before: int, start: int, end: int, after: int) -> bool:
    """Tell whether a weak name may touch words: yes in ``dhlparcel``, no in ``connecting`` (ing) and ``onlinefree`` (line)."""
    if end - start == _SHORTEST:
        return False
    if start == before:
        return True
    return end == after and end - start > 3


def _swaps(piece: str, token: str) -> tuple[tuple[str, str], ...]:
    """Pair the letters that differ, walking along both skeletons."""
    (_, seen), (_, meant) = skeleton(piece), skeleton(token)
    pairs = []
    for index in range(min(len(seen), len(meant)) - 1):
        shown, wanted = piece[seen[index] : seen[index + 1]], token[meant[index] : meant[index + 1]]
        if shown != wanted:
            pairs.append((shown, wanted))
    return tuple(dict.fromkeys(pairs))
