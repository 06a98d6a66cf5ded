"""Encode model objects as JSON and as plain data, and decode them; times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def utcnow() -> datetime:
    """The current time, with UTC as its zone."""
    return datetime.now(UTC)


def to_json(value: object) -> bytes:
    """Encode any model object (or plain data that holds some) as compact UTF-8 JSON."""
    return msgspec.json.encode(value)


def to_builtins(value: object) -> Any:
    """Convert any model object to plain dicts, lists and strings."""
    return msgspec.to_builtins(value)


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Decode what :func:`to_json` wrote.

    Raises:
        msgspec.ValidationError: ``data`` is not a ``kind``; the message names the place.
    """
    return msgspec.json.decode(data, type=kind)
