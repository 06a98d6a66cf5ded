"""Canonical JSON against the examples of RFC 8785, and against Python's own reader."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.canonical_json import canonical_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        # RFC 8785, appendix B
        (0x0000000000000000, "0"),
        (0x8000000000000000, "0"),
        (0x0000000000000001, "5e-324"),
        (0x7FEFFFFFFFFFFFFF, "1.7976931348623157e+308"),
        (0x4340000000000000, "9007199254740992"),
        (0x4430000000000000, "295147905179352830000"),
        (0x44B52D02C7E14AF5, "9.999999999999997e+22"),
        (0x44B52D02C7E14AF6, "1e+23"),
        (0x44B52D02C7E14AF7, "1.0000000000000001e+23"),
        (0x444B1AE4D6E2EF4E, "999999999999999700000"),
        (0x444B1AE4D6E2EF50, "1e+21"),
        (0x3EB0C6F7A0B5ED8C, "9.999999999999997e-7"),
        (0x3EB0C6F7A0B5ED8D, "0.000001"),
        (0x41B3DE4355555553, "333333333.3333332"),
        (0xBECBF647612F3696, "-0.0000033333333333333333"),
        (0x43143FF3C1CB0959, "1424953923781206.2"),
    ],
)
def test_numbers_of_the_rfc(bits: int, text: str) -> None:
    [value] = struct.unpack(">d", struct.pack(">Q", bits))
    assert canonical_json(value).decode() == text


def test_members_are_sorted_by_utf16_code_units() -> None:
    # RFC 8785, section 3.2.3
    names = {"\u20ac": "Euro Sign", "\r": "CR", "\ufb33": "Dalet", "1": "One", "\U0001f600": "Smiley", "\u0080": "Control",
             "\u00f6": "O umlaut"}  # fmt: skip
    assert list(json.loads(canonical_json(names)).values()) == [
        "CR", "One", "Control", "O umlaut", "Euro Sign", "Smiley", "Dalet",
    ]  # fmt: skip


def test_strings_of_the_rfc() -> None:
    text = '\u20ac$\u000f\nA\'B"\\\\"/'
    assert canonical_json(text).decode() == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    assert canonical_json("a\ud800b").decode() == '"a\ufffdb"'


def _as_ecmascript(digits: str) -> int | float:
    return int(digits) if abs(int(digits)) < 2**53 else float(digits)


@given(VALUES)
def test_what_is_read_back_is_what_was_written_and_is_written_the_same(value: Any) -> None:
    data = canonical_json(value)
    assert json.loads(data, parse_int=_as_ecmascript) == value
    assert canonical_json(json.loads(data)) == data


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, 10**400, object(), {"a": b"x"}])
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(ValueError, match=r"no canonical form|not a safe integer"):
        canonical_json(value)


def test_depth_is_bounded() -> None:
    nested: Any = []
    for _ in range(200):
        nested = [nested]
    with pytest.raises(ValueError, match="nested deeper"):
        canonical_json(nested)
