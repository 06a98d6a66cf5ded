"""A brand's name found in a label, with what is around it as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from detector.names.brand_tokens import SHORTEST, NameStrength, has_no_vowel
from detector.names.letters import is_made_up
from detector.names.lures import LURES, is_everyday, lures_covering, without_known_words
from detector.names.ordinary_names import EDGE, is_in_longer_word, sightings, stands_alone, stands_first
from detector.names.skeleton import skeleton

_LONG_LURE, _LONGEST_LURE = 5, max(len(word) for word in LURES)
SELDOM = 260.0
"""Sightings at the beginning of a part, in a million ordinary names, up to which a name is meant although letters follow it."""
SELDOM_WITHIN = 25.0
"""Sightings at any place up to which a name is meant although letters are before it."""
SELDOM_AFTER_A_WORD = 60.0
"""The same where these letters are a word that ordinary names hold (``watchnetflix``)."""
SELDOM_WORD = 15.0
"""Sightings at the beginning up to which a name that is also a word is meant although letters follow it."""
_RARE_LETTERS = 4
"""Letters from which a name may be rare."""
_INITIALS = 3
"""Letters up to which a part of its own may be somebody's initials, and not made up."""
_ENDS_WORDS = 350.0
"""Sightings at the end of a part, in a million ordinary names, from which an everyday name is the end of longer words there."""
NOISY = 4
"""Letters from which a name is searched for among made-up letters."""


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
    respelled: bool = False
    """It is spelled as no brand writes it: ``muenchen`` for ``münchen``."""
    rare: bool = False
    """Ordinary names seldom hold it at such a place: it is meant, whatever is beside it."""
    noise: str = ""
    """Made-up letters beside it (``linefdagfdgdf``)."""
    distance: int = 0
    """Typing errors (Damerau-Levenshtein)."""
    swaps: tuple[tuple[str, str], ...] = ()
    """Pairs (letters shown, letters that they look like), for a homoglyph."""


@dataclass(slots=True)
class IndexedName:
    """A name with the brands that bear it."""

    token: str
    strength: NameStrength
    brands: set[str] = field(default_factory=set)
    respelled: bool = False
    """No brand writes it so: ``muenchen`` for ``münchen``."""
    within: tuple[tuple[str, int], ...] = ()
    """Ordinary words that contain it, and the offset in them: "line" in "online" is not LINE."""

    def is_within(self, text: str, start: int) -> bool:
        """Tell whether the name at ``start`` is part of such a word."""
        return any(start >= at and text.startswith(word, start - at) for word, at in self.within)


def make_hit(
    name: IndexedName,
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
    if any(start < edge < end for edge in edges) and not _may_cross(name, begins=start == before):
        return None
    left, right = lures_covering(text[before:start]), lures_covering(text[end:after])
    clean = left is not None and right is not None
    touching = "" if clean else _touching(text, before, start, end, after)
    plain_place = how == "exact" and not name.is_within(text, start)
    plain = plain_place and not touching
    noise = made_up_beside(text, edges, start, end) if plain and not (left or right) else ""
    at_edge = start == before or end == after
    begins = start == before or left is not None
    rare = (
        plain_place
        and is_rare(name, begins, text[before:start])
        and not is_in_longer_word(text, before, start, end, after)
    )
    if not clean and not rare and not _proves_among_letters(name, touching, at_edge, noise):
        return None
    apart = [lures_covering(text[first:last]) for first, last in pairwise(edges) if last <= before or first >= after]
    lures = frozenset[str]().union(*filter(None, (left, right, *apart)))
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
        others=None in apart,
        respelled=name.respelled,
        rare=rare,
        noise=noise,
        distance=distance,
        swaps=swaps,
    )


def is_rare(name: IndexedName, begins: bool, left: str = "") -> bool:
    """Tell whether ordinary names seldom hold the name at the beginning of a part (``begins``), or elsewhere after ``left``."""
    if len(name.token) < _RARE_LETTERS:
        return False
    seen = sightings(EDGE + name.token) if begins else sightings(name.token)
    if name.strength is NameStrength.WEAK:
        return begins and seen <= SELDOM_WORD
    if not stands_first(name.token) and (not begins or name.strength is NameStrength.MEDIUM):
        return False
    if not begins and is_everyday_compound(name.token):
        return False
    if begins:
        return seen <= SELDOM
    return seen <= (SELDOM_AFTER_A_WORD if stands_alone(left) else SELDOM_WITHIN)


def is_everyday_compound(token: str) -> bool:
    """Tell whether the name is an everyday word and one or two letters (``tonline``): chance makes it of other words."""
    return any(is_everyday(word) for cut in (1, 2) for word in (token[cut:], token[:-cut]) if len(word) > 3)


def made_up_beside(text: str, edges: Sequence[int], start: int, end: int) -> str:
    """Find made-up letters beside the name, in its part of the label or in others; empty without any."""
    if end - start < NOISY:
        return ""
    for first, last in pairwise(edges):
        for begin, stop in ((first, min(last, start)), (max(first, end), last)):
            rest = without_known_words(text[begin:stop]) if begin < stop else ""
            beside = first < end and start < last
            if (beside or stop - begin > _INITIALS) and is_made_up(rest):
                return rest
    return ""


def _may_cross(name: IndexedName, *, begins: bool) -> bool:
    """Tell whether a name may be written over a hyphen: no everyday word, and no chance meeting as in ``viking-direct``."""
    long = len(name.token) > _RARE_LETTERS and name.strength is not NameStrength.WEAK
    return long and (begins or stands_first(name.token))


def _touching(text: str, before: int, start: int, end: int, after: int) -> str:
    """Find the longest lure that touches the name within its part of the label; empty without one."""
    for length in range(_LONGEST_LURE, _LONG_LURE - 1, -1):
        for first, last in ((end, end + length), (start - length, start)):
            if first >= before and last <= after and text[first:last] in LURES:
                return text[first:last]
    return ""


def _proves_among_letters(name: IndexedName, touching: str, at_edge: bool, noise: str) -> bool:
    """Tell whether a name counts although unknown letters touch it.

    "tonline" is the end of a word and "online" more often than it is T-Online.
    """
    if is_everyday(name.token[1:]):
        return False
    if at_edge and has_no_vowel(name.token):
        return True
    return name.strength is NameStrength.STRONG or bool(noise) or (bool(touching) and len(name.token) >= _LONG_LURE)


def _may_touch_words(text: str, before: int, start: int, end: int, after: int) -> bool:
    """Tell whether a weak name may touch words: yes in ``dhlparcel``, no in ``connecting`` (ing) and ``onlinefree`` (line)."""
    run = text[start:end]
    if end - start == SHORTEST:
        return False
    if start == before:
        return True
    return end == after and end - start > 3 and sightings(run + EDGE) <= _ENDS_WORDS


def _swaps(piece: str, token: str) -> tuple[tuple[str, str], ...]:
    """Pair the letters that differ, walking along both skeletons."""
    (_, seen), (_, meant) = skeleton(piece), skeleton(token)
    pairs = []
    for index in range(min(len(seen), len(meant)) - 1):
        shown, wanted = piece[seen[index] : seen[index + 1]], token[meant[index] : meant[index + 1]]
        if shown != wanted:
            pairs.append((shown, wanted))
    return tuple(dict.fromkeys(pairs))
