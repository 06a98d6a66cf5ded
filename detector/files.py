"""Files that are whole or absent: written under another name, forced to the disk, then renamed into place."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO
from uuid import uuid4


@contextmanager
def atomic_writer(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file that replaces ``path`` when the block ends, and that is deleted when the block raises.

    Its name is ``.<32 hexadecimal digits>.part``, in the folder of ``path``, so that the renaming is atomic; its permissions are
    those of a new file.  A process that is killed leaves it behind.

    ``durable`` forces the bytes and the renaming to the disk, so that they survive a power cut; leave it out for what can be made
    again.

    Raises:
        OSError: the folder is missing, or the file cannot be written (disk full, permissions).
    """
    temporary = path.with_name(f".{uuid4().hex}.part")
    try:
        with temporary.open("xb") as stream:
            yield stream
            if durable:
                sync_file(stream)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write ``data`` to ``path`` as :func:`atomic_writer` does.

    Raises:
        OSError: the folder is missing, or the file cannot be written.
    """
    with atomic_writer(path, durable=durable) as stream:
        stream.write(data)


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading, and wait for nothing where a pipe or a device stands in its place.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner may read (mode 0600); one that is there stays as it is.

    Raises:
        OSError: the folder is missing, or refuses.
    """
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter (mode 0700), and its parents as usual; one that is there stays as it is.

    Raises:
        OSError: a parent is a file, or refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)


def sync_file(stream: IO[bytes]) -> None:
    """Force what was written to the disk (``fsync``); streams that are no file of the operating system are flushed."""
    stream.flush()
    try:
        number = stream.fileno()
    except (AttributeError, OSError):
        return
    os.fsync(number)


def sync_folder(path: Path) -> None:
    """Force the names in a folder to the disk: a new file's name is not there before."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
