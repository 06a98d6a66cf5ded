"""Limits and results of downloads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Bounds of one download."""

    bytes: int
    """Received bytes of a body, compressed or not; it is cut there."""
    seconds: float
    """Time of one try, from the request to the last byte."""
    redirects: int = 5
    retries: int = 1
    retried: Collection[int] = frozenset((408, 429, 500, 502, 503, 504, 522, 524))
    """HTTP statuses that are asked for again at once."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """An answer, whatever its status; its body is read from the beginning."""

    status: int
    headers: Mapping[str, str]
    """By name, in any case."""
    body: IO[bytes]
    cut: bool = False
    """The body is longer than the limit."""
    broken: str = ""
    """Reason why the body ends too early, as a clause; empty where it does not."""
