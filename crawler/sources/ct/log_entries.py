"""Parsers of log entries: data tiles (static-CT), names tiles, and ``get-entries`` of RFC 6962, with leaf hashes and host names."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from crawler.sources.ct.merkle import HASH_BYTES, leaf_hash

X509, PRECERT = 0, 1
_MAX_NAMES = 1000
_MAX_CERTIFICATE, _MAX_NAMES_LINE = 1 << 20, 1 << 20
"""Bytes of a certificate, and of a line of a names tile, above which none is read: parsed, they take many times their size."""
_MAX_TIMESTAMP = (1 << 64) - 1
"""Largest timestamp of a TimestampedEntry; names tiles are JSON and may contain anything."""
_NO_HOST = frozenset(" /\\@:?#%<>[]\x00")
_LEAF_HEAD = b"\x00\x00"
"""Version v1, leaf type timestamped_entry (RFC 6962, section 3.4)."""


class EntryError(Exception):
    """A tile or entry is cut off or malformed."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One certificate in a log."""

    timestamp: int
    """Time at which the log accepted it, in milliseconds since 1970."""
    names: tuple[str, ...]
    """DNS names of the certificate, in lower case."""
    leaf: bytes | None = None
    """Leaf hash of the entry; None where only names were read."""


class _AnsweredEntry(msgspec.Struct):
    leaf_input: str
    extra_data: str


class _AnsweredEntries(msgspec.Struct):
    entries: list[_AnsweredEntry]


class _Bytes:
    """Reader of big-endian numbers and length-prefixed vectors (RFC 8446, section 3)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self._data):
            raise EntryError(f"cut off at byte {len(self._data)}")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> bytes:
        return self.take(self.number(width))

    @property
    def left(self) -> int:
        return len(self._data) - self.at

    def since(self, start: int) -> bytes:
        return self._data[start : self.at]


def read_data_tile(tile: bytes) -> Iterator[LogEntry]:
    """Yield the entries of a data tile, in order.

    Raises:
        EntryError: the tile is cut off or malformed; the entries before the fault were yielded.
    """
    data = _Bytes(tile)
    while data.left:
        start = data.at
        timestamp, kind, certificate = _timestamped(data)
        leaf = leaf_hash(_LEAF_HEAD + data.since(start))
        if kind == PRECERT:
            certificate = data.vector(3)
        fingerprints = data.vector(2)
        if len(fingerprints) % HASH_BYTES:
            raise EntryError("the chain's fingerprints have the wrong length")
        yield LogEntry(timestamp, names_of(certificate), leaf)


def read_entry(leaf_input: bytes, extra_data: bytes) -> LogEntry:
    """Parse one entry of ``get-entries`` (RFC 6962, section 4.6).

    Raises:
        EntryError: the entry is cut off or malformed.
    """
    if leaf_input[:2] != _LEAF_HEAD:
        raise EntryError("an entry of another version")
    data = _Bytes(leaf_input)
    data.take(2)
    timestamp, kind, certificate = _timestamped(data)
    if data.left:
        raise EntryError("bytes follow the entry")
    if kind == PRECERT:
        certificate = _Bytes(extra_data).vector(3)
    return LogEntry(timestamp, names_of(certificate), leaf_hash(leaf_input))


def read_entries(body: bytes, most: int) -> list[LogEntry]:
    """Parse an answer of ``get-entries`` (RFC 6962, section 4.6), its first ``most`` entries.

    Raises:
        EntryError: it is malformed; of another shape, it is refused before it takes memory.
    """
    try:
        listed = msgspec.json.decode(body, type=_AnsweredEntries).entries[:most]
        raw = [(base64.b64decode(each.leaf_input), base64.b64decode(each.extra_data)) for each in listed]
    except (ValueError, RecursionError) as error:
        raise EntryError(str(error)) from error
    return [read_entry(leaf, extra) for leaf, extra in raw]


def read_names_tile(tile: bytes) -> Iterator[LogEntry]:
    """Yield the entries of a names tile: JSON lines with ``Timestamp``, ``DNS`` and the subject's common name.

    Raises:
        EntryError: a line is not such an object.
    """
    for line in tile.splitlines():
        if not line.strip():
            continue
        if len(line) > _MAX_NAMES_LINE:
            raise EntryError(f"a names tile with a line of {len(line)} bytes")
        try:
            entry = msgspec.json.decode(line)
            timestamp, listed = min(max(0, int(entry.get("Timestamp") or 0)), _MAX_TIMESTAMP), entry.get("DNS") or []
            subject = entry.get("Subject") or {}
            common = subject.get("CommonName") if subject else entry.get("Subject.CommonName")
        except (msgspec.DecodeError, ValueError, AttributeError, TypeError, RecursionError) as error:
            raise EntryError(f"a names tile with a malformed line ({error})") from error
        names = [*listed, common] if isinstance(listed, list) else [common]
        yield LogEntry(timestamp, host_names(name for name in names if isinstance(name, str)))


def _timestamped(data: _Bytes) -> tuple[int, int, bytes]:
    """Return timestamp, kind and certificate of a TimestampedEntry; a precertificate is stored after it, hence empty bytes."""
    timestamp, kind = struct.unpack(">QH", data.take(10))
    if kind == X509:
        certificate = data.vector(3)
    elif kind == PRECERT:
        data.take(HASH_BYTES)
        data.vector(3)
        certificate = b""
    else:
        raise EntryError(f"an entry of the unknown type {kind}")
    data.vector(2)
    return timestamp, kind, certificate


def names_of(certificate: bytes) -> tuple[str, ...]:
    """Return the DNS names of a certificate's subject alternative names and common name; none where it cannot be parsed.

    Logs accept what their root certificates signed, which is not always well-formed.
    """
    if len(certificate) > _MAX_CERTIFICATE:
        return ()
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        names = [str(each.value) for each in parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except (ValueError, TypeError, x509.InvalidVersion):
        return ()
    try:
        extension = parsed.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
        if isinstance(extension, x509.SubjectAlternativeName):
            names += extension.get_values_for_type(x509.DNSName)
    except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        pass
    return host_names(iter(names))


def host_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return host names in lower case, each once; a common name that is not a host name (``Example Ltd``) is left out."""
    found: dict[str, None] = {}
    for name in names:
        host = name.strip().lower().rstrip(".").removeprefix("*.")
        if "." in host and len(host) <= 253 and _NO_HOST.isdisjoint(host):
            found[host] = None
        if len(found) >= _MAX_NAMES:
            break
    return tuple(found)
