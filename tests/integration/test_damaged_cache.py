"""A cache of fingerprints that was damaged changes no verdict: arrays of zeros would make every logo and page a stranger."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector.brands import BrandLibrary, load_library, render_logo
from detector.index import cache_folder
from detector.judge import Judge
from detector.model import Capture, InputField, Outcome, PageFacts, StoredFile, Verdict
from tests.support.program import BRAND, make_brand

TEXT = (
    "Welcome back to your account. Enter the password that you chose when you opened it, then press the button below."
)
FACTS = PageFacts(title="Sign in", text=TEXT, inputs=(InputField("password", "p"),), url="https://other.test/")


def page_with(library: BrandLibrary) -> bytes:
    """A sign-in page with the brand's logo, some text of another colour and a field."""
    brand = library.get(BRAND)
    assert brand is not None
    sheet = Image.new("RGB", (1280, 800), "#f4f5f7")
    chance = np.random.default_rng(7)
    for row in range(12):
        left, width = 400, int(chance.integers(120, 480))
        sheet.paste("#667788", (left, 360 + 30 * row, left + width, 372 + 30 * row))
    mark = render_logo(brand.logos[0], 280)
    sheet.paste(mark, (420, 120), mark)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def brands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A brand with a logo, and its sign-in page as it was captured; the cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = make_brand(tmp_path / "brands")
    pages = folder / BRAND / "pages"
    pages.mkdir()
    (pages / "signin.png").write_bytes(page_with(load_library([folder])))
    (pages / "signin.json").write_text(
        json.dumps({"url": "https://quorvane.example/in", "title": "Sign in", "text": TEXT})
    )
    return folder


def verdict_of(brands: Path) -> Verdict:
    """Judge a copy of the official page with nothing in memory that an earlier judge has opened."""
    library = load_library([brands])
    picture = page_with(library)
    seen = Capture(
        "https://other.test/",
        Outcome.OK,
        final_url="https://other.test/",
        facts=FACTS,
        screenshot=StoredFile("0" * 64, "image/png", len(picture)),
    )
    return Judge(library).judge(seen, lambda: picture)


def zeros(path: Path) -> None:
    """Overwrite the numbers of an array and keep its head, as a power cut may leave it."""
    data = path.read_bytes()
    path.write_bytes(data[:128] + bytes(len(data) - 128))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "zeros": zeros,
    "half of it zeros": lambda path: path.write_bytes(
        (data := path.read_bytes())[: len(data) // 2].ljust(len(data), b"\0")
    ),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:200]),
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_verdict_stays_when_any_cached_array_is_damaged(brands: Path, damage: str) -> None:
    before = verdict_of(brands)
    measured = {finding.signal for finding in before.findings if finding.measure}
    assert {"logo", "screenshot"} & measured
    assert before.brand == BRAND
    kinds = {folder.name.split("-")[0] for folder in cache_folder().iterdir() if folder.is_dir()}
    assert len(kinds) >= 2, kinds
    for array in [*cache_folder().rglob("*.npy")]:
        DAMAGE[damage](array)
    after = verdict_of(brands)
    assert (after.decision, after.brand, after.probability) == (before.decision, before.brand, before.probability)
    assert after.findings == before.findings
