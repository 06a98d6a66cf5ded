"""Numbers that are only in pictures: drawn here in several fonts, sizes and colours, and read by tesseract."""

from __future__ import annotations

import hashlib
import io
import stat
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detector.model import Box, Capture, ImageBox, PageFacts, PhoneSource, Pressure, StoredFile
from detector.phones import search_phones
from detector.phones.finder import is_worth_reading
from detector.reading import CouldNotRead, engine, find_tesseract, picture_areas, read_lines, text_regions
from detector.reading.lines import MAX_PIXELS, MAX_REGIONS

needs_tesseract = pytest.mark.skipif(find_tesseract() is None, reason="no tesseract here: make setup installs one")
SCARED = Pressure(dialogs=5)
NUMBER = "+18885550173"
FONTS = ("DejaVuSans.ttf", "DejaVuSerif-Bold.ttf", "LiberationSans-Bold.ttf", "LiberationMono-Regular.ttf", "")


def font(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of the system where it has it, else the one that Pillow brings."""
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return ImageFont.load_default(size)


def drawn(text: str, name: str = "", size: int = 28, ink: str = "black", ground: str = "white") -> Image.Image:
    """A screenshot with three lines; the number is in the second."""
    picture = Image.new("RGB", (1000, 600), ground)
    pen = ImageDraw.Draw(picture)
    face = font(name, size)
    for row, line in enumerate(("Security Center", text, "Do not restart")):
        pen.text((60, 60 + 2.2 * size * row), line, fill=ink, font=face)
    return picture


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def captured(data: bytes, facts: PageFacts | None) -> Capture:
    stored = StoredFile(hashlib.sha256(data).hexdigest(), "image/png", len(data))
    return Capture("https://x.example/", "ok", screenshot=stored, facts=facts)


def whole(**fields: object) -> PageFacts:
    return PageFacts(images=(ImageBox("img", Box(0, 0, 1000, 600)),), **fields)  # type: ignore[arg-type]


@needs_tesseract
@pytest.mark.parametrize("name", FONTS)
@pytest.mark.parametrize(
    ("size", "ink", "ground"),
    [
        (15, "black", "white"),
        (22, "white", "#0a246a"),
        (36, "yellow", "#c00000"),
        (30, "#d40000", "#1030c0"),
        (60, "#777777", "#eeeeee"),
    ],
)
def test_numbers_are_read_in_many_dresses(name: str, size: int, ink: str, ground: str) -> None:
    data = png(drawn("Call 1-888-555-0173", name, size, ink, ground))
    search = search_phones(captured(data, whole(pressure=SCARED)), lambda: data)
    assert [(phone.number, phone.source) for phone in search.phones] == [(NUMBER, PhoneSource.PICTURE)]
    box = search.phones[0].box
    assert box is not None
    middle = 60 + 2.7 * size
    assert box.y < middle < box.y + box.height
    assert 30 < box.x + box.width / 2 < 940


@needs_tesseract
def test_vanity_numbers_and_numbers_with_blanks_are_read_too() -> None:
    for text, number in (("1-800-CALL-NOW", "+18002255669"), ("+1 888 555 0173", NUMBER), ("(888) 555-0173", NUMBER)):
        data = png(drawn(text, "DejaVuSans.ttf", 48))
        found = search_phones(captured(data, whole(pressure=SCARED)), partial(bytes, data)).phones
        assert [phone.number for phone in found] == [number], text


@needs_tesseract
def test_only_what_stands_in_pictures_is_read() -> None:
    data = png(drawn("Call 1-888-555-0173"))
    beside = PageFacts(images=(ImageBox("img", Box(600, 400, 300, 150)),), pressure=SCARED)
    assert search_phones(captured(data, beside), lambda: data).phones == ()


def test_a_calm_page_of_text_is_not_read() -> None:
    def never() -> bytes | None:
        raise AssertionError("the screenshot was read")

    calm = whole(text="We make chairs. " * 60)
    assert search_phones(captured(b"png", calm), never).phones == ()
    assert not is_worth_reading(captured(b"", calm))
    assert is_worth_reading(captured(b"", whole(text="Welcome")))
    assert is_worth_reading(captured(b"", whole(text="A virus was found. " * 60)))
    assert is_worth_reading(captured(b"", whole(text="We make chairs. " * 60, pressure=Pressure(keyboard_lock=1))))


@pytest.mark.parametrize("data", [None, b"", b"no picture", png(drawn("x"))[:90]])
def test_a_screenshot_that_cannot_be_decoded_gives_nothing(data: bytes | None) -> None:
    assert search_phones(captured(b"", whole(pressure=SCARED)), lambda: data).phones == ()


def test_without_tesseract_it_says_so_and_the_text_is_searched_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(engine.OVERRIDE, "no-such-program")
    data = png(drawn("Call 1-888-555-0173"))
    facts = whole(text="Virus! Call 1-800-555-0142", pressure=SCARED)
    search = search_phones(captured(data, facts), lambda: data)
    assert [phone.number for phone in search.phones] == ["+18005550142"]
    assert "apt-get install tesseract-ocr" in search.skipped


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("sleep 30", "took longer than 0.2 s"),
        ("cat > /dev/null; echo no language >&2; exit 1", "failed (no language)"),
    ],
)
def test_a_tesseract_that_hangs_or_fails_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, sentence: str
) -> None:
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\nexec sh -c '{script}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(engine.OVERRIDE, str(program))
    if "sleep" in script:
        monkeypatch.setattr(engine, "SECONDS", 0.2)
    with pytest.raises(CouldNotRead) as refused:
        read_lines(np.asarray(drawn("1-888-555-0173")), [Box(50, 50, 400, 40)])
    assert sentence in str(refused.value)


def test_a_table_of_nonsense_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tesseract"
    program.write_text(
        "#!/bin/sh\ncat > /dev/null\nprintf 'level\\tconf\\tleft\\ttop\\theight\\ttext\\n5\\tx\\t1\\t1\\t1\\thello\\n\\377\\n'\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(engine.OVERRIDE, str(program))
    assert read_lines(np.asarray(drawn("1-888-555-0173")), [Box(50, 50, 400, 40)]) == []


def test_regions_are_bounded_and_large_type_comes_first() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (800, 1280, 3), np.uint8)
    rows = noise.copy()
    for top in range(0, 800, 16):
        rows[top : top + 5] = 255
    for pixels in (noise, rows):
        regions = text_regions(pixels, [(0, 0, 1280, 800)])
        assert len(regions) <= MAX_REGIONS
        assert sum(box.width * box.height for box in regions) <= MAX_PIXELS
    picture = drawn("Call 1-888-555-0173", "DejaVuSans.ttf", 60)
    pen = ImageDraw.Draw(picture)
    for row in range(40):
        pen.text((700, 10 + 14 * row), "small print of a page", fill="black", font=font("DejaVuSans.ttf", 11))
    regions = text_regions(np.asarray(picture), [(0, 0, 1000, 600)])
    assert len(regions) == MAX_REGIONS
    assert sum(box.height > 40 for box in regions) >= 3


def test_areas_are_cut_to_the_screenshot_and_hold_no_other() -> None:
    images = [
        ImageBox("img", Box(-50, -50, 200, 200)),
        ImageBox("img", Box(10, 10, 60, 60)),
        ImageBox("img", Box(0, 900, 300, 300)),
        ImageBox("img", Box(300, 300, 20, 20)),
    ]
    assert picture_areas(images, 1000, 600) == [(0, 0, 150, 150)]
