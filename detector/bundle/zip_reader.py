"""Read a bundle from a zip file, unpacked in memory a chunk at a time."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from detector.bundle.bundle_reader import CHUNK, MANIFEST, MAX_FILES, name_twins, shown
from detector.bundle.zip_layout import LOCAL, ZipEnd, find_end, layout_problems
from detector.errors import EvidenceError

MAX_NAMES_BYTES = 4_000_000
"""Bytes of a zip file's directory."""


class ZipReader:
    """A bundle as a zip file, by its central directory; contents are unpacked in memory, a chunk at a time."""

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._folders: set[str] = set()
        try:
            # nothing waits for a pipe's writer, and no device is read without end
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise EvidenceError(f"{path} cannot be read ({error.strerror})") from error
        self._stream = os.fdopen(descriptor, "rb")
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise EvidenceError(f"{path} is neither a folder nor a regular file; it was not read")
            end = _check_directory(path, descriptor)
            with zipfile.ZipFile(self._stream) as archive:
                infos = archive.infolist()
            if end is not None:
                self.problems += layout_problems(descriptor, infos, end)
        except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError) as error:
            self._stream.close()
            raise EvidenceError(f"{path} is neither a folder nor a zip file that can be read ({error})") from error
        except EvidenceError:
            self._stream.close()
            raise
        for info in infos:
            self._add(info)
        self._strip_folder()
        self.names, self.folders = frozenset(self._entries), frozenset(self._folders)
        self.problems += name_twins(self.names | self.folders)

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """Yield a file's bytes; see :class:`BundleReader`.  The zip format's checksums are ignored: the manifest's are better."""
        info = self._entries[name]
        try:
            self._stream.seek(info.header_offset)
            head = LOCAL.unpack(self._stream.read(LOCAL.size))
            if head[0] != b"PK\3\4":
                raise EvidenceError(f"{shown(name)} is not at the position that the zip file's directory gives")
            start = info.header_offset + LOCAL.size + head[9] + head[10]
            packed = self._raw(start, info.compress_size)
            yield from packed if info.compress_type == zipfile.ZIP_STORED else _inflate(packed, limit, shown(name))
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
        elif name.endswith("/"):
            self._folders.add(name.rstrip("/"))
        else:
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
        self._folders = {name.removeprefix(prefix) for name in self._folders if f"{name}/" != prefix}


def _inflate(packed: Iterator[bytes], limit: int, name: str) -> Iterator[bytes]:
    unpack, left = zlib.decompressobj(-15), limit + 1
    for data in packed:
        if unpack.eof:
            raise EvidenceError(f"{name} has bytes behind its end in the zip file")
        pending = data
        while pending and left > 0 and not unpack.eof:
            piece = unpack.decompress(pending, min(CHUNK, left))
            pending = unpack.unconsumed_tail
            left -= len(piece)
            if piece:
                yield piece
        if left <= 0:
            return
        if unpack.unused_data:
            raise EvidenceError(f"{name} has bytes behind its end in the zip file")
    if not unpack.eof:
        raise EvidenceError(f"{name} cannot be unpacked to its end (it was cut)")


def _check_directory(path: Path, descriptor: int) -> ZipEnd | None:
    """Refuse a zip directory that would take much memory to read, before it is read."""
    end = find_end(descriptor)
    if end is not None and (end.count > MAX_FILES or end.directory_bytes > MAX_NAMES_BYTES or end.zip64):
        raise EvidenceError(
            f"{path} holds more than {MAX_FILES} files, or its directory is too large: it is not a bundle"
        )
    return end
