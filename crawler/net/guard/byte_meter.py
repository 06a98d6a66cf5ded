"""Counting of forwarded bytes, against the limits of an answer and of a capture."""

from __future__ import annotations

from collections.abc import Callable

from crawler.net.guard.traffic_ledger import FailureError, FailureKind

Count = Callable[[int], None]
"""Is called with the size of each piece of data; raises FailureError where that is too much."""


class ByteMeter:
    """Counts the bytes of one answer, and those of the capture with ``total``."""

    def __init__(self, limit: int, total: Count) -> None:
        self._limit = limit
        self._total = total
        self._count = 0

    def __call__(self, size: int) -> None:
        """Count ``size`` bytes.

        Raises:
            FailureError: the answer or the capture is over its limit.
        """
        self._count += size
        self._total(size)
        if self._count > self._limit:
            raise FailureError(FailureKind.OVERSIZE, f"an answer is over the limit of {self._limit} bytes")
