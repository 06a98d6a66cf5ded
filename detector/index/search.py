"""The interface of search indexes, and their results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SearchHits:
    """The nearest entries of each query, nearest first; missing ones are row -1 at an infinite distance."""

    rows: NDArray[np.int64]
    """queries x count: indices of entries."""
    distances: NDArray[np.float32]
    """queries x count: their distances."""


class SearchIndex(Protocol):
    """Entries that queries are compared with.  Search is exact and thread-safe."""

    @property
    def size(self) -> int: ...

    def nearest(self, queries: NDArray[Any], count: int, *, within: float | None = None) -> SearchHits:
        """Find the ``count`` entries nearest to each query, at most ``within`` away; of equal ones the first.

        Raises:
            ValueError: the queries are not of the kind that the index holds.
        """
        ...

    def arrays(self) -> Arrays:
        """Arrays from which ``from_arrays`` makes the same index."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self: ...


def smallest(
    rows: NDArray[np.int64], distances: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Pick the ``count`` nearest of one query's candidates, in order; padded with -1."""
    if len(rows) > count:
        limit = np.partition(distances, count - 1)[count - 1]
        near = distances <= limit
        rows, distances = rows[near], distances[near]
    order = np.lexsort((rows, distances))[:count]
    missing = count - len(order)
    return (
        np.concatenate([rows[order], np.full(missing, -1, np.int64)]),
        np.concatenate([distances[order], np.full(missing, np.inf, np.float32)]),
    )
