"""Pick the names that are worth the full matcher, by compiled searches for all brands at once over a block of names.

The matcher takes some hundred microseconds for a name, and one in a hundred new names resembles a brand.  The sieve
joins a block of names into one text and lets an Aho-Corasick automaton (Aho and Corasick, CACM 1975) find names and domains of
brands, their skeletons and lures in one pass each; mistyped names are looked up in the set of all strings one error away.  The
matcher would score what it drops below :data:`~detector.names.score_rules.SELECT`, and decides about what it keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase, digits

import numpy as np
from ahocorasick_rs import BytesAhoCorasick
from numpy.typing import NDArray

from detector.names.brand_tokens import NameStrength, has_no_vowel, words_containing
from detector.names.lures import LURES, ORDINARY, is_everyday
from detector.names.name_hit import NOISY, made_up_beside
from detector.names.name_index import MISTYPED_ALONE, NameIndex
from detector.names.skeleton import ASCII_PAIRS, ASCII_SINGLES
from detector.names.typing_errors import TWO_ERRORS_FROM, edges_of, mistyped_spans, one_error_away

BLOCK = 4096
"""Names that are searched together: enough to make calls cheap, few enough to stay in the processor's cache."""

_FOLD = bytes.maketrans("".join(ASCII_SINGLES).encode("ascii"), "".join(ASCII_SINGLES.values()).encode("ascii"))
_STRANGE = np.ones(256, dtype=bool)
_STRANGE[list((ascii_lowercase + digits + "-.*\n").encode("ascii"))] = False
_MAX_NAME, _MAX_BLOCK = 4096, 1 << 20
_NEWLINE = 0x0A
_EDGE = b".-"
_DEEP = 5
"""Dots in a name from which two typing errors may select it without a lure."""
_EDGE_OR_DIGIT = frozenset(_EDGE + digits.encode("ascii"))


