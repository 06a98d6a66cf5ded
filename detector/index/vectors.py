"""Nearest unit vectors by cosine similarity: matrix products over blocks of rows."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.index.search import Arrays, SearchHits, smallest

BLOCK = 1 << 16
"""Rows of one product, which bounds the memory of a search."""
Vectors = NDArray[np.float32]


class VectorIndex:
    """An index of vectors: entries x dimensions of float32, each of length 1 (or 0: such an entry is similar to nothing)."""

    def __init__(self, vectors: Vectors) -> None:
        if vectors.dtype != np.float32 or vectors.ndim != 2:
            raise ValueError(f"vectors are n x dimensions of float32, not {vectors.shape} of {vectors.dtype}")
        self._vectors = vectors

    @property
    def size(self) -> int:
        return len(self._vectors)

    def nearest(self, queries: Vectors, count: int, *, within: float | None = None) -> SearchHits:
        """See :meth:`SearchIndex.nearest`; distances are 1 - cosine, and a query of zeros has no neighbours."""
        if queries.ndim != 2 or (self.size and queries.shape[1] != self._vectors.shape[1]):
            raise ValueError(f"queries of shape {queries.shape} do not fit vectors of shape {self._vectors.shape}")
        rows = np.full((len(queries), count), -1, np.int64)
        distances = np.full((len(queries), count), np.inf, np.float32)
        shown = queries.any(axis=1)
        for start in range(0, self.size, BLOCK):
            block = self._vectors[start : start + BLOCK]
            far = 1.0 - queries @ block.T
            for number in np.flatnonzero(shown):
                near = np.flatnonzero(far[number] <= (np.inf if within is None else within))
                rows[number], distances[number] = smallest(
                    np.concatenate([rows[number], near + start]),
                    np.concatenate([distances[number], far[number][near]]),
                    count,
                )
        rows[np.isinf(distances)] = -1
        return SearchHits(rows, distances)

    def arrays(self) -> Arrays:
        return {"vectors": self._vectors}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(arrays["vectors"])
