"""Keeps the C library from setting aside memory for each thread: a crawl of a whole night must not grow.

glibc gives every thread that allocates while others do a memory arena of its own, up to eight a core, and each keeps what its
largest picture ever took.  The threads here compress, hash and decode, hence allocate seldom: one arena is enough for all.
Source: mallopt(3), ``M_ARENA_MAX``.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8


def share_one_arena() -> bool:
    """From now on new threads allocate where the others do; False where the C library has no such thing (musl, macOS)."""
    with suppress(OSError, AttributeError, TypeError):
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1))
    return False
