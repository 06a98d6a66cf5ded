"""Examine pictures from the browser or from a site, under limits; call it in threads, never on the event loop."""

from __future__ import annotations

import io
import struct
import warnings
from base64 import b64decode
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PIL import Image

from detector.brands import render_picture
from detector.pictures.shown_picture import as_shown

MAX_ICON_SIDE = 1024
"""Pixels; icons that claim more are not decoded."""
KEPT_ICON_SIDE = 256
MAX_INLINE = 1_500_000
"""Characters of a ``data:`` address."""
ICON_FORMATS = ("PNG", "ICO", "GIF", "JPEG", "WEBP", "BMP")

_SVG, SVG_BEGIN = b"<svg", 3000
"""Beginning of an SVG, and the number of first bytes in which it must stand."""
_ICO = b"\0\0\1\0"


def is_one_colour(png: bytes) -> bool:
    """Tell whether all pixels of the browser's own screenshot have the same colour."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        bands = picture.convert("RGB").split()
    return all(low == high for low, high in (band.getextrema() for band in bands))


def icon_as_png(data: bytes) -> bytes | None:
    """Decode an icon of unknown origin and encode it as a PNG of at most 256 pixels a side; None when it is not an icon.

    An SVG is drawn by the renderer of the brands' logos, under its limits.
    """
    try:
        if _SVG in data[:SVG_BEGIN]:
            drawn = io.BytesIO()
            render_picture(Path("icon.svg"), data, KEPT_ICON_SIDE).save(drawn, "PNG")
            return drawn.getvalue()
        if data.startswith(_ICO) and _hides_large(data):  # Pillow decodes such a file when it opens it
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=ICON_FORMATS) as picture:
                if not 0 < max(picture.size) <= MAX_ICON_SIDE:
                    return None
                image = as_shown(picture).convert("RGBA")
        image.thumbnail((KEPT_ICON_SIDE, KEPT_ICON_SIDE))
        output = io.BytesIO()
        image.save(output, "PNG")
        return output.getvalue()
    except Exception:
        return None


def _hides_large(data: bytes) -> bool:
    """Tell whether a picture in an ICO file claims to be larger than icons are: the file's own directory may say 16 pixels.

    Raises:
        struct.error: it is cut off.
    """
    for entry in range(struct.unpack_from("<H", data, 4)[0]):
        start = struct.unpack_from("<I", data, 6 + 16 * entry + 12)[0]
        is_png = data.startswith(b"\x89PNG", start)
        width, height = (
            struct.unpack_from(">II", data, start + 16) if is_png else struct.unpack_from("<Ii", data, start + 4)
        )
        if width > MAX_ICON_SIDE or abs(height) > 2 * MAX_ICON_SIDE:  # a bitmap's height counts its mask too
            return True
    return False


def inline_picture(url: str) -> bytes | None:
    """Return the bytes of a ``data:`` address (RFC 2397); None where it is malformed or too long.

    As in browsers, ``base64`` may be capital and stand apart, and its padding may be missing.
    """
    head, comma, body = url.partition(",")
    if not comma or len(body) > MAX_INLINE:
        return None
    try:
        data = unquote_to_bytes(body)
        if head.rpartition(";")[2].strip().lower() != "base64":
            return data
        letters = b"".join(data.split()).rstrip(b"=")
        return b64decode(letters + b"=" * (-len(letters) % 4))
    except ValueError:
        return None
