"""Extract web addresses from PDF files and pictures (QR codes), and keep people's own addresses out of them."""

from __future__ import annotations

import base64
import contextlib
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

import cv2

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.reader import read_address
from crawler.addresses.text_search import find_addresses
from detector.signals.capture_view import UnreadablePicture, decode_picture

MAX_PIXELS = 40_000_000
_PDF_STREAMS, _PDF_STREAM_BYTES = 200, 1 << 20
_PDF_LINK = re.compile(rb"/URI\s*\(((?:[^()\\]|\\.){4,2000})\)")


def in_pdf(data: bytes) -> Iterator[str]:
    """Yield targets of link annotations, also in compressed object streams (ISO 32000-1, 12.6.4.7)."""
    parts = [data]
    at = 0
    for _ in range(_PDF_STREAMS):
        start = data.find(b"stream", at)
        end = data.find(b"endstream", start + 6) if start >= 0 else -1
        if end < 0:
            break
        at = end + 9
        try:
            packed = data[start + 6 : end].lstrip(b"\r\n")
            parts.append(zlib.decompressobj().decompress(packed, _PDF_STREAM_BYTES))
        except zlib.error:
            continue
    for part in parts:
        for link in _PDF_LINK.finditer(part):
            target = re.sub(rb"\\(.)", rb"\1", link[1]).decode("latin-1").strip()
            yield from _read(target)


def in_picture(data: bytes) -> Iterator[str]:
    """Yield addresses in QR codes; none where the data is not a picture, or one larger than ``MAX_PIXELS``."""
    try:
        pixels = decode_picture(data, MAX_PIXELS)
    except UnreadablePicture:
        return
    try:
        _, texts, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(pixels)
    except cv2.error:
        return
    for text in texts:
        if text.lower().startswith(("http://", "https://", "www.")):
            yield from _read(text)
        else:
            yield from find_addresses(text)


def _read(text: str) -> Iterator[str]:
    if text.lower().startswith(("http://", "https://", "www.")):
        with contextlib.suppress(BadUrl):
            yield read_address(text)


def without(url: str, address: str) -> str:
    """Return ``url`` without a person's mail address, plain, percent-encoded or in base64: reported links often carry it."""
    if not address:
        return url
    for written in (address, address.replace("@", "%40"), unquote(address)):
        url = re.sub(re.escape(written), "someone@example.com", url, flags=re.I)
    coded = base64.b64encode(address.encode("utf-8", "replace")).decode().rstrip("=")
    return url.replace(coded, base64.b64encode(b"someone@example.com").decode().rstrip("="))
