"""A cache of arrays between runs: built once, addressed by content and algorithm version, memory-mapped.

A set of arrays is a folder that appears whole (renamed from a temporary one) and never changes; of several processes that need
the same one, the first builds it and the others wait.  Where no lock can be taken, each builds its own, and the first wins.
Sizes are checked before a file is mapped: reading past the end of a truncated one would kill the process.  SHA-256 digests are
checked too: arrays of zeros, as a power cut or a bad disk leaves them, would make every logo a stranger, and a clone clear.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.files import open_regular, sync_file
from detector.index.search import Arrays

CONTENTS = "contents.json"
KEPT_SECONDS = 30 * 86_400
"""Seconds after which arrays that were not opened are deleted."""
LATEST = 8
"""Sets of a kind that are searched for rows to reuse."""
log = structlog.get_logger(__name__)


def cache_folder() -> Path:
    """Path of the cache: ``$XDG_CACHE_HOME/clonewatch`` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "clonewatch"


def kept(name: str, build: Callable[[], Arrays]) -> Arrays:
    """Open the arrays cached as ``name``, read-only; build and cache them where they are missing or damaged.

    ``name`` is KIND-DETAILS and includes everything that the arrays depend on: content, algorithm, version.  Where they cannot be
    cached (full disk, no permission) the built ones are returned.
    """
    folder = cache_folder() / name
    found = _opened(folder)
    if found is not None:
        return found
    with _building(folder):
        # another process may have built it in the meantime
        found = _opened(folder)
        if found is not None:
            return found
        if folder.exists():
            log.warning("cache damaged, or of an older version: it is built anew", path=str(folder))
        arrays = build()
        try:
            _write(arrays, folder)
        except OSError as error:
            log.warning("cache not written", path=str(folder), error=str(error))
            return arrays
    _delete_old(name, folder.parent)
    return _opened(folder) or arrays


def is_kept(name: str) -> bool:
    """Tell whether :func:`kept` would find these arrays rather than build them."""
    return _opened(cache_folder() / name) is not None


def kept_before(kind: str) -> Iterator[Arrays]:
    """Iterate over the latest used sets whose names begin with ``kind`` and a hyphen; damaged ones are skipped.

    This does not count as a use: sets that :func:`kept` does not open are deleted in time.
    """
    found = []
    for folder in cache_folder().glob(f"{glob.escape(kind)}-*"):
        with contextlib.suppress(OSError):
            found.append((folder.stat().st_mtime, folder))
    for _, folder in sorted(found, reverse=True)[:LATEST]:
        arrays = _opened(folder, is_use=False)
        if arrays is not None:
            yield arrays


@contextlib.contextmanager
def _building(folder: Path) -> Iterator[None]:
    """Wait for other processes that build the same set.

    The lock ends with the process that holds it, however that ends.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder.parent.mkdir(parents=True, exist_ok=True)
            path = folder.with_name(f".{folder.name}.lock")
            # a pipe in its place is waited for by nobody
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _opened(folder: Path, *, is_use: bool = True) -> Arrays | None:
    try:
        with open_regular(folder / CONTENTS) as stream:
            contents = json.load(stream)
        if any(_described(folder / f"{name}.npy") != described for name, described in contents.items()):
            return None
        arrays = {name: _mapped(folder / f"{name}.npy") for name in contents}
    except (OSError, ValueError, AttributeError, EOFError, RecursionError):
        return None
    if is_use:
        with contextlib.suppress(OSError):
            # the time of the last use
            os.utime(folder)
    return arrays


def _described(path: Path) -> dict[str, Any]:
    """Size and digest of a file, as :data:`CONTENTS` holds them."""
    with open_regular(path) as stream:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _mapped(path: Path) -> NDArray[Any]:
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        # an empty array cannot be mapped
        return np.asarray(np.load(path, allow_pickle=False))


def _delete_old(name: str, parent: Path) -> None:
    """Delete sets of the same kind that have not been used for long."""
    for other in parent.glob(f"{_kind(name)}-*"):
        with contextlib.suppress(OSError):
            if other.name != name and other.is_dir() and time.time() - other.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(other, ignore_errors=True)
                # whoever waits for it builds the set beside whoever comes next, which costs time only
                other.with_name(f".{other.name}.lock").unlink(missing_ok=True)


def _kind(name: str) -> str:
    return name.split("-", 1)[0]


def _write(arrays: Arrays, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    try:
        part.mkdir()
        for name, array in arrays.items():
            with (part / f"{name}.npy").open("wb") as stream:
                np.save(stream, array, allow_pickle=False)
                sync_file(stream)
        contents = {name: _described(part / f"{name}.npy") for name in arrays}
        (part / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
        _put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put(part: Path, folder: Path) -> None:
    """Rename into place; a set that is there already is another process's copy, or damaged and is moved away."""
    try:
        part.rename(folder)
    except OSError:
        if _opened(folder) is not None:
            return
        # processes that map the damaged set keep its pages until they are done
        old = folder.with_name(f".{folder.name}.{uuid4().hex}.old")
        folder.rename(old)
        shutil.rmtree(old, ignore_errors=True)
        part.rename(folder)
