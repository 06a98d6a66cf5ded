"""Files inside archives (zip, tar) and packed files, chunk by chunk and within one limit; what is none of these is named.

A file that is not packed is one file without a name.
"""

from __future__ import annotations

import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO

from crawler.sources.feeds.decompression import CHUNK, FeedFault, bounded, unpack
from detector.present.legible import one_line

MOST_FILES = 1000
"""Files of one archive that are read."""
MOST_DIRECTORY = 16 << 20
"""Bytes of a zip file's directory, which is read at once."""
LARGEST_ZIP = 1 << 30
"""Bytes of a zip file that are kept on disk: its directory stands at its end."""
_IN_MEMORY = 8 << 20
_NESTED = 2
"""Archives within each other that are read."""
_BLOCK = 512
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, NotImplementedError)
_FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it, or use zip or tar"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it, or use zip or tar"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd; unpack it, or use gzip or xz"),
    (b"\x04\x22\x4d\x18", "packed by lz4; unpack it, or use gzip or xz"),
    (b"\x1f\x9d", "packed by compress (.Z); unpack it, or use gzip or xz"),
    (b"LZIP", "packed by lzip; unpack it, or use gzip or xz"),
    (b"MSCF\0", "a cabinet archive; unpack it, or use zip or tar"),
    (b"!<arch>\n", "an ar archive; unpack it, or use zip or tar"),
    (b"%PDF-", "a PDF file; save it as text or CSV"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document; save it as CSV"),
    (b"{\\rtf", "an RTF document; save it as text"),
    (b"SQLite format 3\0", "a SQLite database; export it as CSV"),
    (b"PAR1", "a Parquet file; export it as CSV"),
    (b"Obj\x01", "an Avro file; export it as CSV"),
    (b"\x89PNG\r\n", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"), (b"MZ\x90", "a program"),
)  # fmt: skip
_NOT_LISTS = {"[Content_Types].xml": "an Office document; save it as CSV", "mimetype": "a document; save it as CSV",
              "META-INF/MANIFEST.MF": "a program", "AndroidManifest.xml": "a program"}  # fmt: skip


def files_of(chunks: Iterable[bytes], limit: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and content of every file that the data holds, to be read in turn; one without a name where it is no archive.

    Raises:
        FeedFault: it is neither text nor an archive that can be read, or it is cut off, broken or larger than ``limit`` bytes.
    """
    yield from _files(bounded(unpack(chunks, limit), limit), limit, _NESTED)


def _files(chunks: Iterator[bytes], limit: int, depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    head, fault = _head(chunks)
    for magic, said in _FOREIGN:
        if head.startswith(magic):
            raise FeedFault(f"it is {said}")
    whole = _joined(head, fault, chunks)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        members = _of_zip(whole, limit)
    elif _is_tar(head):
        members = _of_tar(whole)
    else:
        yield "", whole
        return
    if not depth:
        raise FeedFault(f"it is an archive in more than {_NESTED} others")
    for count, (name, data) in enumerate(members, 1):
        if count > MOST_FILES:
            raise FeedFault(f"it is an archive of more than {MOST_FILES} files")
        if _is_list(name):
            for inner, plain in _files(unpack(data, limit), limit, depth - 1):
                yield inner or name, plain
        for _ in data:
            pass


def _head(chunks: Iterator[bytes]) -> tuple[bytes, FeedFault | None]:
    head = b""
    try:
        while len(head) < _BLOCK:
            head += next(chunks)
    except StopIteration:
        pass
    except FeedFault as fault:
        return head, fault
    return head, None


def _joined(head: bytes, fault: FeedFault | None, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    if fault is not None:
        raise fault
    yield from chunks


def _is_list(name: str) -> bool:
    path = PurePosixPath(name)
    return "__MACOSX" not in path.parts and not path.name.startswith(".")


# --- zip -----------------------------------------------------------------------------------------------------------


def _of_zip(chunks: Iterator[bytes], limit: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
        for chunk in bounded(chunks, min(limit, LARGEST_ZIP)):
            kept.write(chunk)
        _check_directory(kept)
        try:
            archive = zipfile.ZipFile(kept)
        except _BROKEN_ZIP as error:
            raise FeedFault(f"broken zip data ({error})") from error
        with archive:
            yield from _zipped(archive, limit)


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a directory that would fill the memory (APPNOTE.TXT 6.3.10, section 4.3.16)."""
    file.seek(0, 2)
    length = file.tell()
    file.seek(max(0, length - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise FeedFault("the zip data ends too early")
    count, size = (
        int.from_bytes(tail[end + 10 : end + 12], "little"),
        int.from_bytes(tail[end + 12 : end + 16], "little"),
    )
    if count > MOST_FILES or size > MOST_DIRECTORY:
        raise FeedFault(f"it is an archive of more than {MOST_FILES} files")


def _zipped(archive: zipfile.ZipFile, limit: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    infos = archive.infolist()
    for info in infos:
        if info.filename in _NOT_LISTS:
            raise FeedFault(f"it is {_NOT_LISTS[info.filename]}")
    left = [limit]
    for info in infos:
        if info.is_dir():
            continue
        if info.flag_bits & 1:
            raise FeedFault(f"{one_line(info.filename, 80)} in it is encrypted; unpack it with its password first")
        yield info.filename, _content(archive, info, left)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: list[int]) -> Iterator[bytes]:
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(CHUNK):
                left[0] -= len(chunk)
                if left[0] < 0:
                    raise FeedFault("the files of the archive are larger than the limit (discover.max_feed_bytes)")
                yield chunk
    except _BROKEN_ZIP as error:
        raise FeedFault(f"broken zip data ({error})") from error


# --- tar -----------------------------------------------------------------------------------------------------------


def _is_tar(head: bytes) -> bool:
    """Tell by the checksum of the first header (POSIX.1-2001, ustar interchange format; older archives have no magic word)."""
    if len(head) < _BLOCK or not head[0]:
        return False
    header = head[:_BLOCK]
    try:
        stated = int(header[148:156].strip(b" \0") or b"-1", 8)
    except ValueError:
        return False
    return stated == sum(header[:148]) + sum(b" " * 8) + sum(header[156:])


def _of_tar(chunks: Iterator[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    stream = _Stream(chunks)
    while True:
        header = stream.read(_BLOCK)
        if header and not header.strip(b"\0"):
            return
        if len(header) < _BLOCK or not _is_tar(header):
            raise FeedFault("the tar archive ends too early, or is broken")
        size = _size(header[124:136])
        content = stream.part(size)
        if header[156:157] in b"0\0" and size:
            yield header[:100].split(b"\0", 1)[0].decode("utf-8", "replace"), content
        for _ in content:
            pass
        stream.read(-size % _BLOCK)


def _size(field: bytes) -> int:
    if field[0] & 0x80:  # base-256, for files from 8 GiB
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError as error:
        raise FeedFault("the tar archive is broken: a file has no size") from error


class _Stream:
    """Bytes of chunks, in pieces of any length."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, length: int) -> bytes:
        """Return ``length`` bytes; fewer at the end."""
        return b"".join(self._pieces(length))

    def part(self, length: int) -> Iterator[bytes]:
        """Yield the next ``length`` bytes.

        Raises:
            FeedFault: there are fewer.
        """
        left = length
        for piece in self._pieces(length):
            left -= len(piece)
            yield piece
        if left:
            raise FeedFault("the tar archive ends too early")

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length > 0:
            if not self._rest:
                self._rest = next(self._chunks, b"")
                if not self._rest:
                    return
            piece, self._rest = self._rest[:length], self._rest[length:]
            length -= len(piece)
            yield piece
