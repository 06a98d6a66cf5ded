"""Sort the certificates of a time stamp as DER (X.690) requires of a set.

OpenSSL's authority, and with it many public ones, sends them in the order of its configuration, which strict parsers refuse.  The
signature does not cover them, and sorting changes no length, so the rest of the answer stays as it is.
"""

from __future__ import annotations

SEQUENCE, SET, OID, CONTEXT_0 = 0x30, 0x31, 0x06, 0xA0
MAX_CERTIFICATES = 64


def sort_certificates(answer: bytes) -> bytes:
    """Return an RFC 3161 response with its certificates in DER's order; anything else is returned unchanged."""
    try:
        start, end = _certificates(answer)
        found: list[bytes] = []
        position = start
        while position < end and len(found) <= MAX_CERTIFICATES:
            _, after = _element(answer, position, end)
            found.append(answer[position:after])
            position = after
    except ValueError:
        return answer
    if len(found) > MAX_CERTIFICATES:
        return answer
    return answer[:start] + b"".join(sorted(found)) + answer[end:]


def _certificates(data: bytes) -> tuple[int, int]:
    """Return the offsets at which the contents of ``SignedData.certificates`` (RFC 5652, section 5.1) begin and end."""
    start, end = _enter(data, 0, len(data), SEQUENCE)  # TimeStampResp
    start = _skip(data, start, end, SEQUENCE)  # PKIStatusInfo
    start, end = _enter(data, start, end, SEQUENCE)  # ContentInfo
    start = _skip(data, start, end, OID)
    start, end = _enter(data, start, end, CONTEXT_0)
    start, end = _enter(data, start, end, SEQUENCE)  # SignedData
    start = _skip(data, start, end, 0x02)  # version
    start = _skip(data, start, end, SET)  # digestAlgorithms
    start = _skip(data, start, end, SEQUENCE)  # encapContentInfo
    return _enter(data, start, end, CONTEXT_0)


def _enter(data: bytes, start: int, end: int, tag: int) -> tuple[int, int]:
    if start >= end or data[start] != tag:
        raise ValueError("another element was expected")
    return _element(data, start, end)


def _skip(data: bytes, start: int, end: int, tag: int) -> int:
    return _enter(data, start, end, tag)[1]


def _element(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the offsets at which the contents of the element at ``start`` begin, and at which the element ends."""
    if start + 2 > end:
        raise ValueError("cut off")
    size, contents = data[start + 1], start + 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or contents + count > end:
            raise ValueError("no definite length")
        size, contents = int.from_bytes(data[contents : contents + count]), contents + count
    if contents + size > end:
        raise ValueError("cut off")
    return contents, contents + size