class NameSieve:
    """A filter for names, built once for an index; immutable, thread-safe."""

    def __init__(self, index: NameIndex) -> None:
        unsure = [
            (token.encode("ascii"), strength)
            for token, strength in index.tokens()
            if strength < NameStrength.STRONG and token.isascii()
        ]
        self._unsure_strength = [strength for _, strength in unsure]
        self._unsure_without_vowel = [has_no_vowel(token.decode("ascii")) for token, _ in unsure]
        self._unsure_within = [
            tuple((word.encode("ascii"), at) for word, at in words_containing(token.decode("ascii")))
            for token, _ in unsure
        ]
        self._unsure = BytesAhoCorasick([token for token, _ in unsure] or [b"\n\n"])
        looks: dict[str, NameStrength] = {}
        for look, strength in index.looks():
            if look.isascii():
                looks[look] = max(looks.get(look, strength), strength)
        self._look_sure = [strength is NameStrength.STRONG for strength in looks.values()]
        self._looks = _automaton(looks)
        self._domains = _automaton(f".{domain}{end}" for domain in index.domains() if domain.isascii() for end in ".-")
        self._lures = _automaton(word for word in LURES if word.isascii())
        strong = [token for token, strength in index.tokens() if strength is NameStrength.STRONG and token.isascii()]
        self._sure = _automaton({*strong, *(token for token in index.rare() if token.isascii())})
        typed = [token for token in index.typed() if token.isascii()]
        self._typos = _HashedStrings(_mistakes(token for token in typed if len(token) > MISTYPED_ALONE))
        self._typos_beside = _HashedStrings(_mistakes(token for token in typed if len(token) <= MISTYPED_ALONE))
        self._index = index

    def keep(self, names: Sequence[str]) -> list[int]:
        """Return the positions in ``names``, ascending, of those that the matcher should score.

        ``names`` are host names or URLs in any case; those with a path or port, and IDNs, are always kept.
        """
        found: list[int] = []
        for start in range(0, len(names), BLOCK):
            block = names[start : start + BLOCK]
            found.extend(start + position for position in self._block(block))
        return found

    def _block(self, names: Sequence[str]) -> list[int]:
        joined_names = "\n".join(names).lower()
        if joined_names.count("\n") >= len(names) or len(joined_names) > _MAX_BLOCK:
            joined_names = "\n".join(
                name if "\n" not in name and len(name) <= _MAX_NAME else "?" for name in names
            ).lower()
        text = b"." + joined_names.encode("ascii", "replace").replace(b"\n", b".\n.") + b"."
        lines = _LineOffsets(text)
        kept = set(lines.of(np.flatnonzero(_STRANGE[np.frombuffer(text, np.uint8)])))
        kept.update(lines.of(_every(text, b"xn--")))
        kept.update(lines.of(match[1] for match in self._domains.find_matches_as_indexes(text, overlapping=True)))
        lured = set(lines.of(match[1] for match in self._lures.find_matches_as_indexes(text, overlapping=True)))
        kept.update(self._unsure_names(text, lines, lured))
        whole = text.replace(b"-", b"")
        joined = _LineOffsets(whole)
        # without dots as well: a name may be spelled over them
        dotless = whole.replace(b".", b"")
        sure = self._sure.find_matches_as_indexes(dotless, overlapping=True)
        kept.update(_LineOffsets(dotless).of(match[1] for match in sure))
        look = _fold(whole)
        folded = _LineOffsets(look)
        matches = self._looks.find_matches_as_indexes(look, overlapping=True)
        for match, position in zip(matches, folded.of(match[1] for match in matches), strict=True):
            if self._look_sure[match[0]] or position in lured or any(char.isdigit() for char in names[position]):
                kept.add(position)
        kept.update(self._mistyped(text, lines, whole, joined))
        deep = {position for position, name in enumerate(names) if name.count(".") >= _DEEP}
        kept.update(position for position in (lured | deep) - kept if self._mistyped_beside(names[position].lower()))
        return sorted(kept)

    def _unsure_names(self, text: bytes, lines: _LineOffsets, lured: set[int]) -> Iterator[int]:
        """Find short names and everyday words beside something that makes them count."""
        matches = self._unsure.find_matches_as_indexes(text, overlapping=True)
        for (index, start, end), position in zip(matches, lines.of(match[1] for match in matches), strict=True):
            medium = self._unsure_strength[index] is NameStrength.MEDIUM
            left, right = text[start - 1], text[end]
            if position in lured and (medium or _may_stand_beside(end - start, left in _EDGE, right in _EDGE)):
                yield position
                continue
            if left in _EDGE and right in _EDGE:
                counts = medium or text.find(b".", end + 1, lines.end(position) - 1) > 0
            elif medium:
                counts = self._unsure_without_vowel[index] or (left in _EDGE_OR_DIGIT and right in _EDGE_OR_DIGIT)
            else:
                counts = (left in _EDGE or right in _EDGE) and _contains_number(text, start, end)
            if counts or (end - start >= NOISY and self._is_among_noise(index, text, start, end)):
                yield position

    def _is_among_noise(self, index: int, text: bytes, start: int, end: int) -> bool:
        """Tell whether the label of ``text[start:end]`` contains made-up letters."""
        if any(text.startswith(word, start - at) for word, at in self._unsure_within[index]):
            return False
        first = text.rfind(b".", 0, start) + 1
        label = text[first : text.find(b".", end)].decode("ascii")
        begin = start - first - label.count("-", 0, start - first)
        return bool(made_up_beside(label.replace("-", ""), edges_of(label), begin, begin + end - start))

    def _mistyped(self, text: bytes, lines: _LineOffsets, whole: bytes, joined: _LineOffsets) -> Iterator[int]:
        """Find names with a label, or a part between hyphens, that is one error away from a brand's name."""
        for piece in self._typos.among(text.replace(b"-", b".").split(b".")):
            for edge in (b"." + piece, b"-" + piece):
                yield from lines.of(_every(text, edge))
        for piece in self._typos.among(whole.split(b".")):
            yield from joined.of(_every(whole, b"." + piece + b"."))

    def _mistyped_beside(self, name: str) -> bool:
        for label in name.split(".")[:-1]:
            text = label.replace("-", "")
            for start, end in mistyped_spans(text, edges_of(label)):
                piece = text[start:end]
                packed = piece.encode("ascii")
                if packed in self._typos or packed in self._typos_beside:
                    return True
                if len(piece) >= TWO_ERRORS_FROM - 2 and self._index.typing.nearest(piece) is not None:
                    return True
        return False


class _LineOffsets:
    """Map offsets in a text to the numbers of their lines."""

    def __init__(self, text: bytes) -> None:
        self._ends: NDArray[np.intp] = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
        self._length = len(text)

    def of(self, offsets: Iterable[int] | NDArray[np.intp]) -> list[int]:
        places = offsets if isinstance(offsets, np.ndarray) else np.fromiter(offsets, np.intp)
        lines: list[int] = np.searchsorted(self._ends, places).tolist()
        return lines

    def end(self, line: int) -> int:
        return int(self._ends[line]) if line < len(self._ends) else self._length


def _contains_number(text: bytes, start: int, end: int) -> bool:
    """Tell whether the part (between dots and hyphens) around ``text[start:end]`` contains two digits."""
    while text[start - 1] not in _EDGE:
        start -= 1
    while text[end] not in _EDGE:
        end += 1
    return sum(char in _EDGE_OR_DIGIT for char in text[start:end]) > 1


def _may_stand_beside(length: int, starts: bool, ends: bool) -> bool:
    """Tell whether an everyday word may touch a lure: a long one may, and one at the start or end of its part."""
    return length >= 5 or (starts and ends) or (length > 2 and starts) or (length > 3 and ends)


class _HashedStrings:
    """A set of strings as their hashes: a tenth of the memory, and no objects for the garbage collector to visit.

    A collision of 64-bit hashes keeps a name that the matcher then rejects.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._hashes: NDArray[np.int64] = np.unique(np.fromiter(map(hash, pieces), np.int64))
        bits = max(16, int(np.ceil(np.log2(len(self._hashes) + 1))) + 3)
        self._mask = (1 << bits) - 1
        self._maybe = np.zeros(1 << bits, dtype=bool)
        self._maybe[self._hashes & self._mask] = True

    def __contains__(self, piece: bytes) -> bool:
        return bool(self._maybe[hash(piece) & self._mask]) and bool(self._member(np.array([hash(piece)]))[0])

    def among(self, pieces: Sequence[bytes]) -> set[bytes]:
        """Return those of ``pieces`` that are in the set."""
        hashes = np.fromiter(map(hash, pieces), np.int64, len(pieces))
        maybe = np.flatnonzero(self._maybe[hashes & self._mask])
        return {pieces[place] for place in maybe[self._member(hashes[maybe])].tolist()}

    def _member(self, hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
        if not len(self._hashes):
            return np.zeros(len(hashes), dtype=bool)
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return np.asarray(self._hashes[places] == hashes)


def _mistakes(tokens: Iterable[str]) -> Iterator[bytes]:
    for token in tokens:
        for piece in one_error_away(token):
            if not is_everyday(piece) and piece not in ORDINARY:
                yield piece.encode("ascii")


def _automaton(words: Iterable[str]) -> BytesAhoCorasick:
    return BytesAhoCorasick([word.encode("ascii") for word in words] or [b"\n\n"])


def _fold(text: bytes) -> bytes:
    """Compute :func:`detector.names.skeleton.skeleton` of many ASCII names at once."""
    for pair, letter in ASCII_PAIRS.items():
        text = text.replace(pair.encode("ascii"), letter.encode("ascii"))
    return text.translate(_FOLD)


def _every(text: bytes, piece: bytes) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)
