"""Limit the memory that glibc's allocator keeps, so that a crawl of a whole night does not grow.

glibc gives threads that allocate at the same time memory arenas of their own, up to eight a core, and each arena keeps as much
as its largest picture ever took.  The threads here compress, hash and decode, so they allocate seldom: one arena is enough.
Free memory within an arena, below a block that is still used, returns to the system only on request.
Source: mallopt(3), ``M_ARENA_MAX``; malloc_trim(3).
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8


def share_one_arena() -> bool:
    """Make new threads share one memory arena; False where the C library has no arenas (musl, macOS)."""
    with suppress(OSError, AttributeError, TypeError):
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1))
    return False


def release_free_memory() -> bool:
    """Return all whole free pages to the system; True where there were any.  Takes milliseconds; other threads may run."""
    with suppress(OSError, AttributeError, TypeError):
        return bool(ctypes.CDLL(None).malloc_trim(0))
    return False
