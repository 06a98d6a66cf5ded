"""SHA-256 of a file and of each of its blocks, so that the altered parts of a file can be named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BLOCK = 65_536
"""Bytes of a block; the last one of a file may be shorter."""


@dataclass(frozen=True, slots=True)
class FileDigests:
    """Digests that identify the bytes of a file."""

    sha256: str
    size: int
    blocks: tuple[str, ...]
    """SHA-256 of each block in order; none for an empty file."""


def digests(chunks: Iterable[bytes], block: int = BLOCK) -> FileDigests:
    """Hash a stream of bytes, cut into blocks of ``block`` bytes however the chunks come."""
    whole, size, hashes = hashlib.sha256(), 0, []
    for piece in _blocks(chunks, block):
        whole.update(piece)
        size += len(piece)
        hashes.append(hashlib.sha256(piece).hexdigest())
    return FileDigests(whole.hexdigest(), size, tuple(hashes))


def altered_ranges(sealed: FileDigests, found: FileDigests, block: int = BLOCK) -> list[tuple[int, int]]:
    """Return the byte ranges (first and last offset, both included) in which ``found`` differs from what was sealed.

    Each range consists of whole blocks, cut at the end of the longer of the two files; adjacent ranges are joined.  Where a file is
    shorter or longer than what was sealed, the last range contains the missing or additional part.
    """
    end = max(sealed.size, found.size)
    count = max(len(sealed.blocks), len(found.blocks))
    ranges: list[tuple[int, int]] = []
    for number in range(count):
        before = sealed.blocks[number] if number < len(sealed.blocks) else None
        after = found.blocks[number] if number < len(found.blocks) else None
        if before == after:
            continue
        first, last = number * block, min((number + 1) * block, end) - 1
        if ranges and ranges[-1][1] + 1 == first:
            first = ranges.pop()[0]
        ranges.append((first, last))
    return ranges


def _blocks(chunks: Iterable[bytes], block: int) -> Iterator[bytes]:
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        while len(pending) >= block:
            yield bytes(pending[:block])
            del pending[:block]
    if pending:
        yield bytes(pending)
