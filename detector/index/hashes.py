"""Nearest hashes of 256 bits by Hamming distance.

Near codes are found by multi-index hashing (Norouzi, Punjani, Fleet, CVPR 2012): of 16 chunks of 16 bits at least one differs in no
more than a sixteenth of the bits that differ at all.  So for distances below 32 it suffices to look up each chunk with at most one
bit changed; all candidates are then compared whole.  Larger distances compare all codes.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.index.search import Arrays, SearchHits, smallest

BITS, CHUNKS = 256, 16
CHUNK_VALUES = 1 << 16
WORTH_TABLES = 20_000
"""Number of entries below which comparing all of them is faster."""
FLIPS = np.asarray([0, *(1 << bit for bit in range(16))], dtype=np.uint16)
BLOCK = 1 << 18

Codes = NDArray[np.uint8]


class HashIndex:
    """An index of codes: entries x 32 bytes, as ``numpy.packbits`` makes them."""

    def __init__(
        self, codes: Codes, order: NDArray[np.uint32] | None = None, starts: NDArray[np.uint32] | None = None
    ) -> None:
        self._codes = _checked(codes)
        self._words = self._codes.view(np.uint64)
        if order is None or starts is None:
            order, starts = _tables(self._codes) if len(codes) >= WORTH_TABLES else _no_tables()
        self._order, self._starts = order, starts

    @classmethod
    def without_tables(cls, codes: Codes) -> Self:
        """Make an index for searches without a limit, which compare all codes."""
        return cls(codes, *_no_tables())

    @property
    def size(self) -> int:
        return len(self._codes)

    def nearest(self, queries: Codes, count: int, *, within: float | None = None) -> SearchHits:
        """See :meth:`SearchIndex.nearest`; distances are numbers of bits."""
        queries = _checked(queries)
        found = [self._search(query, count, BITS if within is None else int(within)) for query in queries]
        rows = np.asarray([rows for rows, _ in found], np.int64).reshape(len(queries), count)
        return SearchHits(rows, np.asarray([far for _, far in found], np.float32).reshape(len(queries), count))

    def arrays(self) -> Arrays:
        return {"codes": self._codes, "order": self._order, "starts": self._starts}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(arrays["codes"], arrays["order"], arrays["starts"])

    def _search(self, query: Codes, count: int, within: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        rows = self._candidates(query, within) if len(self._starts) and within < 2 * CHUNKS else None
        words = query.view(np.uint64)
        if rows is None:
            far = np.concatenate(
                [_distances(self._words[at : at + BLOCK], words) for at in range(0, self.size, BLOCK)] or [_NONE]
            )
            near = far <= within
            return smallest(np.flatnonzero(near), far[near].astype(np.float32), count)
        far = _distances(self._words[rows], words)
        near = far <= within
        kept, first = np.unique(rows[near], return_index=True)
        return smallest(kept.astype(np.int64), far[near][first].astype(np.float32), count)

    def _candidates(self, query: Codes, within: int) -> NDArray[np.uint32]:
        """Rows that share a chunk with the query, up to one bit; some are repeated."""
        flips = FLIPS if within >= CHUNKS else FLIPS[:1]
        keys = (query.view(np.uint16)[:, None] ^ flips).astype(np.int64)
        chunks = np.arange(CHUNKS)[:, None]
        first, last = self._starts[chunks, keys].ravel(), self._starts[chunks, keys + 1].ravel()
        lists = [
            self._order[chunk, begin:end]
            for chunk, begin, end in zip(np.repeat(chunks, len(flips)), first.tolist(), last.tolist(), strict=True)
            if end > begin
        ]
        return np.concatenate(lists) if lists else np.zeros(0, np.uint32)


_NONE = np.zeros(0, np.uint16)


def _distances(words: NDArray[np.uint64], query: NDArray[np.uint64]) -> NDArray[np.uint16]:
    return np.asarray(np.bitwise_count(words ^ query).sum(axis=1, dtype=np.uint16))


def _checked(codes: Codes) -> Codes:
    if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != BITS // 8:
        raise ValueError(f"codes are n x {BITS // 8} of uint8, not {codes.shape} of {codes.dtype}")
    return np.ascontiguousarray(codes)


def _no_tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    return np.zeros((0, 0), np.uint32), np.zeros((0, 0), np.uint32)


def _tables(codes: Codes) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """For each chunk, all rows sorted by its value, and the offset of each value's rows."""
    order = np.empty((CHUNKS, len(codes)), np.uint32)
    starts = np.empty((CHUNKS, CHUNK_VALUES + 1), np.uint32)
    values = codes.view(np.uint16)
    for chunk in range(CHUNKS):
        keys = values[:, chunk]
        order[chunk] = np.argsort(keys, kind="stable")
        starts[chunk] = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=CHUNK_VALUES))])
    return order, starts
