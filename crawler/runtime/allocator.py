"""Keeps the program as small as what it holds: a crawl of a whole night must not grow.

glibc gives every thread that allocates while others do a memory arena of its own, up to eight a core, and each keeps what its
largest picture ever took.  The threads here compress, hash and decode, hence allocate seldom: one arena is enough for all.
And what lies free within an arena, below something that is still used, goes back to the system only where asked for.
Source: mallopt(3), ``M_ARENA_MAX``; malloc_trim(3).
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


def give_back() -> bool:
    """Give the system all whole pages that are free; whether there were any.  Takes milliseconds; other threads may run on."""
    with suppress(OSError, AttributeError, TypeError):
        return bool(ctypes.CDLL(None).malloc_trim(0))
    return False
