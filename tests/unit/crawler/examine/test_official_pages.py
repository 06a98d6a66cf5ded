"""Warnings about captures that are poor references; what is stored is tested in tests/integration/test_cli_brands_capture.py."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image, ImageDraw

from crawler.examine.official_pages import reference_warning
from detector.evidence import Evidence
from detector.model import Capture, ImageBox, InputField, Outcome, PageFacts
from detector.model.page import NOWHERE

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "cases" / "shared_pages.yml").read_text(encoding="utf-8")
)


def full() -> Image.Image:
    """A picture with much on it."""
    return Image.fromarray(np.random.default_rng(3).integers(0, 255, (20, 32, 3)).astype(np.uint8)).resize((320, 200))


def nearly_white() -> Image.Image:
    picture = Image.new("RGB", (1280, 800), "white")
    ImageDraw.Draw(picture).ellipse((620, 380, 660, 420), outline="#dddddd", width=4)
    return picture


def warned(tmp_path: Path, facts: PageFacts, picture: Image.Image) -> str:
    evidence, out = Evidence(str(tmp_path / "evidence")), io.BytesIO()
    picture.save(out, "PNG")
    stored = evidence.put(out.getvalue(), "image/png")
    return reference_warning(Capture("https://acme.test/", Outcome.OK, facts=facts, screenshot=stored), evidence)


def test_what_is_said_of_each_page(tmp_path: Path) -> None:
    picture = full()
    for case in CASES:
        inputs = (InputField("password"),) if case.get("typed") else ()
        said = warned(tmp_path, PageFacts(title=case["title"], text=case["text"], inputs=inputs), picture)
        if case.get("fault"):
            assert said.startswith(f"it shows {case['fault']}"), case
            assert "capture the page again" in said
        elif case.get("consent"):
            assert said.startswith("a dialog that asks for consent is on the page"), case
            assert "--url" in said
        else:
            assert said == "", case


def test_a_nearly_empty_picture(tmp_path: Path) -> None:
    facts = PageFacts(
        title="Acme", text="Acme sign in", images=(ImageBox("img", NOWHERE),), inputs=(InputField("email"),)
    )
    assert warned(tmp_path, facts, nearly_white()).startswith("its picture is nearly empty")
    assert warned(tmp_path, facts, full()) == ""
