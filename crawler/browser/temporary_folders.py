"""Temporary folders of browsers: create them locked, and remove those of programs that were killed.

A folder stays locked for as long as its program runs.  A process id would not be enough: another program may have the same id
later, and a process in another container is invisible.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import structlog

if sys.platform != "win32":
    import fcntl

log = structlog.get_logger(__name__)

PREFIX = "clonewatch-browser-"
PROFILE = "playwright_chromiumdev_profile-"
LOCK = "in-use"
YOUNG_SECONDS = 60.0
"""A younger folder without a lock may be one that another program is about to lock."""


class OwnFolder:
    """A fresh temporary folder that is locked for as long as this process lives, or until :meth:`remove`."""

    def __init__(self) -> None:
        """Create and lock the folder.

        Raises:
            OSError: there is no space, or no folder that can be written to.
        """
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._profile: Path | None = None
        try:
            self._lock: int | None = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            self.path.rmdir()
            raise
        if sys.platform != "win32":
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def adopt(self, profile: Path) -> None:
        """Have the browser's profile folder, which lies elsewhere, removed together with this one."""
        self._profile = profile
        if self._lock is not None:
            os.pwrite(self._lock, os.fsencode(profile), 0)

    def remove(self) -> None:
        """Delete the folder and the profile; safe to call twice."""
        for folder in (self._profile, self.path):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def sweep() -> list[Path]:
    """Delete the folders, and their profiles, of this user's programs that have ended; return the deleted folders."""
    if sys.platform == "win32":
        return []
    gone = []
    try:
        temporary = Path(tempfile.gettempdir())
    except FileNotFoundError:  # no folder can be written to; the code that needs one reports it
        return []
    for folder in temporary.glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            if status.st_uid == os.geteuid() and not folder.is_symlink() and _delete_unlocked(folder, status.st_mtime):
                gone.append(folder)
    if gone:
        log.info("removed temporary folders of browsers whose program was killed", folders=len(gone))
    return gone


def _delete_unlocked(folder: Path, changed: float) -> bool:
    """Delete ``folder``, under its lock, where no program holds that; True where it was deleted."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        if abs(time.time() - changed) < YOUNG_SECONDS:
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        profile = Path(os.fsdecode(os.pread(lock, 4096, 0)))
        if profile.name.startswith(PROFILE) and profile.parent == folder.parent:
            shutil.rmtree(profile, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
