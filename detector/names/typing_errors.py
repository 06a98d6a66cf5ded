"""Mistyped names: the parts of a label that may be one, and the name that a part is nearest to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from string import ascii_lowercase, digits

from rapidfuzz.distance import OSA

from detector.names.lures import lure_prefix_ends, lure_suffix_starts

TWO_ERRORS_FROM = 10
"""Letters from which a name may have two errors."""
_LEAST_LURE, _LEAST_NAME = 3, 4
"""Fewest letters of a lure, and of a mistyped name that touches it, that are separated."""
_TYPED = ascii_lowercase + digits


class TypingErrors:
    """Find the name that a part of a label is one or two errors away from.  Immutable."""

    def __init__(self, names: Iterable[str]) -> None:
        self._deletes: dict[str, set[str]] = defaultdict(set)
        names = list(names)
        for name in names:
            for short in _deletions(name):
                self._deletes[short].add(name)
        self._thirds = _NamesByThird(name for name in names if len(name) >= TWO_ERRORS_FROM)

    def nearest(self, piece: str) -> tuple[int, str] | None:
        """Return (errors, name) of the nearest name within one error, or two for long names; None without one.

        Errors are letters added, left out, replaced, and neighbours swapped (optimal string alignment).
        """
        near = {name for short in _deletions(piece) for name in self._deletes.get(short, ())}
        if len(piece) >= TWO_ERRORS_FROM - 2:
            near.update(self._thirds.near(piece))
        best: tuple[int, str] | None = None
        for name in near:
            allowed = 2 if len(name) >= TWO_ERRORS_FROM else 1
            distance = OSA.distance(piece, name, score_cutoff=allowed)
            if 0 < distance <= allowed and (best is None or (distance, name) < best):
                best = distance, name
        return best


def edges_of(label: str) -> list[int]:
    """Offsets, in the label without its hyphens, at which its parts start and end."""
    if "-" not in label and "_" not in label:
        return [0, len(label)]
    edges = [0]
    for part in re.split("[-_]", label):
        if part:
            edges.append(edges[-1] + len(part))
    return edges


def mistyped_spans(text: str, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Spans that may be a mistyped name: the label, each part between hyphens, and each part without lures at its start or end.

    ``text`` is a label without hyphens, ``edges`` the offsets of its parts (:func:`edges_of`).
    """
    if len(edges) > 2:
        yield 0, len(text)
    for start, end in pairwise(edges):
        yield start, end
        if end - start < _LEAST_LURE + _LEAST_NAME:
            continue
        part = text[start:end]
        for cut in lure_prefix_ends(part):
            if _LEAST_LURE <= cut <= len(part) - _LEAST_NAME:
                yield start + cut, end
        for cut in lure_suffix_starts(part):
            if _LEAST_LURE <= cut <= len(part) - _LEAST_NAME:
                yield start, start + cut


def one_error_away(word: str) -> set[str]:
    """Every string that results from one added, missing, wrong or swapped letter or digit in ``word``."""
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
    """The word, and the word without each one of its letters (the index of SymSpell, Garbe 2012)."""
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


class _NamesByThird:
    """Names by their thirds: two errors leave one third intact, and move it by two places at most."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._places: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for token in tokens:
            step = len(token) // 3
            for start in (0, step, len(token) - step):
                self._places[token[start : start + step]].append((start, token))

    def near(self, piece: str) -> Iterator[str]:
        """Iterate over names that ``piece`` may be two errors away from."""
        for length in range((len(piece) - 2) // 3, (len(piece) + 2) // 3 + 1):
            for start in range(len(piece) - length + 1):
                for at, token in self._places.get(piece[start : start + length], ()):
                    if abs(start - at) <= 2 and abs(len(piece) - len(token)) <= 2:
                        yield token
