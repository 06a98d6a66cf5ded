"""Extract web addresses from text, HTML, PDF files and pictures (QR codes)."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

import cv2

from crawler.discovery.urls import refang
from detector.signals.capture_view import UnreadablePicture, decode_picture

MAX_TEXT = 2_000_000
MAX_PIXELS = 40_000_000
_PDF_STREAMS, _PDF_STREAM_BYTES = 200, 1 << 20
_IN_TEXT = re.compile(
    r"(?:\b(?:https?|hxxps?)\s?(?::|\[:\]|%3a)\s?//[^\s<>\"'`\u3000\u3001\u3002\uff08\uff09\u300c\u300d]{3,2000})"
    r"|(?:\bwww(?:\.|\[\.\])[a-z0-9-]+(?:\.|\[\.\])[^\s<>\"'`]{2,2000})"
    r"|(?:(?<![@\w.-])(?:[a-z0-9-]{1,63}\[\.\]){1,20}[a-z]{2,63}(?:/[^\s<>\"'`]{0,2000})?)",
    re.I,
)
_TRAILING = ".,;:!?)]}>*_\u2019\u201d"
_LINKS = {"a": "href", "area": "href", "form": "action", "iframe": "src", "meta": "content", "base": "href"}
_PDF_LINK = re.compile(rb"/URI\s*\(((?:[^()\\]|\\.){4,2000})\)")
_META_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"]+)", re.I)


def in_text(text: str) -> Iterator[str]:
    """Yield addresses in running text, defanged ones too, without the punctuation that follows them."""
    for found in _IN_TEXT.finditer(text[:MAX_TEXT]):
        url = found[0].rstrip(_TRAILING)
        if ")" in found[0] and url.count("(") > url.count(")"):
            url += ")"
        yield refang(url)


def in_html(html: str) -> Iterator[str]:
    """Yield targets of links, forms, frames and refreshes, and addresses in the text."""
    reader = _Links()
    with contextlib.suppress(AssertionError):  # html.parser fails on "<![<![": everything before it was read
        reader.feed(html[:MAX_TEXT])
    for target in reader.targets:
        if target.lower().startswith(("http://", "https://")):
            yield target
    yield from in_text(" ".join(reader.text))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.targets: list[str] = []
        self.text: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = _LINKS.get(tag)
        for name, value in attrs:
            if name == wanted and value:
                refresh = _META_REFRESH.search(value) if tag == "meta" else None
                self.targets.append((refresh[1] if refresh else value).strip())
        self._silent += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"} and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)


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
            if target.lower().startswith(("http://", "https://")):
                yield target


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
            yield text.strip()
        else:
            yield from in_text(text)


def without(url: str, address: str) -> str:
    """Return ``url`` without a person's mail address, plain or percent-encoded: reported links often carry it."""
    if not address:
        return url
    for written in (address, address.replace("@", "%40"), unquote(address)):
        url = re.sub(re.escape(written), "someone@example.com", url, flags=re.I)
    return url
