"""The takedown queue on disk: a folder with ``takedown.jsonl`` and ``evidence/``, consistent after a crash at any moment.

Evidence files are written first, then the line that names them; each is forced to the disk before the next.  A line that a crash
left incomplete is removed by the next run before it appends.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import msgspec

from detector.errors import EvidenceError
from detector.evidence import EXTENSIONS
from detector.files import sync_file, sync_folder, write_atomically
from detector.model import StoredFile
from detector.takedown.sinks.sink import WrittenLine

QUEUE_NAME = "takedown.jsonl"
EVIDENCE_NAME = "evidence"
_BLOCK = 1 << 16


def evidence_name(stored: StoredFile) -> str:
    """Path of a file of evidence, relative to the queue's folder."""
    return f"{EVIDENCE_NAME}/{stored.sha256}{EXTENSIONS.get(stored.media_type, '.bin')}"


class _Identified(msgspec.Struct):
    id: str
    number: int = 1
    """Lines of the second version of the format have none: they were the first of their case."""


class QueueFolder:
    """A takedown queue; one program at a time writes it, a second one waits.  Use it as a context manager."""

    def __init__(self, out: Path) -> None:
        self.path = out.absolute()
        self.file = self.path / QUEUE_NAME
        self._evidence = self.path / EVIDENCE_NAME
        self._lock: int | None = None
        self._count = 0

    def __enter__(self) -> QueueFolder:
        """Create the folder, wait for its lock, and repair what a crash left.

        Raises:
            EvidenceError: it cannot be created or written.
        """
        with _explained(self.path):
            self._evidence.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX)
                self._repair()
                for leftover in self._evidence.glob("*.part"):
                    leftover.unlink()
            except BaseException:
                self._unlock()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unlock()

    def lines(self) -> dict[tuple[str, int], WrittenLine]:
        """Lines that are there, by id and number; those that this program did not write are skipped, and counted.

        Raises:
            EvidenceError: the file cannot be read.
        """
        found: dict[tuple[str, int], WrittenLine] = {}
        self._count = 0
        with _explained(self.file):
            if self.file.exists():
                with self.file.open("rb") as stream:
                    for line in stream:
                        self._count += 1
                        identity = id_of(line)
                        if identity is not None:
                            found[identity] = WrittenLine(self._count, hashlib.sha256(line.rstrip(b"\n")).hexdigest())
        return found

    def append(self, line: bytes) -> int:
        """Add one line, force it to the disk, and return its number; :meth:`lines` must have counted those before it.

        Raises:
            EvidenceError: it could not be written; no part of it is left.
        """
        with _explained(self.file):
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                before = os.fstat(descriptor).st_size
                try:
                    _write(descriptor, line + b"\n")
                    os.fsync(descriptor)
                except OSError:
                    os.ftruncate(descriptor, before)
                    raise
            finally:
                os.close(descriptor)
            sync_folder(self.path)
        self._count += 1
        return self._count

    def put(self, data: bytes, stored: StoredFile) -> str:
        """Store a file of evidence under its SHA-256, read it back, and return its path relative to the folder.

        Raises:
            EvidenceError: it could not be written, or the bytes that were read back differ.
        """
        name = evidence_name(stored)
        target = self.path / name
        with _explained(target):
            if not (target.is_file() and _digest(target) == stored.sha256):
                write_atomically(target, data)
                if _digest(target) != stored.sha256:
                    raise EvidenceError(
                        f"{target}: other bytes were read back than were written; check the disk's health"
                    )
        return name

    def _repair(self) -> None:
        """Complete or remove a last line without a line feed."""
        if not self.file.exists():
            return
        with self.file.open("r+b") as stream:
            end = stream.seek(0, os.SEEK_END)
            start = _after_last_line_feed(stream.fileno(), end)
            if start == end:
                return
            stream.seek(start)
            if id_of(stream.read()) is not None:
                # complete except for its line feed, which an editor or the crash removed
                stream.write(b"\n")
            else:
                stream.truncate(start)
            sync_file(stream)

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def id_of(line: bytes) -> tuple[str, int] | None:
    """Id and number of a line of the queue; None where this program did not write it."""
    try:
        found = msgspec.json.decode(line, type=_Identified)
        return found.id, found.number
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _after_last_line_feed(descriptor: int, end: int) -> int:
    """Return the offset of the first byte of the last, unfinished line; ``end`` where the file ends with a line feed."""
    position = end
    while position > 0:
        size = min(_BLOCK, position)
        found = os.pread(descriptor, size, position - size).rfind(b"\n")
        if found >= 0:
            return position - size + found + 1
        position -= size
    return 0


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "the disk is full: free some space",
            errno.EDQUOT: "your quota is used up: free some space",
            errno.EFBIG: "the file may not grow further: raise the limit on file sizes",
            errno.ENOTDIR: "a part of that path is a file: name another folder with --out",
            errno.EEXIST: "a part of that path is a file: name another folder with --out",
        }
        hint = hints.get(error.errno or 0, "check its permissions, or name another folder with --out")
        raise EvidenceError(
            f"takedown queue: {path} cannot be used ({error.strerror or error}); {hint}, then run again: no case is lost, "
            "and none is exported twice"
        ) from error
