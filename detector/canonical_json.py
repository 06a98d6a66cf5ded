"""Canonical JSON (RFC 8785, JCS): one sequence of bytes for one value, so that it can be hashed and signed."""

from __future__ import annotations

from typing import Any

import rfc8785

MAX_DEPTH = 64
MAX_SAFE_INTEGER = 2**53 - 1
"""Beyond it a reader that keeps numbers as IEEE 754 doubles, as JCS has it, reads another number."""


def canonical_json(value: Any) -> bytes:
    """UTF-8 of plain data (dict, list, str, int, float, bool, None): members sorted by UTF-16 code units, no white space.

    Lone surrogates become U+FFFD.  Integers beyond the safe ones are taken where a double holds them exactly: floats of a page's
    layout are read back as such.

    Raises:
        ValueError: a number that is not finite or not safe, a value of another type, or nesting deeper than 64.
    """
    try:
        return rfc8785.dumps(_encodable(value, 0))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"a value has no canonical form: {error}") from error


def _encodable(value: Any, depth: int) -> Any:
    """Copy the value with what RFC 8785 cannot carry replaced."""
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case bool():
            return value
        case int():
            return value if abs(value) <= MAX_SAFE_INTEGER else _as_double(value)
        case list() | tuple():
            return [_encodable(item, depth + 1) for item in value]
        case dict():
            return {_encodable(key, 0): _encodable(item, depth + 1) for key, item in value.items()}
    return value


def _as_double(value: int) -> float:
    """The double of an integer that ECMAScript would write with the same digits."""
    try:
        number = float(value)
    except OverflowError:
        number = 0.0
    if rfc8785.dumps(number) != str(value).encode():
        raise ValueError(f"{str(value)[:40]} is not a safe integer")
    return number
