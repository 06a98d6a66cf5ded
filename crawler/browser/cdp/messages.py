"""Messages of the DevTools pipe, each ended by a NUL byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode


class MessageSplitter:
    """Splits a byte stream into messages: each ends with a NUL byte, and they come in pieces of any size."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def whole(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that ``data`` completes, without their NUL bytes."""
        first, *more = data.split(b"\0")
        self._begun.append(first)
        for part in more:
            message = b"".join(self._begun)
            self._begun = [part]
            yield message


def encode(message: dict[str, Any]) -> bytes:
    """Serialise a message, without its NUL byte."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError:  # a lone surrogate, which JSON can have and UTF-8 cannot
        return json.dumps(message).encode("ascii")


def parse(message: bytes) -> dict[str, Any]:
    """Parse a message without its NUL byte."""
    try:
        parsed: dict[str, Any] = _decode(message)
    except msgspec.DecodeError:  # lone surrogates again
        parsed = json.loads(message)
    return parsed
