"""Picture files are read as a person sees them, over tests/cases/shown_pictures.yml."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw

from detector.pictures.shown_picture import MOST_FRAMES, as_shown
from detector.signals.capture_view import UnreadablePicture, decode_picture

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "shown_pictures.yml").read_text(encoding="utf-8")
)
SIZE = (240, 160)
_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Turns that leave a picture as a camera that was held so has stored it."""


def drawing(kind: str) -> Image.Image:
    picture = Image.new("RGBA", SIZE, (255, 255, 255, 0 if kind == "clear" else 255))
    pen = ImageDraw.Draw(picture)
    if kind == "dot":
        pen.ellipse((4, 4, 9, 9), fill="grey")
    elif kind in ("page", "pale", "other"):
        for row in range(12, 100, 14):
            pen.rectangle((20 if kind != "other" else 90, row, 90 + row, row + 7), fill="navy")
        pen.rectangle((20, 110, 140, 130), outline="black", fill="orange")
    if kind == "pale":
        picture = Image.blend(Image.new("RGBA", SIZE, "white"), picture, 0.1)
    return picture


def stored(case: dict[str, Any]) -> bytes:
    frames = [drawing(kind) for kind in case["frames"]]
    options: dict[str, Any] = {}
    if case.get("turned"):
        exif = Image.Exif()
        exif[0x0112] = case["turned"]
        options["exif"] = exif
        undo = _UNDO.get(case["turned"])
        frames = [frame.transpose(undo) if undo is not None else frame for frame in frames]
    if case["format"] == "JPEG":
        frames = [frame.convert("RGB") for frame in frames]
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:], "duration": 100}
    if case["format"] == "WEBP":
        options["lossless"] = True
    output = io.BytesIO()
    frames[0].save(output, case["format"], **options)
    return output.getvalue()


def on_white(picture: Image.Image) -> np.ndarray[Any, Any]:
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture.convert("RGBA"))
    return np.asarray(white.convert("RGB"), np.int16)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_picture_is_read_as_a_person_sees_it(case: dict[str, Any]) -> None:
    pixels = decode_picture(stored(case), 1_000_000)
    assert pixels.shape[:2] == (SIZE[1], SIZE[0])
    apart = np.abs(pixels.astype(np.int16) - on_white(drawing(case["shown"]))).mean()
    assert apart < 4  # JPEG and GIF change colours a little


def test_metadata_that_cannot_be_read_turns_nothing() -> None:
    output = io.BytesIO()
    for exif in (b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\0" * 60_000, b"Exif\0\0MM\0*" + b"\x01" * 40):
        output = io.BytesIO()
        drawing("page").convert("RGB").save(output, "JPEG", exif=exif)
        assert decode_picture(output.getvalue(), 1_000_000).shape == (SIZE[1], SIZE[0], 3)


def test_frames_are_bounded_and_a_damaged_one_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = ["page", *["blank", "dot"] * MOST_FRAMES]
    data = stored({"format": "GIF", "frames": frames})
    sought: list[int] = []
    with Image.open(io.BytesIO(data)) as picture:
        seek = picture.seek

        def noted(number: int) -> None:
            sought.append(number)
            seek(number)

        monkeypatch.setattr(picture, "seek", noted)
        assert as_shown(picture).size == SIZE
    assert max(sought) < MOST_FRAMES
    two = stored({"format": "GIF", "frames": ["page", "other"]})
    whole = decode_picture(two, 1_000_000)
    assert np.array_equal(decode_picture(two[: len(two) - 40], 1_000_000), whole)
    with pytest.raises(UnreadablePicture):
        decode_picture(stored({"format": "PNG", "frames": ["page"]})[:200], 1_000_000)
