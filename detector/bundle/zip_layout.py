"""Account for every byte of a zip file: what lies before, between, inside or behind its entries is named.

Readers of zip files differ in what they look at: one starts at the front, another at the directory at the end.  A bundle in which
both see the same holds nothing but its entries, in any order, and their directory (APPNOTE.TXT 6.3.10, section 4.3).
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detector.sentences import counted, printable

LOCAL = struct.Struct("<4s5H3L2H")
"""Header in front of an entry (4.3.7); its last members are packed size, size, and the lengths of name and extra field."""
_END = struct.Struct("<4s4H2LH")
_ZIP64 = struct.Struct("<QQ")
_DESCRIPTOR = 0x08
"""Flag: sizes and checksum follow the data."""
MAX_SAID = 20


@dataclass(frozen=True, slots=True)
class ZipEnd:
    """The record at the end of a zip file (4.3.16)."""

    at: int
    count: int
    directory_bytes: int
    comment_bytes: int
    zip64: bool


def find_end(descriptor: int) -> ZipEnd | None:
    """Find the last end record, as :mod:`zipfile` does; None where there is none."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - _END.size - 0xFFFF)
    tail = os.pread(descriptor, size - start, start)
    at = len(tail) - _END.size
    if not (at >= 0 and tail[at : at + 4] == b"PK\5\6" and tail[-2:] == b"\0\0"):
        at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        return None
    _, _, _, _, count, length, _, comment = _END.unpack_from(tail, at)
    zip64 = tail[max(at - 20, 0) : at].startswith(b"PK\6\7")
    return ZipEnd(start + at, count, length, comment, zip64)


def layout_problems(descriptor: int, entries: Sequence[zipfile.ZipInfo], end: ZipEnd) -> list[str]:
    """Name bytes that belong to no entry, entries that overlap, and local headers that contradict the directory."""
    problems: list[str] = []
    position, before = 0, "the beginning"
    for info in sorted(entries, key=lambda info: info.header_offset):
        name = printable(info.orig_filename[:160], "\ufffd")
        if info.header_offset > position:
            problems.append(_surplus(info.header_offset - position, f"between {before} and {name}"))
        elif info.header_offset < position:
            problems.append(f"{name} overlaps {before} in the zip file")
        length = _entry_bytes(descriptor, info)
        if length is None:
            problems.append(f"{name} has another header in the zip file than its directory says")
            length = LOCAL.size + info.compress_size
        position, before = max(position, info.header_offset + length), name
    directory = end.at - end.directory_bytes
    if directory > position:
        problems.append(_surplus(directory - position, f"between {before} and the directory"))
    elif directory < position:
        problems.append(f"{before} overlaps the zip file's directory")
    if end.comment_bytes:
        problems.append(f"the zip file has a comment of {counted(end.comment_bytes, 'byte')}, which no bundle has")
    behind = os.fstat(descriptor).st_size - end.at - _END.size - end.comment_bytes
    if behind > 0:
        problems.append(_surplus(behind, "behind its end"))
    if len(problems) > MAX_SAID:
        problems[MAX_SAID:] = [f"and {len(problems) - MAX_SAID} more places of the zip file"]
    return problems


def _surplus(size: int, where: str) -> str:
    return f"the zip file holds {counted(size, 'byte')} {where} that belong to no file"


def _entry_bytes(descriptor: int, info: zipfile.ZipInfo) -> int | None:
    """Bytes of an entry with its header; None where the header is missing or contradicts the directory."""
    head = os.pread(descriptor, LOCAL.size, info.header_offset)
    if len(head) < LOCAL.size:
        return None
    signature, _, flags, method, _, _, _, packed, size, name_bytes, extra_bytes = LOCAL.unpack(head)
    rest = os.pread(descriptor, name_bytes + extra_bytes, info.header_offset + LOCAL.size)
    name, extra = rest[:name_bytes], rest[name_bytes:]
    wanted = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace")
    if signature != b"PK\3\4" or (flags, method, name) != (info.flag_bits, info.compress_type, wanted):
        return None
    later = bool(flags & _DESCRIPTOR)
    sizes = _zip64_sizes(extra) if packed == size == 0xFFFFFFFF else (packed, size)
    if sizes != (info.compress_size, info.file_size) and not (later and sizes in {(0, 0), None}):
        return None
    data: int = LOCAL.size + name_bytes + extra_bytes + info.compress_size
    return data + (_descriptor_bytes(descriptor, info, info.header_offset + data) if later else 0)


def _zip64_sizes(extra: bytes) -> tuple[int, int] | None:
    """Packed and unpacked size in an extra field (4.5.3)."""
    for kind, data in _fields(extra):
        if kind == 1 and len(data) >= _ZIP64.size:
            size, packed = _ZIP64.unpack_from(data)
            return packed, size
    return None


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, position)
        yield kind, extra[position + 4 : position + 4 + size]
        position += 4 + size


def _descriptor_bytes(descriptor: int, info: zipfile.ZipInfo, at: int) -> int:
    """Length of the record behind an entry's data that repeats checksum and sizes (4.3.9), in each of its four forms."""
    found = os.pread(descriptor, 24, at)
    for signature in (b"PK\7\x08", b""):
        for form in ("<LLL", "<LQQ"):
            try:
                record = signature + struct.pack(form, info.CRC, info.compress_size, info.file_size)
            except struct.error:
                continue
            if found.startswith(record):
                return len(record)
    return 0
