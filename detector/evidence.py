"""Content-addressed files: a picture or page is stored once under its SHA-256, behind any fsspec file system."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from typing import IO
from uuid import uuid4

import fsspec

from detector.errors import EvidenceError
from detector.model import StoredFile

EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/x-icon": ".ico",
    "image/svg+xml": ".svg",
    "application/json": ".json",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/warc": ".warc.gz",
    "application/x-pem-file": ".pem",
}


class Evidence:
    """A folder (or bucket) of evidence.  Safe for several threads and several processes."""

    def __init__(self, url: str) -> None:
        """``url``: a path or an fsspec URL (``file:///...``, ``memory://x``, ``s3://bucket/prefix``)."""
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._made: set[str] = set()
        self._lock = threading.Lock()

    def put(self, data: bytes, media_type: str) -> StoredFile:
        """Store ``data``; the same bytes twice are one file.

        The file appears under its final name only when it is complete.

        Raises:
            EvidenceError: it could not be written (disk full, no permission); nothing half-written stays.
        """
        stored = StoredFile(hashlib.sha256(data).hexdigest(), media_type, len(data))
        target = self.path(stored)
        temporary = f"{target}.{uuid4().hex}.part"
        try:
            if self._fs.exists(target) and self._fs.size(target) == len(data):
                return stored
            self._make_folder(target.rsplit("/", 1)[0])
            with self._fs.open(temporary, "wb") as stream:
                stream.write(data)
                _sync(stream)
            self._fs.mv(temporary, target)
        except OSError as error:
            self._discard(temporary)
            hint = "free some space" if error.errno == errno.ENOSPC else "check space and permissions"
            raise EvidenceError(
                f"evidence file {target} could not be written ({error.strerror or error}); {hint}, then run again: "
                "nothing that was stored is lost"
            ) from error
        return stored

    def get(self, stored: StoredFile) -> bytes:
        """Read a file back and check it against its SHA-256.

        Raises:
            EvidenceError: it is missing, or its bytes are not those that were stored.
        """
        path, data = self.path(stored), self.peek(stored)
        actual = hashlib.sha256(data).hexdigest()
        if actual != stored.sha256:
            raise EvidenceError(f"evidence file {path} was altered: its SHA-256 is now {actual}")
        return data

    def peek(self, stored: StoredFile) -> bytes:
        """A file's bytes as they are now, unchecked: for those who tell where they were altered.

        Raises:
            EvidenceError: it is missing, or cannot be read.
        """
        path = self.path(stored)
        try:
            return bytes(self._fs.cat_file(path))
        except OSError as error:
            raise EvidenceError(f"evidence file {path} cannot be read ({error.strerror or 'missing'})") from error

    def path(self, stored: StoredFile) -> str:
        """Where the file lies, as the file system names it."""
        extension = EXTENSIONS.get(stored.media_type, ".bin")
        return f"{self._root}/{stored.sha256[:2]}/{stored.sha256}{extension}"

    def _make_folder(self, folder: str) -> None:
        with self._lock:
            if folder not in self._made:
                self._fs.makedirs(folder, exist_ok=True)
                self._made.add(folder)

    def _discard(self, path: str) -> None:
        try:
            if self._fs.exists(path):
                self._fs.rm_file(path)
        except OSError:
            return


def _sync(stream: IO[bytes]) -> None:
    """Onto the disk, where it is one: a row that names a file must not outlive the file's bytes in a power cut."""
    stream.flush()
    try:
        number = stream.fileno()
    except (AttributeError, OSError):
        return
    os.fsync(number)
