"""Canonical JSON (RFC 8785, JCS): one sequence of bytes for one value, so that it can be hashed and signed."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

MAX_DEPTH = 64
MAX_SAFE_INTEGER = 2**53 - 1
"""Beyond it a reader that keeps numbers as IEEE 754 doubles, as JCS has it, reads another number."""


def canonical_json(value: Any) -> bytes:
    """UTF-8 of plain data (dict, list, str, int, float, bool, None): members sorted by UTF-16 code units, no white space.

    Lone surrogates become U+FFFD.

    Raises:
        ValueError: a number that is not finite or not safe, a value of another type, or nesting deeper than 64.
    """
    return _encode(value, 0).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _encode(value: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return str(value) if abs(value) <= MAX_SAFE_INTEGER else _large(value)
        case float():
            return _number(value)
        case list() | tuple():
            return "[" + ",".join(_encode(item, depth + 1) for item in value) + "]"
        case dict():
            members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
            return "{" + ",".join(f"{_encode(key, 0)}:{_encode(item, depth + 1)}" for key, item in members) + "}"
    raise ValueError(f"{type(value).__name__} has no canonical form")


def _large(value: int) -> str:
    """An integer that a double holds, as ECMAScript would write it: what a float of a page's layout is read back as."""
    try:
        text = _number(float(value))
    except OverflowError:
        text = ""
    if text != str(value):
        raise ValueError(f"{str(value)[:40]} is no safe integer")
    return text


def _number(value: float) -> str:
    """As ECMAScript writes it (Number::toString): the shortest digits that read back the same."""
    if not math.isfinite(value):
        raise ValueError("a number that is not finite has no canonical form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    parts = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, parts.digits))
    count, exponent = len(digits), parts.exponent
    assert isinstance(exponent, int)
    point = count + exponent
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
