"""Which candidates the processes of one worker look at together: one that may have killed a worker is looked at alone.

A worker may die as a whole (its container is out of memory), and all that it looked at is then charged with it.  The locks are the
system's, since those of a process that is killed are let go.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class SuspectIsolation:
    """The processes that share ``folder``."""

    def __init__(self, folder: Path) -> None:
        """The folder exists; two files are made in it."""
        self._door, self._room = folder / "door", folder / "room"

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """A block that runs beside others like it."""
        with _locked(self._door):
            room = _lock(self._room, shared=True)
        try:
            yield
        finally:
            os.close(room)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A block that runs beside no other; whoever comes while it waits or runs, waits at the door."""
        with _locked(self._door), _locked(self._room):
            yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _lock(path, shared=False)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path, *, shared: bool) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor
