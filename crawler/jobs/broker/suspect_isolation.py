"""Keep a candidate that may have killed a worker apart: the worker's other processes capture nothing while it is captured.

A worker may die as a whole (its container is out of memory), and then every candidate that it was capturing is a suspect.  The
locks are the operating system's, which releases them when a process is killed.
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
    """A shared and an exclusive lock between all processes that use the same ``folder``; nobody overtakes an exclusive one."""

    def __init__(self, folder: Path) -> None:
        """``folder`` must exist; two lock files are created in it."""
        self._queue, self._captures = folder / "queue.lock", folder / "captures.lock"

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """Run a block at the same time as others like it; wait while one is :meth:`alone`, or waits to be."""
        with _locked(self._queue):
            held = _lock(self._captures, shared=True)
        try:
            yield
        finally:
            os.close(held)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Run a block while no other one runs; those that come while it waits or runs must wait for it."""
        with _locked(self._queue), _locked(self._captures):
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
