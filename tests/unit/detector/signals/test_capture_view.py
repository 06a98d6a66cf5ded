"""Pictures are decoded within limits, whatever the bytes are."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from detector.model import Capture, Outcome
from detector.signals.capture_view import CaptureView, UnreadablePicture, decode_picture

LIMIT = 1_000_000


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG that says it is 60,000 x 60,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


NOISE = encoded(Image.effect_noise((64, 48), 80))
GREY = Image.linear_gradient("L").resize((64, 48))


@pytest.mark.parametrize(
    "data",
    [
        encoded(GREY),
        encoded(GREY.convert("RGB"), "JPEG"),
        encoded(GREY.convert("CMYK"), "JPEG"),
        encoded(GREY.convert("P")),
        encoded(GREY.convert("RGBA")),
        encoded(GREY.convert("1")),
        encoded(Image.fromarray(np.asarray(GREY, np.uint16) * 257)),
        encoded(GREY.convert("P"), "GIF", save_all=True, append_images=[GREY.convert("P").rotate(180)]),
        encoded(GREY.convert("RGB"), "WEBP"),
    ],
    ids=["grey", "jpeg", "cmyk", "palette", "rgba", "bilevel", "16-bit", "animated", "webp"],
)
def test_odd_pictures_become_rgb(data: bytes) -> None:
    pixels = decode_picture(data, LIMIT)
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert int(np.ptp(pixels)) > 150


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        NOISE[: len(NOISE) // 2],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(Image.new("L", (1, 1))),
        bomb(),
    ],
    ids=["empty", "head only", "truncated", "svg", "1x1", "bomb"],
)
def test_what_is_no_picture_says_why(data: bytes) -> None:
    with pytest.raises(UnreadablePicture, match=r"\w+ \w+"):
        decode_picture(data, LIMIT)


def test_transparency_lies_on_white() -> None:
    assert decode_picture(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))), LIMIT).min() == 255


def test_a_blank_screenshot_is_no_picture() -> None:
    view = CaptureView(
        Capture("https://x.example/", Outcome.OK), lambda: encoded(Image.new("RGB", (64, 64), (250, 250, 250)))
    )
    assert view.pixels is None
    assert "blank" in view.no_picture_reason
