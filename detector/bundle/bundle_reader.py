"""Read bundles from any origin: folders and zip files, never unpacked to disk, every size limited.

Nothing is written, no link is followed, and no name in a bundle is used as a path: files are looked up by the names that the
manifest gives them.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from detector.errors import EvidenceError, UsageError
from detector.sentences import printable

MAX_FILES = 5_000
MAX_NAMES_BYTES = 4_000_000
"""Bytes of a zip file's directory."""
CHUNK = 65_536
MANIFEST = "manifest.json"
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")


class BundleReader(Protocol):
    """A bundle whose files can be read by name."""

    names: frozenset[str]
    """Paths of regular files, relative to the bundle, with ``/``."""
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


def open_bundle(path: Path) -> BundleReader:
    """Open a folder or a zip file as a bundle.

    Raises:
        UsageError: there is nothing at ``path``.
        EvidenceError: it is neither a folder nor a zip file, or cannot be read.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    return FolderReader(path) if path.is_dir() else ZipReader(path)


class FolderReader:
    """A bundle as a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.problems: list[str] = []
        names: set[str] = set()
        self._walk(root, "", names)
        self.names = frozenset(names)

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

    def _walk(self, folder: Path, prefix: str, names: set[str]) -> None:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = prefix + entry.name
                    if len(names) + len(self.problems) >= MAX_FILES:
                        raise EvidenceError(f"{self._root} holds more than {MAX_FILES} files: it is not a bundle")
                    if entry.is_symlink():
                        self.problems.append(f"{shown(name)} is a symbolic link; it was not followed")
                    elif entry.is_dir() and prefix.count("/") < 4:
                        self._walk(Path(entry.path), name + "/", names)
                    elif entry.is_file():
                        names.add(name)
                    else:
                        self.problems.append(f"{shown(name)} is not a regular file; it was not opened")
        except OSError as error:
            raise EvidenceError(f"{shown(str(folder))} cannot be read ({error.strerror})") from error


class ZipReader:
    """A bundle as a zip file, by its central directory; contents are unpacked in memory, a chunk at a time."""

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self._entries: dict[str, zipfile.ZipInfo] = {}
        try:
            self._stream = path.open("rb")
        except OSError as error:
            raise EvidenceError(f"{path} cannot be read ({error.strerror})") from error
        try:
            _check_directory(path, self._stream.fileno())
            with zipfile.ZipFile(self._stream) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError) as error:
            self._stream.close()
            raise EvidenceError(f"{path} is neither a folder nor a zip file that can be read ({error})") from error
        except EvidenceError:
            self._stream.close()
            raise
        for info in infos:
            self._add(info)
        self._strip_folder()
        self.names = frozenset(self._entries)

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """Yield a file's bytes; see :class:`BundleReader`.  The zip format's checksums are ignored: the manifest's are better."""
        info = self._entries[name]
        try:
            self._stream.seek(info.header_offset)
            head = _LOCAL.unpack(self._stream.read(_LOCAL.size))
            if head[0] != b"PK\3\4":
                raise EvidenceError(f"{shown(name)} is not at the position that the zip file's directory gives")
            start = info.header_offset + _LOCAL.size + head[9] + head[10]
            packed = self._raw(start, info.compress_size)
            yield from packed if info.compress_type == zipfile.ZIP_STORED else _inflate(packed, limit)
        except (OSError, struct.error, zlib.error) as error:
            raise EvidenceError(f"{shown(name)} cannot be unpacked to its end ({error})") from error

    def close(self) -> None:
        """Close the zip file."""
        self._stream.close()

    def _raw(self, start: int, size: int) -> Iterator[bytes]:
        position, end = start, start + size
        while position < end:
            self._stream.seek(position)
            data = self._stream.read(min(CHUNK, end - position))
            if not data:
                return
            position += len(data)
            yield data

    def _add(self, info: zipfile.ZipInfo) -> None:
        name = info.orig_filename
        parts = name.rstrip("/").split("/")
        if not name.isprintable() or "\\" in name or ":" in parts[0] or any(part in {"", ".", ".."} for part in parts):
            self.problems.append(f"{shown(name)} is not a valid name in a bundle; it was not opened")
        elif stat.S_ISLNK(info.external_attr >> 16):
            self.problems.append(f"{shown(name)} is a symbolic link; it was not followed")
        elif name in self._entries:
            self.problems.append(f"{shown(name)} is in the zip file twice")
        elif info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            self.problems.append(f"{shown(name)} is encrypted, or compressed by an unusual method; it was not opened")
        elif not name.endswith("/"):
            self._entries[name] = info

    def _strip_folder(self) -> None:
        """Remove the name of the one folder that may hold the bundle in the zip file."""
        if MANIFEST in self._entries:
            return
        tops = {name.split("/")[0] for name in self._entries if name.count("/") == 1 and name.endswith(f"/{MANIFEST}")}
        if len(tops) != 1:
            return
        prefix = tops.pop() + "/"
        for name in [name for name in self._entries if not name.startswith(prefix)]:
            self.problems.append(f"{shown(name)} lies beside the bundle in the zip file")
            del self._entries[name]
        self._entries = {name.removeprefix(prefix): info for name, info in self._entries.items()}


def _inflate(packed: Iterator[bytes], limit: int) -> Iterator[bytes]:
    unpack, left = zlib.decompressobj(-15), limit + 1
    for data in packed:
        pending = data
        while pending and left > 0 and not unpack.eof:
            piece = unpack.decompress(pending, min(CHUNK, left))
            pending = unpack.unconsumed_tail
            left -= len(piece)
            if piece:
                yield piece
        if left <= 0 or unpack.eof:
            return


def _check_directory(path: Path, descriptor: int) -> None:
    """Refuse a zip directory that would take much memory to read, before it is read."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - _END.size - 0xFFFF)
    tail = os.pread(descriptor, size - start, start)
    at = len(tail) - _END.size
    if not (at >= 0 and tail[at : at + 4] == b"PK\5\6" and tail[-2:] == b"\0\0"):
        at = tail.rfind(b"PK\5\6")
    with suppress(struct.error):
        _, _, _, _, count, length, *_ = _END.unpack_from(tail, at if at >= 0 else len(tail))
        if count > MAX_FILES or length > MAX_NAMES_BYTES or tail[max(at - 20, 0) : at].startswith(b"PK\6\7"):
            raise EvidenceError(
                f"{path} holds more than {MAX_FILES} files, or its directory is too large: it is not a bundle"
            )
