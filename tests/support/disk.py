"""A disk that can be filled: a small tmpfs, for root where mounting is allowed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# The shell that mounts also unmounts: at the end of its input, which comes with the end of this process too, however it ends.
_HOLDER = 'mount -t tmpfs -o "$1" tmpfs "$2" 2>&1 || exit 1; echo mounted; read -r _; umount -l "$2" && rmdir "$2"'


@contextmanager
def mounted_disk(size: str, files: int = 0) -> Iterator[Path]:
    """A new folder that holds no more than ``size`` (``2m``) and, where given, so many ``files``.

    The test is skipped where it cannot be made.  The folder is outside pytest's own, which a later run tidies: there a disk
    left mounted ends that run, after its last test, with an error that names nothing.
    """
    if os.geteuid() != 0:
        pytest.skip("a small disk can be made by root only")
    disk = Path(tempfile.mkdtemp(prefix="clonewatch-disk-"))
    with subprocess.Popen(
        ["sh", "-c", _HOLDER, "sh", f"size={size},nr_inodes={files}", str(disk)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # an interrupt at the terminal, or a kill of the tests' group, must not end it too
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        said = holder.stdout.readline()
        if said != b"mounted\n":
            disk.rmdir()
            assert b"permi" in said, said  # "permission denied", "not permitted": any other refusal is our mistake
            pytest.skip("a small disk can be made only where mount is allowed")
        try:
            yield disk
        finally:
            holder.stdin.close()
            holder.wait()
    assert holder.returncode == 0, f"{disk} is still mounted"


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all of a disk's space but ``leave`` bytes; the file that holds it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while stream.write(b"x" * 4096):
                pass
        except OSError:
            stream.truncate(max(stream.tell() - leave, 0))
    return ballast
