"""What every index answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SearchHits:
    """For each query its nearest entries, nearest first; where there are fewer than asked for, row -1 at an infinite distance."""

    rows: NDArray[np.int64]
    """queries x count: numbers of entries in the order they were given in."""
    distances: NDArray[np.float32]
    """queries x count."""


class SearchIndex(Protocol):
    """Entries that queries are compared with.  Searching is exact, changes nothing, and may be done by any number of threads."""

    @property
    def size(self) -> int: ...

    def nearest(self, queries: NDArray[Any], count: int, *, within: float | None = None) -> SearchHits:
        """The ``count`` entries nearest to each query, at most ``within`` away; of equal ones the first given.

        Raises:
            ValueError: the queries are not of the kind that the index holds.
        """
        ...

    def arrays(self) -> Arrays:
        """What ``from_arrays`` makes the same index of: the form in which it is kept."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self: ...


def smallest(
    rows: NDArray[np.int64], distances: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The ``count`` nearest of one query's candidates, in order; filled up with -1."""
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
