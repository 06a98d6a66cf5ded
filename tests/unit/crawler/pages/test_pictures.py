"""Pictures of one colour, and icons."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from crawler.pages.pictures import icon_as_png, is_one_colour


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    image.save(output, kind)
    return output.getvalue()


def test_one_pixel_of_another_colour_is_not_one_colour() -> None:
    picture = Image.new("RGB", (50, 40), "white")
    assert is_one_colour(encoded(picture))
    picture.putpixel((49, 39), (255, 255, 254))
    assert not is_one_colour(encoded(picture))


@pytest.mark.parametrize("kind", ["PNG", "ICO", "GIF", "JPEG", "WEBP", "BMP"])
def test_icons_of_the_usual_kinds_become_png(kind: str) -> None:
    data = icon_as_png(encoded(Image.new("RGB", (48, 48), "blue"), kind))
    assert data is not None
    with Image.open(io.BytesIO(data)) as icon:
        assert (icon.format, icon.mode) == ("PNG", "RGBA")
        assert icon.getpixel((20, 20))[2] > 240  # type: ignore[index]


def test_an_icon_that_hides_a_large_picture_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 pixels by its directory, 81 million by the picture in it, in a file of 250 kB."""
    inner = encoded(Image.new("L", (9000, 9000)))
    directory = struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inner), 22)
    monkeypatch.setattr(PngImageFile, "load", lambda _: pytest.fail("it was decoded"))
    assert icon_as_png(directory + inner) is None


def test_large_icons_are_scaled_down_and_huge_ones_are_not_decoded() -> None:
    data = icon_as_png(encoded(Image.new("RGB", (1000, 500), "blue")))
    assert data is not None
    with Image.open(io.BytesIO(data)) as icon:
        assert icon.size == (256, 128)
    assert icon_as_png(encoded(Image.new("L", (1025, 4)))) is None


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in a few bytes."""
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    body = b"IDAT" + zlib.compress(bytes(100_000))
    chunks = [len(part[4:]).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big") for part in (header, body)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\xff" * 40, bomb()])
def test_what_is_no_icon_is_none(data: bytes) -> None:
    assert icon_as_png(data) is None
