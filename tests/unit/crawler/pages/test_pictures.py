"""Pictures of one colour, and icons."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngImageFile

from crawler.pages.pictures import icon_as_png, inline_picture, is_one_colour


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


ICONS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "icons.yml").read_text(encoding="utf-8")
)
DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="blue"/>'
    '<circle cx="32" cy="32" r="20" fill="white"/></svg>'
)


def icon(side: int) -> Image.Image:
    large = Image.new("RGBA", (256, 256), "blue")
    ImageDraw.Draw(large).ellipse((48, 48, 208, 208), fill="white")
    return large.resize((side, side), Image.Resampling.LANCZOS)


def icon_file(case: dict[str, Any]) -> bytes:
    if "text" in case:
        return str(case["text"]).encode()
    if case["file"] == "svg":
        return DRAWN.encode()
    kind, side = case["file"]
    empty = [Image.new("RGBA", (side, side), "white")] * case.get("blank", 0)
    frames = [*empty, icon(side)]
    output = io.BytesIO()
    more: dict[str, Any] = {"save_all": True, "append_images": frames[1:]} if empty else {}
    frames[0].save(output, kind, **more)
    return output.getvalue()


@pytest.mark.parametrize("case", ICONS, ids=lambda case: str(case["name"]))
def test_icons_as_sites_write_them(case: dict[str, Any]) -> None:
    data = icon_file(case)
    if "address" in case:
        letters = base64.b64encode(data).decode()
        address = str(case["address"]).replace("UNPADDED", letters.rstrip("=")).replace(",BASE64", "," + letters)
        address = address.replace("PERCENT", quote_from_bytes(data)).replace("TEXT", data.decode("latin-1"))
        found = inline_picture(address)
        assert found is not None
        data = found
    png = icon_as_png(data)
    if not case["seen"]:
        assert png is None
        return
    assert png is not None
    with Image.open(io.BytesIO(png)) as shown:
        apart = np.abs(
            np.asarray(shown.convert("RGB").resize((16, 16)), np.int16) - np.asarray(icon(16).convert("RGB"))
        )
        assert apart.mean() < 20
