"""Everything that a judge compares with is built once, before the first page, and reported as progress."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from structlog.testing import capture_logs

from crawler.examine.judge_warm_up import ready_judge
from detector.brands import load_library
from detector.config import DetectConfig
from detector.model import Decision
from detector.picture_file import capture_of_picture
from tests.support.program import make_brand


def test_the_first_look_builds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    library = load_library([make_brand(tmp_path / "brands")])
    with capture_logs() as logs:
        judge = ready_judge(library, DetectConfig())
    assert [entry["event"] for entry in logs] == ["fingerprinting the logos of 1 brand; this happens once per machine"]
    kept = sorted((tmp_path / "cache" / "clonewatch").iterdir())
    assert {path.name.split("-")[0] for path in kept if path.is_dir()} == {"icons", "logos", "pages", "wording"}
    picture = Image.new("RGB", (800, 600), "white")
    ImageDraw.Draw(picture).text((100, 100), "Roses", fill="navy", font_size=80)
    picture.save(tmp_path / "page.png")
    capture, read = capture_of_picture(tmp_path / "page.png", 10**6)
    assert judge.judge(capture, read, read).decision is Decision.CLEAR
    assert sorted((tmp_path / "cache" / "clonewatch").iterdir()) == kept


def test_a_second_one_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    library = load_library([make_brand(tmp_path / "brands")])
    ready_judge(library, DetectConfig())
    with capture_logs() as logs:
        ready_judge(library, DetectConfig())
    assert logs == []
