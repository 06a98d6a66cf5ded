"""Tesseract inside this process and as a program: the same text, bounded alike."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from detector.model import Box
from detector.reading import CouldNotRead, engine, find_tesseract, in_process, read_lines
from detector.reading.engine import Pixels

pytestmark = [
    pytest.mark.skipif(find_tesseract() is None, reason="no tesseract here: make setup installs one"),
    pytest.mark.skipif(find_spec("tesserocr") is None, reason="no tesserocr here: the extra ocr, on Linux only"),
]
LINES = ("Welcome to Example Bank", "Password", "Forgot your password?")
BOXES = [Box(40, 40 + 60 * row, 560, 40) for row in range(len(LINES))]


@pytest.fixture
def page() -> Pixels:
    image = Image.new("RGB", (640, 260), "#f4f4f8")
    draw = ImageDraw.Draw(image)
    for box, text in zip(BOXES, LINES, strict=True):
        draw.text((box.x, box.y), text, fill="#123", font=ImageFont.load_default(28))
    return np.asarray(image)


def texts(page: Pixels) -> list[str]:
    return [line.text for line in read_lines(page, BOXES)]


def test_library_and_program_read_the_same(page: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    program = find_tesseract()
    assert program is not None
    assert in_process(program) is not None
    assert texts(page) == list(LINES)
    monkeypatch.setenv(engine.OVERRIDE, program)
    assert in_process(program) is None
    assert texts(page) == list(LINES)


def test_each_thread_has_an_engine_of_its_own(page: Pixels) -> None:
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(texts(page))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [list(LINES)] * 3


def test_what_takes_too_long_is_not_read_and_the_next_picture_is(page: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as short:
        short.setattr(engine, "SECONDS", 0.001)
        with pytest.raises(CouldNotRead, match=r"took longer than 0\.001 s"):
            read_lines(np.tile(page, (1, 2, 1)), BOXES * 20)
    assert texts(page) == list(LINES)


def test_data_that_cannot_be_loaded_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eng.traineddata").write_bytes(b"no language")
    monkeypatch.setattr(engine, "in_process", lambda path: str(tmp_path))
    monkeypatch.setattr(engine, "_loaded", threading.local())
    with pytest.raises(CouldNotRead, match="failed"):
        read_lines(np.full((80, 300, 3), 255, np.uint8), [Box(10, 10, 200, 30)])
