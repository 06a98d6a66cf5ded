"""Model objects as JSON and as plain data; times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def utcnow() -> datetime:
    """Now, in UTC and aware of it."""
    return datetime.now(UTC)


def to_json(value: object) -> bytes:
    """Encode any model object (or plain data that holds some) as compact UTF-8 JSON."""
    return msgspec.json.encode(value)


def to_builtins(value: object) -> Any:
    """The same as plain dicts, lists and strings."""
    return msgspec.to_builtins(value)


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Decode what :func:`to_json` wrote.

    Raises:
        msgspec.ValidationError: ``data`` is no ``kind``; the message names the place.
    """
    return msgspec.json.decode(data, type=kind)
