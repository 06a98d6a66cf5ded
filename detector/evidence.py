"""Content-addressed files: a picture or page is stored once under its SHA-256, behind any fsspec file system."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec

from detector.errors import EvidenceError
from detector.files import make_private_folder, open_regular, sync_file
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
        """``url``: a path or an fsspec URL (``file:///...``, ``memory://x``, ``s3://bucket/prefix``).

        Opens no connection yet.

        Raises:
            EvidenceError: the library for that kind of URL is not installed.
        """
        kind = url.partition("://")[0] if "://" in url else "file"
        self._is_local = kind in ("file", "local")
        self._is_bucket = kind not in ("file", "local", "memory")
        try:
            # a cached listing would name files that were deleted since
            options = {"use_listings_cache": False} if self._is_bucket else {}
            self._fs, self._root = fsspec.core.url_to_fs(url, **options)
        except (ImportError, ValueError) as error:
            raise EvidenceError(
                f"evidence at {kind}:// cannot be reached ({error}); for s3:// install clonewatch[s3]"
            ) from error
        self._made: set[str] = set()
        self._lock = threading.Lock()

    def put(self, data: bytes, media_type: str) -> StoredFile:
        """Store ``data``; the same bytes twice are one file.

        The file appears under its final name only when it is complete.

        Raises:
            EvidenceError: it could not be written (disk full, no permission, no network); nothing half-written stays.
        """
        stored = StoredFile(hashlib.sha256(data).hexdigest(), media_type, len(data))
        target = self.path(stored)
        try:
            if self._size(target) == len(data):
                self._renew(target)
                return stored
            if self._is_bucket:
                self._fs.pipe_file(target, data)  # object stores write all of it or nothing
            else:
                self._write(target, data)
        except Exception as error:
            if not (isinstance(error, OSError) or self._is_bucket):
                raise
            hint = "check space and permissions"
            if self._is_bucket:
                hint = "check that the bucket is there, its credentials and the network"
            elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
                hint = "free some space"
            raise EvidenceError(
                f"evidence file {target} could not be written ({_said(error)}); {hint}, then run again: "
                "nothing that was stored is lost"
            ) from error
        return stored

    def _write(self, target: str, data: bytes) -> None:
        temporary = f"{target}.{uuid4().hex}.part"
        try:
            self._make_folder(target.rsplit("/", 1)[0])
            with self._fs.open(temporary, "wb") as stream:
                stream.write(data)
                sync_file(stream)  # a row that names a file must not outlive the file's bytes in a power cut
            self._fs.mv(temporary, target)
        except OSError:
            self._discard(temporary)
            raise

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
        """Read a file's bytes as they are now, unchecked, to find out where they were altered.

        Raises:
            EvidenceError: it is missing, or cannot be read.
        """
        path = self.path(stored)
        try:
            if self._is_local:
                with open_regular(Path(path)) as stream:
                    return stream.read()
            return bytes(self._fs.cat_file(path))
        except Exception as error:
            if not (isinstance(error, OSError) or self._is_bucket):
                raise
            missing = "missing" if isinstance(error, FileNotFoundError) else _said(error)
            raise EvidenceError(f"evidence file {path} cannot be read ({missing})") from error

    def path(self, stored: StoredFile) -> str:
        """Path of the file in its file system."""
        extension = EXTENSIONS.get(stored.media_type, ".bin")
        return f"{self._root}/{stored.sha256[:2]}/{stored.sha256}{extension}"

    def sweep(self, keep: Collection[str], before: datetime) -> tuple[int, int]:
        """Delete files stored before ``before`` whose SHA-256 is not in ``keep``; return the numbers of deleted files and bytes.

        A file that was stored again counts as new, since a capture may be about to name it.

        Raises:
            EvidenceError: the evidence is in a bucket, where lifecycle rules delete old files; or a file cannot be deleted.
        """
        if self._is_bucket:
            raise EvidenceError(
                "evidence in a bucket is not deleted by this program; set lifecycle rules on the bucket instead"
            )
        count = size = 0
        try:
            for path, info in self._fs.find(self._root, detail=True).items():
                name = path.rpartition("/")[2].partition(".")[0]
                if name not in keep and _stored_at(info) < before.timestamp():
                    self._fs.rm_file(path)
                    count, size = count + 1, size + int(info["size"])
        except OSError as error:
            raise EvidenceError(f"evidence in {self._root} could not be tidied ({_said(error)})") from error
        return count, size

    def _size(self, path: str) -> int | None:
        """Size of a file in one request, as a bucket may be far away; None where there is no such file."""
        try:
            return int(self._fs.info(path)["size"])
        except FileNotFoundError:
            return None

    def _renew(self, path: str) -> None:
        if not self._is_bucket:
            with suppress(FileNotFoundError):  # a file system in memory
                os.utime(path)

    def _make_folder(self, folder: str) -> None:
        with self._lock:
            if folder not in self._made:
                if not self._is_bucket and "memory" not in self._fs.protocol:
                    make_private_folder(Path(self._root))  # victims' and criminals' pages: nobody else's business
                self._fs.makedirs(folder, exist_ok=True)
                self._made.add(folder)

    def _discard(self, path: str) -> None:
        try:
            if self._fs.exists(path):
                self._fs.rm_file(path)
        except OSError:
            return


def _stored_at(info: dict[str, Any]) -> float:
    """Seconds since 1970."""
    found = info.get("mtime") or info.get("created")
    return found.timestamp() if isinstance(found, datetime) else float(found or 0.0)


def _said(error: Exception) -> str:
    """Error text on one line; libraries for buckets have error classes of their own."""
    text = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    return text.splitlines()[0][:300]
