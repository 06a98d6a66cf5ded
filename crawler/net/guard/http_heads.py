"""HTTP/1.1 message heads (RFC 9112), limited in size; what a hostile peer sends is refused or kept as bytes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.hosts import ascii_host

HEAD_LIMIT = 262_144
"""Bytes of one head: the limit that Chromium has for answers; also the buffer of one connection."""
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_STATUS = re.compile(rb"[2-5][0-9][0-9]\Z")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authorization",
        b"proxy-authenticate",
        b"te",
        b"upgrade",
    )
)
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

Headers = list[tuple[bytes, bytes]]


class BadHeadError(Exception):
    """A head that breaks RFC 9112 or its limit; the message says how."""


class HeadTooLongError(BadHeadError):
    """A head over the limit; ``begin`` is the part of it that was received."""

    def __init__(self, begin: bytes) -> None:
        super().__init__(f"a head is longer than {HEAD_LIMIT} bytes")
        self.begin = begin


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """The destination of a request; ``host`` is lower case without brackets."""

    host: str
    port: int
    path: str = "/"


@dataclass(frozen=True, slots=True)
class MessageHead:
    """Start line, split in three, and headers in their order."""

    start: tuple[bytes, bytes, bytes]
    headers: Headers
    size: int = 0
    """Bytes of the head as received."""

    def values(self, name: bytes) -> list[bytes]:
        """Return all values of a header; ``name`` in lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    def content_length(self) -> int | None:
        """Return the bytes of the body as announced; None when chunked, absent or contradictory."""
        lengths = set(self.values(b"content-length"))
        if self.values(b"transfer-encoding") or len(lengths) != 1:
            return None
        value = lengths.pop()
        return int(value) if value.isdigit() and len(value) < 20 else None

    def body_length(self, method: bytes) -> int | None:
        """Return the bytes of the body of this answer to ``method``; None where only its chunks or the connection's end tell.

        RFC 9112, section 6.3.  A length that is ambiguous counts as unknown.
        """
        if method == b"HEAD" or self.start[1] in (b"204", b"304"):
            return 0
        if not _STATUS.match(self.start[1]) or len(self.values(b"content-length")) != 1:
            return None
        return self.content_length()

    def keeps_open(self) -> bool:
        """Tell whether the sender leaves the connection open afterwards."""
        options = {name.strip().lower() for value in self.values(b"connection") for name in value.split(b",")}
        version = self.start[0] if self.start[0].startswith(b"HTTP/") else self.start[2]
        return b"close" not in options and (version == b"HTTP/1.1" or b"keep-alive" in options)

    def end_to_end(self) -> Headers:
        """Return the headers without those that concern one connection only (RFC 9110, section 7.6.1)."""
        named = {name.strip().lower() for value in self.values(b"connection") for name in value.split(b",")}
        dropped = _HOP_BY_HOP | named
        return [(key, value) for key, value in self.headers if key.lower() not in dropped]


def end_of_head(data: bytes | bytearray, start: int = 0) -> int | None:
    """Return where the first head in ``data`` ends, its blank line included, searching from ``start``; None: not yet."""
    found = _BLANK_LINE.search(data, start)
    return found.end() if found else None


def parse(raw: bytes, *, lenient: bool = False) -> MessageHead:
    """Parse a head from its bytes, the blank line included.

    ``lenient`` skips malformed header lines, as browsers do with the answers of careless servers.

    Raises:
        BadHeadError: it is malformed.
    """
    lines = raw.replace(b"\r\n", b"\n").strip(b"\n").split(b"\n")
    start = lines[0].split(b" ", 2)
    if len(start) < 2 or b"\r" in lines[0] or b"\0" in lines[0]:
        raise BadHeadError("the first line of a message head is malformed")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if colon and _TOKEN.match(name) and b"\r" not in value and b"\0" not in value:
            headers.append((name, value.strip()))
        elif not lenient:
            raise BadHeadError("a head has a malformed header line")
    return MessageHead((start[0], start[1], start[2] if len(start) > 2 else b""), headers, len(raw))


async def read_head(reader: asyncio.StreamReader, *, lenient: bool = False) -> MessageHead | None:
    """Read one head from a stream; None when the peer closed before its first byte.

    Raises:
        BadHeadError: it is malformed, cut off or over :data:`HEAD_LIMIT`.
    """
    raw = b""
    try:
        while end_of_head(raw[-4:]) is None:
            raw += await reader.readuntil(b"\n")
            if len(raw) > HEAD_LIMIT:
                raise HeadTooLongError(raw)
    except asyncio.IncompleteReadError as error:
        if not raw and not error.partial:
            return None
        raise BadHeadError("the connection ended within a head") from error
    except (asyncio.LimitOverrunError, ValueError) as error:
        raise HeadTooLongError(raw) from error
    return parse(raw, lenient=lenient)


def upload_length(request: MessageHead) -> int | None:
    """Return the bytes of a request's body; None where only its chunks tell.

    Raises:
        BadHeadError: it announces more than one length.
    """
    lengths, coded = request.values(b"content-length"), request.values(b"transfer-encoding")
    if not lengths:
        return None if coded else 0
    length = request.content_length()
    if coded or len(lengths) > 1 or length is None:
        raise BadHeadError("a request's length is contradictory")
    return length


def encode(start: tuple[bytes, bytes, bytes], headers: Headers) -> bytes:
    """Return the head as bytes, with the blank line that ends it."""
    lines = [b" ".join(start).rstrip(b" "), *(key + b": " + value for key, value in headers), b"", b""]
    return b"\r\n".join(lines)


def authority(text: str, default_port: int | None = None) -> RequestTarget:
    """Parse ``host:port`` of a CONNECT request.

    Raises:
        BadHeadError: no host, or no port within 1 to 65535.
    """
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port or default_port
    except ValueError as error:
        raise BadHeadError(f"bad authority: {error}") from error
    if not parts.hostname or not port or parts.path or parts.username is not None:
        raise BadHeadError("bad authority")
    return RequestTarget(parts.hostname, port)


def absolute(url: str) -> RequestTarget:
    """Parse the absolute http address of a proxied request.

    Raises:
        BadHeadError: another scheme, no host, or a bad port.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError as error:
        raise BadHeadError(f"bad address: {error}") from error
    if parts.scheme != "http" or not parts.hostname:
        raise BadHeadError("only absolute http addresses are forwarded")
    rest = re.split(r"(?=[/?#])", url[len("http://") :], maxsplit=1)[1:]
    path = rest[0].partition("#")[0] if rest else "/"
    return RequestTarget(parts.hostname, port, path if path.startswith("/") else f"/{path}")


def as_sent(url: str) -> str:
    """Return ``url`` as a browser puts it into a request: without user name, password and fragment."""
    scheme, colon, rest = url.partition("#")[0].partition("://")
    if not colon:
        return url
    end = next((index for index, character in enumerate(rest) if character in "/?"), len(rest))
    return f"{scheme}://{rest[:end].rpartition('@')[2]}{rest[end:]}"


def endpoint(url: str) -> tuple[str, int] | None:
    """Return the host and port that a browser connects to for ``url``; None where it connects nowhere (``data:``, malformed)."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (ascii_host(parts.hostname), port) if parts.hostname and port else None
