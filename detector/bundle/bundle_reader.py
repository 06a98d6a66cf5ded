"""Read bundles from any origin: folders and zip files, never unpacked to disk, every size limited.

Nothing is written, no link is followed, and no name in a bundle is used as a path: files are looked up by the names that the
manifest gives them.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from detector.errors import EvidenceError
from detector.sentences import printable

MAX_FILES = 5_000
CHUNK = 65_536
MANIFEST = "manifest.json"


class BundleReader(Protocol):
    """A bundle whose files can be read by name."""

    names: frozenset[str]
    """Paths of regular files, relative to the bundle, with ``/``."""
    folders: frozenset[str]
    """Paths of folders, relative to the bundle."""
    problems: list[str]
    """Contents that no bundle may hold: links, devices, names that lead out of it."""

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """Yield a file's bytes: up to ``limit``, and at most one chunk more.

        Raises:
            EvidenceError: they cannot be read (to their end).
        """
        ...

    def close(self) -> None:
        """Close the files."""
        ...


def read_all(reader: BundleReader, name: str, limit: int) -> bytes:
    """Read a whole file of at most ``limit`` bytes.

    Raises:
        EvidenceError: it is longer, or cannot be read.
    """
    data = b"".join(reader.chunks(name, limit))
    if len(data) > limit:
        raise EvidenceError(f"{shown(name)} is longer than {limit} bytes, which no bundle of this program is")
    return data


def shown(name: str) -> str:
    """Return a name from a bundle in a form that is safe to print on a terminal."""
    clean = printable(name[:160], "\ufffd")
    return clean if len(name) <= 160 else clean + "…"


def name_twins(names: Iterable[str]) -> list[str]:
    """Name files that some computers take for one and the same: they differ in case, or in the form of their letters, only."""
    known: dict[str, str] = {}
    problems = []
    for name in sorted(names):
        other = known.setdefault(unicodedata.normalize("NFKC", name).casefold(), name)
        if other != name:
            problems.append(
                f"{shown(name)} and {shown(other)} differ in case or form only: some computers take them for one file"
            )
    return problems


class FolderReader:
    """A bundle as a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.problems: list[str] = []
        names: set[str] = set()
        folders: set[str] = set()
        self._walk(root, "", names, folders)
        self.names, self.folders = frozenset(names), frozenset(folders)
        self.problems += name_twins(names | folders)

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """See :class:`BundleReader`."""
        try:
            # a file that became a link or a pipe since it was listed is neither followed nor waited for
            descriptor = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise EvidenceError(f"{shown(name)} is not a regular file")
                left = limit + 1
                while left > 0 and (data := stream.read(min(CHUNK, left))):
                    left -= len(data)
                    yield data
        except OSError as error:
            raise EvidenceError(f"{shown(name)} cannot be read ({error.strerror})") from error

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _walk(self, folder: Path, prefix: str, names: set[str], folders: set[str]) -> None:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = prefix + entry.name
                    if len(names) + len(folders) + len(self.problems) >= MAX_FILES:
                        raise EvidenceError(f"{self._root} holds more than {MAX_FILES} files: it is not a bundle")
                    if entry.is_symlink():
                        self.problems.append(f"{shown(name)} is a symbolic link; it was not followed")
                    elif entry.is_dir():
                        folders.add(name)
                        if prefix.count("/") < 4:
                            self._walk(Path(entry.path), name + "/", names, folders)
                        else:
                            self.problems.append(f"{shown(name)} lies too deep; it was not opened")
                    elif entry.is_file():
                        names.add(name)
                    else:
                        self.problems.append(f"{shown(name)} is not a regular file; it was not opened")
        except OSError as error:
            raise EvidenceError(f"{shown(str(folder))} cannot be read ({error.strerror})") from error
