"""Pictures are decoded within limits and written anew."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import Logo, StoredFile
from detector.present.pictures import LOGO, MAX_BYTES, THUMB, PictureWriter
from tests.support.store.report_cases import SVG, drawn

MARKER = b"hostile-bytes-that-must-not-travel"


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(str(tmp_path / "evidence"))


@pytest.fixture
def pictures(tmp_path: Path, evidence: Evidence) -> PictureWriter:
    (tmp_path / "images").mkdir()
    return PictureWriter(tmp_path / "images", evidence)


def test_a_screenshot_becomes_a_full_picture_and_a_thumbnail(
    tmp_path: Path, evidence: Evidence, pictures: PictureWriter
) -> None:
    picture = pictures.screenshot(evidence.put(drawn(), "image/png"))
    with (
        Image.open(tmp_path / "images" / picture.full) as full,
        Image.open(tmp_path / "images" / picture.thumb) as thumb,
    ):
        assert (full.format, full.size, thumb.format, thumb.size) == ("WEBP", (1280, 800), "WEBP", THUMB)
        red, green, blue = np.asarray(full.convert("RGB"), np.int64)[260, 640]
    assert abs(red - 0x7A) < 12
    assert abs(green - 0x3C) < 12
    assert abs(blue - 0xC2) < 12
    assert pictures.used == {picture.full, picture.thumb}


def test_hostile_bytes_do_not_travel(tmp_path: Path, evidence: Evidence, pictures: PictureWriter) -> None:
    buffer = io.BytesIO()
    note = PngInfo()
    note.add_text("Comment", MARKER.decode())
    Image.new("RGB", (64, 40), "red").save(buffer, "PNG", pnginfo=note, icc_profile=MARKER, exif=MARKER)
    data = buffer.getvalue() + MARKER
    assert data.count(MARKER) >= 2
    pictures.screenshot(evidence.put(data, "image/png"))
    written = list((tmp_path / "images").iterdir())
    assert len(written) == 2
    assert not any(MARKER in file.read_bytes() for file in written)


def test_the_same_picture_is_encoded_once(tmp_path: Path, evidence: Evidence, pictures: PictureWriter) -> None:
    stored = evidence.put(drawn(), "image/png")
    first = pictures.screenshot(stored)
    again = PictureWriter(tmp_path / "images", evidence)
    assert again.screenshot(stored) == first
    assert (pictures.encoded, again.encoded) == (2, 0)
    assert again.used == pictures.used


def test_a_damaged_picture_of_an_earlier_report_is_made_again(
    tmp_path: Path, evidence: Evidence, pictures: PictureWriter
) -> None:
    stored = evidence.put(drawn(), "image/png")
    first = pictures.screenshot(stored)
    (tmp_path / "images" / first.thumb).write_bytes(b"")
    pictures.screenshot(stored)
    with Image.open(tmp_path / "images" / first.thumb) as thumb:
        assert thumb.size == THUMB


def _claims(width: int, height: int) -> bytes:
    """A PNG whose header promises more than it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no picture", "damaged or of an unknown format"),
        (b"", "damaged or of an unknown format"),
        (drawn()[:400], "damaged or of an unknown format"),
        (_claims(9000, 9000), "9000 x 9000 pixels"),
        (_claims(60_000, 60_000), "damaged|pixels"),
        (b"GIF89a" + bytes(40), "damaged or of an unknown format"),
        (SVG.encode(), "damaged or of an unknown format"),
    ],
)
def test_what_cannot_be_decoded_says_so(
    tmp_path: Path, evidence: Evidence, pictures: PictureWriter, data: bytes, said: str
) -> None:
    with pytest.raises(EvidenceError, match=said):
        pictures.screenshot(evidence.put(data, "image/png"))
    assert list((tmp_path / "images").iterdir()) == []


def test_a_missing_and_a_huge_file(pictures: PictureWriter) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        pictures.screenshot(StoredFile("0" * 64, "image/png", 5))
    with pytest.raises(EvidenceError, match="more than the report decodes"):
        pictures.screenshot(StoredFile("0" * 64, "image/png", MAX_BYTES + 1))


def test_a_tall_narrow_page_keeps_its_coordinates(tmp_path: Path, evidence: Evidence, pictures: PictureWriter) -> None:
    picture = pictures.screenshot(evidence.put(drawn(size=(390, 12_000)), "image/png"))
    assert (picture.width, picture.height) == (390, 8000)
    with Image.open(tmp_path / "images" / picture.thumb) as thumb:
        assert thumb.size == THUMB


def test_a_logo_is_drawn_as_png(tmp_path: Path, pictures: PictureWriter) -> None:
    (tmp_path / "mark.svg").write_text(SVG)
    picture = pictures.logo(Logo(str(tmp_path / "mark.svg")))
    with Image.open(tmp_path / "images" / picture.full) as image:
        assert image.format == "PNG"
        assert image.size == (picture.width, picture.height) == (LOGO[0], LOGO[0] // 3)
        assert image.getpixel((60, 60)) == (255, 255, 255, 255)


def test_a_logo_with_a_script_is_refused(tmp_path: Path, pictures: PictureWriter) -> None:
    (tmp_path / "mark.svg").write_text(SVG.replace("<circle", "<script>alert(1)</script><circle"))
    with pytest.raises(EvidenceError, match="script"):
        pictures.logo(Logo(str(tmp_path / "mark.svg")))
