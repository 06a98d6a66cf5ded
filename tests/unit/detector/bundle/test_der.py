"""The certificates of a time stamp are sorted; other content is left unchanged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.bundle.der import sort_certificates


def element(tag: int, *contents: bytes) -> bytes:
    data = b"".join(contents)
    size = len(data)
    if size < 128:
        return bytes([tag, size]) + data
    return bytes([tag, 0x82]) + size.to_bytes(2) + data


def answer(certificates: list[bytes]) -> bytes:
    """A response (RFC 3161) with nothing in it but its frame and certificates."""
    signed = element(
        0x30, element(2, b"\3"), element(0x31), element(0x30), element(0xA0, *certificates), element(0x31, b"rest")
    )
    return element(0x30, element(0x30, element(2, b"\0")), element(0x30, element(6, b"\x2a"), element(0xA0, signed)))


@given(st.lists(st.binary(max_size=300).map(lambda data: element(0x30, data)), max_size=6))
def test_certificates_are_sorted_and_nothing_else_moves(certificates: list[bytes]) -> None:
    assert sort_certificates(answer(certificates)) == answer(sorted(certificates))


@given(st.binary(max_size=60))
def test_what_is_no_answer_is_left_as_it_is(data: bytes) -> None:
    assert sort_certificates(data) == data


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_broken_answer_keeps_its_length(position: int, value: int) -> None:
    data = bytearray(answer([element(0x30, b"b" * 90), element(0x30, b"a" * 90)]))
    data[position] = value
    assert sorted(sort_certificates(bytes(data))) == sorted(data)
