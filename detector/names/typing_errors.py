"""Names as fingers mistype them: where a mistyped name may stand in a label, and which name it is nearest to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from string import ascii_lowercase, digits

from rapidfuzz.distance import OSA

from detector.names.lures import led, trailed

TWICE = 10
"""Letters from which a name may hold two errors."""
_LED, _CORE = 3, 4
"""Letters of a lure, and beside it of a mistyped name, from which they are told apart."""
_TYPED = ascii_lowercase + digits


class TypingErrors:
    """Finds the name that a piece is an error or two away from.  Immutable."""

    def __init__(self, names: Iterable[str]) -> None:
        self._deletes: dict[str, set[str]] = defaultdict(set)
        names = list(names)
        for name in names:
            for short in _deletions(name):
                self._deletes[short].add(name)
        self._thirds = _NameThirds(name for name in names if len(name) >= TWICE)

    def nearest(self, piece: str) -> tuple[int, str] | None:
        """(errors, name) of the name that ``piece`` is one error away from, or two where the name is long.

        Errors are letters too many, too few, other ones, and neighbours swapped (optimal string alignment).
        """
        near = {name for short in _deletions(piece) for name in self._deletes.get(short, ())}
        if len(piece) >= TWICE - 2:
            near.update(self._thirds.near(piece))
        best: tuple[int, str] | None = None
        for name in near:
            allowed = 2 if len(name) >= TWICE else 1
            distance = OSA.distance(piece, name, score_cutoff=allowed)
            if 0 < distance <= allowed and (best is None or (distance, name) < best):
                best = distance, name
        return best


def edges_of(label: str) -> list[int]:
    """Positions in the label without hyphens at which a part starts or ends."""
    if "-" not in label and "_" not in label:
        return [0, len(label)]
    edges = [0]
    for part in re.split("[-_]", label):
        if part:
            edges.append(edges[-1] + len(part))
    return edges


def cores(text: str, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Parts that may be a mistyped name: the label, each hyphenated part, and each part without the lures before or behind it.

    ``text`` is a label without hyphens, ``edges`` where its parts start and end (:func:`edges_of`).
    """
    if len(edges) > 2:
        yield 0, len(text)
    for start, end in pairwise(edges):
        yield start, end
        if end - start < _LED + _CORE:
            continue
        part = text[start:end]
        for cut in led(part):
            if _LED <= cut <= len(part) - _CORE:
                yield start + cut, end
        for cut in trailed(part):
            if _LED <= cut <= len(part) - _CORE:
                yield start, start + cut


def one_error_away(word: str) -> set[str]:
    """Every string that a letter or digit too many, too few, wrong, or two swapped make of ``word``."""
    found: set[str] = set()
    for index in range(len(word) + 1):
        before, after = word[:index], word[index:]
        found.add(before + after[1:])
        if len(after) > 1:
            found.add(before + after[1] + after[0] + after[2:])
        for char in _TYPED:
            found.add(before + char + after)
            found.add(before + char + after[1:])
    return found - {word}


def _deletions(word: str) -> set[str]:
    """The word and what remains of it without one letter (SymSpell's index, Garbe 2012)."""
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


class _NameThirds:
    """Names cut in three: of a piece with two errors, one third is still whole, and two places off at most."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._places: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for token in tokens:
            step = len(token) // 3
            for start in (0, step, len(token) - step):
                self._places[token[start : start + step]].append((start, token))

    def near(self, piece: str) -> Iterator[str]:
        """Names that ``piece`` may be two errors away from."""
        for length in range((len(piece) - 2) // 3, (len(piece) + 2) // 3 + 1):
            for start in range(len(piece) - length + 1):
                for at, token in self._places.get(piece[start : start + length], ()):
                    if abs(start - at) <= 2 and abs(len(piece) - len(token)) <= 2:
                        yield token
