"""The page's icon against logos and official icons."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from detector.brands import BrandLibrary, render_logo
from detector.judge import Judge
from detector.model import Brand, Capture, Decision, Finding, InputField, OfficialPage, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.favicon import FaviconSignal


@pytest.fixture(scope="module")
def signal(shipped_library: BrandLibrary) -> FaviconSignal:
    return FaviconSignal(shipped_library)


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def icon_of(library: BrandLibrary, brand: str, side: int) -> bytes:
    logo = next(logo for logo in library[brand].logos if logo.kind in {"mark", "tile"} and logo.theme != "dark")
    drawn = render_logo(logo, 256)
    square = Image.new("RGBA", (256, 256), (0, 0, 0, 0))
    square.alpha_composite(drawn, ((256 - drawn.width) // 2, (256 - drawn.height) // 2))
    return png(square.resize((side, side), Image.Resampling.LANCZOS))


def look(signal: FaviconSignal, icon: bytes | None, brand: str, url: str = "https://x.example/") -> Finding:
    seen = CaptureView(Capture(url, Outcome.OK, final_url=url), lambda: None, read_icon=lambda: icon)
    return signal.look(seen, signal.library[brand])


@pytest.mark.parametrize("side", [32, 64, 180])
@pytest.mark.parametrize("brand", ["paypal", "spotify", "github", "whatsapp"])
def test_a_logo_as_icon(signal: FaviconSignal, brand: str, side: int) -> None:
    finding = look(signal, icon_of(signal.library, brand, side), brand)
    assert finding.measure is not None
    assert finding.measure > 0.4, finding
    assert finding.sentence.startswith("The page's icon shows the logo of ")


def test_shapes_of_any_page_are_nobodys(signal: FaviconSignal) -> None:
    for shape in ("ellipse", "rectangle", "letter"):
        picture = Image.new("RGB", (64, 64), "white")
        pen = ImageDraw.Draw(picture)
        if shape == "ellipse":
            pen.ellipse((8, 8, 56, 56), fill=(40, 90, 160))
        elif shape == "rectangle":
            pen.rectangle((10, 14, 54, 50), fill=(40, 160, 90))
        else:
            pen.polygon([(32, 6), (58, 58), (6, 58)], fill=(200, 40, 40))
        data = png(picture)
        seen = CaptureView(Capture("https://x.example/", Outcome.OK), lambda: None, read_icon=partial(bytes, data))
        strong = {brand: signal.look(seen, signal.library[brand]).measure for brand in signal.suspects(seen)}
        assert all((measure or 0.0) < 0.5 for measure in strong.values()), (shape, strong)


@pytest.mark.parametrize(
    ("icon", "reason"),
    [
        (None, "no icon"),
        (b"", "cannot be read"),
        (b"<svg/>", "cannot be read"),
        (png(Image.new("RGB", (16, 16), "white")), "blank"),
        (png(Image.new("1", (3000, 3000))), "more than 4000000"),
    ],
)
def test_without_an_icon_it_abstains(signal: FaviconSignal, icon: bytes | None, reason: str) -> None:
    finding = look(signal, icon, "paypal")
    assert finding.measure is None
    assert reason in (finding.abstained or "")


def test_the_icon_of_an_official_page(tmp_path: Path) -> None:
    picture = Image.fromarray(np.random.default_rng(3).integers(0, 255, (4, 4, 3)).astype(np.uint8))
    own = picture.resize((48, 48), Image.Resampling.BICUBIC)
    (tmp_path / "home.favicon.png").write_bytes(png(own))
    pages = (OfficialPage("home", str(tmp_path / "home.png"), favicon=str(tmp_path / "home.favicon.png")),)
    signal = FaviconSignal(
        BrandLibrary([Brand("acme", "Acme", domains=("acme.test",), pages=pages, folder=str(tmp_path))])
    )
    same = look(signal, png(own.resize((40, 40))), "acme")
    assert (same.measure, same.sentence) == (1.0, "The page's icon is that of Acme's own pages.")
    assert look(signal, png(Image.effect_noise((32, 32), 90)), "acme").measure == 0.0
    assert look(signal, png(own), "acme", "https://users.acme.test/").measure == 0.0


def test_an_icon_makes_a_bare_form_a_suspect(shipped_library: BrandLibrary) -> None:
    facts = PageFacts(text="Password\nNext", inputs=(InputField("password", "p"),), url="https://x.example/")
    capture = Capture(facts.url, Outcome.OK, final_url=facts.url, facts=facts)
    judge = Judge(shipped_library)
    with_icon = judge.judge(capture, lambda: None, lambda: icon_of(shipped_library, "paypal", 64))
    assert (with_icon.decision, with_icon.brand) == (Decision.REVIEW, "paypal")
    assert judge.judge(capture, lambda: None).decision is Decision.CLEAR


def test_a_brands_own_icon_of_sixteen_pixels(tmp_path: Path) -> None:
    """Sites give a tab's icon its final size themselves, with filters of their own."""
    own = Image.new("RGB", (64, 64), "navy")
    pen = ImageDraw.Draw(own)
    pen.ellipse((6, 6, 40, 40), fill="white")
    pen.rectangle((30, 44, 60, 54), fill="orange")
    (tmp_path / "home.favicon.png").write_bytes(png(own))
    pages = (OfficialPage("home", str(tmp_path / "home.png"), favicon=str(tmp_path / "home.favicon.png")),)
    signal = FaviconSignal(
        BrandLibrary([Brand("acme", "Acme", domains=("acme.test",), pages=pages, folder=str(tmp_path))])
    )
    for how in (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX, Image.Resampling.BILINEAR):
        for side in (16, 20, 24):
            finding = look(signal, png(own.resize((side, side), how)), "acme")
            assert finding.measure is not None
            assert finding.measure >= 0.9, (how, side)
    mirrored = own.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((16, 16))
    other = Image.eval(mirrored, lambda value: 255 - value)
    assert look(signal, png(other), "acme").measure == 0.0
