"""Decompress and decode feeds chunk by chunk, up to a limit of bytes."""

from __future__ import annotations

import bz2
import codecs
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

CHUNK = 1 << 16
NO_LIMIT = 1 << 50
"""Limit for local files, which are read as streams whatever their size."""
_NESTED = 3
"""Levels of compression that are undone: a .gz file that was sent with ``Content-Encoding: gzip`` has two."""
_DICTIONARY = 128 << 20
"""Bytes of memory for xz: its highest level takes 65 MiB."""
_EMPTY_PARTS = 1000
"""Compressed parts without content that may follow each other: each costs time, and adds nothing."""


class FeedFault(Exception):
    """The rest of a feed cannot be read; the message says why.  Everything before was valid."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of bz2's: it keeps input that exceeds the requested output."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DICTIONARY)


def _lzma() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_DICTIONARY)


_PACKINGS: tuple[tuple[bytes, str, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b\x08", "gzip", _Gzip),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", _xz),
    (b"\x5d\x00\x00", "lzma", _lzma),
)


def unpack(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Decompress gzip, bzip2, xz and lzma, recognised by their first bytes, in chunks of at most 64 KiB.

    Raises:
        FeedFault: after everything readable: the data is cut off or broken, or exceeds ``limit`` bytes.
    """
    plain: Iterator[bytes] = bounded(chunks, limit)
    for _ in range(_NESTED):
        plain, packing = _peel(plain, limit)
        if not packing:
            break
    else:
        plain, packing = _peel(plain, limit)
        if packing:
            raise FeedFault(f"it is compressed more than {_NESTED} times")
    yield from plain


def _peel(chunks: Iterator[bytes], limit: int) -> tuple[Iterator[bytes], str]:
    head = b""
    fault: FeedFault | None = None
    try:
        while len(head) < 6:
            head += next(chunks)
    except StopIteration:
        pass
    except FeedFault as error:
        fault = error
    whole = _joined(head, chunks, fault)
    for magic, name, kind in _PACKINGS:
        if head.startswith(magic):
            return bounded(_decompressed(whole, name, kind), limit), name
    return whole, ""


def _joined(head: bytes, chunks: Iterator[bytes], fault: FeedFault | None) -> Iterator[bytes]:
    if head:
        yield head
    if fault is not None:
        raise fault
    yield from chunks


def bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the first ``limit`` bytes of data.

    Raises:
        FeedFault: there are more.
    """
    left = limit
    for chunk in chunks:
        if len(chunk) > left:
            yield chunk[:left]
            raise FeedFault(f"cut after {limit} bytes (discover.max_feed_bytes)")
        left -= len(chunk)
        yield chunk


def _decompressed(chunks: Iterable[bytes], name: str, kind: Callable[[], _Decompressor]) -> Iterator[bytes]:
    machine = kind()
    started = False
    empty = 0
    try:
        for chunk in chunks:
            data = chunk
            while True:
                if machine.eof:  # several members one after the other are one file (RFC 1952, section 2.2)
                    data = machine.unused_data + data
                    if not data.strip(b"\0"):
                        break
                    machine, started = kind(), False
                    empty += 1
                    if empty > _EMPTY_PARTS:
                        raise FeedFault(f"the {name} data has more than {_EMPTY_PARTS} empty parts one after the other")
                piece = machine.decompress(data, CHUNK)
                started = True
                data = b""
                if piece:
                    empty = 0
                    yield piece
                elif not machine.eof:
                    break
    except (zlib.error, lzma.LZMAError, OSError, ValueError) as error:
        raise FeedFault(f"broken {name} data ({error})") from error
    if started and not machine.eof:
        raise FeedFault(f"the {name} data ends too early")


def text_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Decode as UTF-8, or as UTF-16 where a byte order mark says so; invalid bytes become U+FFFD."""
    decoder: codecs.IncrementalDecoder | None = None
    head = b""
    for chunk in chunks:
        data = chunk
        if decoder is None:
            head += chunk
            if len(head) < 3:
                continue
            utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")("replace")
            data = head
        text = decoder.decode(data)
        if text:
            yield text
    if decoder is None:
        yield head.decode("utf-8", "replace")
        return
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest
