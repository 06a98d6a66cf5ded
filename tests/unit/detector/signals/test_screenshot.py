"""Perceptual hashes against official pages."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.brands import BrandLibrary
from detector.model import Brand, Capture, OfficialPage, Outcome
from detector.signals import View
from detector.signals.screenshot import ScreenshotSignal

Pixels = NDArray[np.uint8]


def sign_in_page(seed: int) -> Pixels:
    """A page of blocks, lines and text that depends on the seed."""
    random = np.random.default_rng(seed)
    page = np.full((800, 1280, 3), 250, np.uint8)
    for _ in range(9):
        x, y, w, h = (int(v) for v in random.integers((0, 60, 80, 20), (1000, 700, 500, 220)))
        colour = tuple(int(c) for c in random.integers(0, 255, 3))
        cv2.rectangle(page, (x, y), (x + w, y + h), colour, -1)
        cv2.putText(page, f"Sign in {seed}", (x, y + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    return page


def png(pixels: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def signal(tmp_path: Path) -> ScreenshotSignal:
    brands = []
    for seed, brand in enumerate(("acme", "zenith", "bare")):
        folder = tmp_path / brand
        folder.mkdir()
        pages: tuple[OfficialPage, ...] = ()
        if brand != "bare":
            (folder / "signin.png").write_bytes(png(sign_in_page(seed)))
            pages = (OfficialPage("signin", str(folder / "signin.png")),)
        brands.append(
            Brand(brand, brand.title(), (brand.title(),), (f"{brand}.test",), pages=pages, folder=str(folder))
        )
    return ScreenshotSignal(BrandLibrary(brands))


def measure(signal: ScreenshotSignal, pixels: Pixels, brand: str = "acme") -> float:
    view = View(Capture("https://x.test/", Outcome.OK), lambda: png(pixels))
    finding = signal.look(view, signal.library[brand])
    assert finding.measure is not None, finding.abstained
    return finding.measure


def test_the_same_page_and_another(signal: ScreenshotSignal) -> None:
    assert measure(signal, sign_in_page(0)) == 1.0
    assert measure(signal, sign_in_page(0), "zenith") == 0.0
    assert measure(signal, sign_in_page(99)) == 0.0


def test_copy_with_other_text_and_compression(signal: ScreenshotSignal) -> None:
    page = sign_in_page(0)
    cv2.putText(page, "Your account was limited", (40, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (200, 0, 0), 1)
    out = io.BytesIO()
    Image.fromarray(page).save(out, "JPEG", quality=50)
    assert measure(signal, np.asarray(Image.open(out))) > 0.8


@pytest.mark.parametrize("banner", [64, 96, 128])
def test_copy_shifted_by_a_banner(signal: ScreenshotSignal, banner: int) -> None:
    page = np.vstack([np.full((banner, 1280, 3), 30, np.uint8), sign_in_page(0)])[:800]
    assert measure(signal, page) > 0.3


def test_brand_without_official_page_abstains(signal: ScreenshotSignal) -> None:
    view = View(Capture("https://x.test/", Outcome.OK), lambda: png(sign_in_page(0)))
    finding = signal.look(view, signal.library["bare"])
    assert finding.measure is None
    assert finding.abstained
    assert "captured" in finding.abstained
