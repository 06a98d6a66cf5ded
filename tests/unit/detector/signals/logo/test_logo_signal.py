"""Logos on screenshots that the test draws: scaled, recoloured, on tiles, in rows, and shapes that are none."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image
from structlog.testing import capture_logs

from detector.brands import BrandLibrary, load_library, render_logo
from detector.config import default_brands_dir
from detector.index import cache_folder
from detector.model import Box, Capture, ImageBox, Logo, Outcome, PageFacts, StoredFile
from detector.signals import CaptureView
from detector.signals.logo import LogoSignal, gallery
from detector.signals.logo.gallery import open_gallery
from detector.signals.logo.logo_drawing import draw
from detector.signals.logo.regions import MAX_PROPOSALS, image_regions, proposed_regions
from detector.signals.logo.shape import shape_of

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def signal(shipped_library: BrandLibrary) -> LogoSignal:
    return LogoSignal(shipped_library)


def page(ground: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    image = Image.new("RGB", (1280, 800), ground)
    canvas = np.asarray(image).copy()
    for row in range(5):
        cv2.putText(
            canvas,
            "Please fill in the form below",
            (420, 420 + 40 * row),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.6,
            (90, 90, 90),
            1,
        )
    return Image.fromarray(canvas)


def drawn(library: BrandLibrary, brand: str, kind: str, height: int) -> Image.Image:
    logo = next(
        logo for logo in library[brand].logos if logo.kind == kind and logo.era == "current" and logo.theme != "dark"
    )
    picture = render_logo(logo, 512)
    picture = picture.crop(picture.getchannel("A").getbbox())
    return picture.resize((max(1, round(picture.width * height / picture.height)), height), Image.Resampling.LANCZOS)


def view(image: Image.Image, facts: PageFacts | None = None, quality: int | None = None) -> CaptureView:
    out = io.BytesIO()
    if quality:
        image.save(out, "JPEG", quality=quality)
    else:
        image.save(out, "PNG")
    data = out.getvalue()
    stored = StoredFile("0" * 64, "image/png", len(data))
    return CaptureView(Capture("https://x.example/", Outcome.OK, screenshot=stored, facts=facts), lambda: data)


def measures(signal: LogoSignal, seen: CaptureView) -> dict[str, float]:
    found = {}
    for brand in signal.suspects(seen):
        finding = signal.look(seen, signal.library[brand])
        assert finding.measure is not None
        found[brand] = finding.measure
    return found


@pytest.mark.parametrize("height", [40, 64, 120])
@pytest.mark.parametrize(
    ("brand", "kind"), [("paypal", "mark"), ("netflix", "wordmark"), ("spotify", "mark"), ("ebay", "wordmark")]
)
def test_logo_is_found_where_it_stands(signal: LogoSignal, brand: str, kind: str, height: int) -> None:
    image = page()
    logo = drawn(signal.library, brand, kind, height)
    image.paste(logo, (500, 100), logo)
    seen = view(image)
    found = measures(signal, seen)
    assert max(found, key=lambda name: found[name]) == brand
    assert found[brand] > (0.5 if height > 40 else 0.4)
    region = signal.look(seen, signal.library[brand]).region
    assert region is not None
    wanted = Box(500, 100, logo.width, logo.height)
    assert np.allclose(region, wanted, atol=4)


def test_logo_survives_jpeg_and_a_coloured_bar(signal: LogoSignal) -> None:
    image = page()
    image.paste((24, 32, 60), (0, 0, 1280, 120))
    logo = drawn(signal.library, "netflix", "wordmark", 50)
    image.paste(logo, (80, 35), logo)
    assert measures(signal, view(image, quality=70)).get("netflix", 0.0) > 0.5


def test_white_logo_on_its_brand_colour(signal: LogoSignal) -> None:
    image = page()
    image.paste((0, 48, 135), (0, 0, 1280, 140))
    logo = drawn(signal.library, "paypal", "mark", 70)
    white = Image.new("RGBA", logo.size, (255, 255, 255, 255))
    white.putalpha(logo.getchannel("A"))
    image.paste(white, (600, 35), white)
    assert "paypal" in measures(signal, view(image))


def test_a_row_of_logos_is_nobody(signal: LogoSignal) -> None:
    image = page()
    for index, brand in enumerate(("spotify", "netflix", "ebay", "paypal")):
        kind = "mark" if brand in {"spotify", "paypal"} else "wordmark"
        logo = drawn(signal.library, brand, kind, 44)
        image.paste(logo, (150 + 260 * index, 300), logo)
    found = measures(signal, view(image))
    assert len(found) >= 3
    assert max(found.values()) <= 0.25


def test_common_shapes_and_text_are_no_logos(signal: LogoSignal) -> None:
    canvas = np.asarray(page()).copy()
    cv2.circle(canvas, (200, 200), 40, (200, 30, 30), -1)
    cv2.circle(canvas, (400, 200), 40, (20, 20, 20), 8)
    cv2.rectangle(canvas, (520, 160), (600, 240), (0, 120, 215), -1)
    cv2.line(canvas, (700, 160), (780, 240), (0, 0, 0), 8)
    cv2.line(canvas, (700, 240), (780, 160), (0, 0, 0), 8)
    cv2.putText(canvas, "Welcome back", (100, 100), cv2.FONT_HERSHEY_DUPLEX, 1.6, (10, 10, 10), 3)
    found = measures(signal, view(Image.fromarray(canvas)))
    assert max(found.values(), default=0.0) < 0.5


def test_a_tiny_logo_counts_little(signal: LogoSignal) -> None:
    image = page()
    logo = drawn(signal.library, "paypal", "mark", 18)
    image.paste(logo, (500, 100), logo)
    assert measures(signal, view(image)).get("paypal", 0.0) < 0.5


@pytest.mark.parametrize(
    "box",
    [
        Box(-50, -50, 10, 10),
        Box(1e9, 1e9, 1e9, 1e9),
        Box(float("nan"), 0, 10, 10),
        Box(float("inf"), 0, 10, 10),
        Box(10, 10, -5, -5),
        Box(0, 0, 0, 0),
        Box(1270, 790, 500, 500),
    ],
)
def test_page_facts_that_lie_about_boxes(signal: LogoSignal, box: Box) -> None:
    facts = PageFacts(images=(ImageBox("img", box),))
    regions = image_regions(facts.images, 1280, 800)
    assert all(r.x >= 0 and r.x + r.width <= 1280 and r.y >= 0 and r.y + r.height <= 800 for r in regions)
    assert isinstance(measures(signal, view(page(), facts)), dict)


def test_proposals_are_bounded() -> None:
    noise = np.random.default_rng(7).integers(0, 255, (800, 1280, 3)).astype(np.uint8)
    assert len(proposed_regions(noise)) <= MAX_PROPOSALS
    dots = np.full((800, 1280, 3), 255, np.uint8)
    dots[::40, ::40] = 0
    large = np.asarray(cv2.dilate(255 - dots, np.ones((20, 20), np.uint8)), np.uint8)
    assert len(proposed_regions(large)) <= MAX_PROPOSALS


def test_flat_and_tiny_crops_have_no_shape() -> None:
    assert shape_of(np.full((40, 40, 3), 9, np.uint8)) is None
    assert shape_of(np.zeros((3, 3, 3), np.uint8)) is None


def test_cache_is_used_and_a_damaged_one_is_made_anew(
    shipped_library: BrandLibrary, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("logos")))
    library = BrandLibrary(shipped_library[brand] for brand in ("dhl", "netflix", "paypal"))
    built = open_gallery(library)
    (folder,) = cache_folder().glob("logos-*")
    file = folder / "vectors.npy"
    loaded = open_gallery(library)
    assert loaded.size == built.size >= 6
    np.testing.assert_array_equal(loaded.index.arrays()["vectors"], built.index.arrays()["vectors"])
    file.write_bytes(file.read_bytes()[:1000])
    assert open_gallery(library).size == built.size


def test_a_brand_that_is_added_has_only_its_own_logos_drawn(
    shipped_library: BrandLibrary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    brands = [shipped_library[brand] for brand in ("dhl", "netflix", "paypal")]
    open_gallery(BrandLibrary(brands[:2]))
    drawn: list[str] = []

    def watched(logo: Logo, *more: Any) -> Any:
        drawn.append(logo.path)
        return draw(logo, *more)

    monkeypatch.setattr(gallery, "draw", watched)
    grown = open_gallery(BrandLibrary(brands))
    assert drawn == [logo.path for logo in brands[2].logos]
    drawn.clear()
    shrunk = open_gallery(BrandLibrary(brands[1:]))
    assert drawn == []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    for taken, its_brands in ((grown, brands), (shrunk, brands[1:])):
        anew = open_gallery(BrandLibrary(its_brands))
        assert taken.brands.tolist() == anew.brands.tolist()
        assert taken.files.tolist() == anew.files.tolist()
        np.testing.assert_array_equal(taken.index.arrays()["vectors"], anew.index.arrays()["vectors"])


def test_brands_that_share_a_logo_share_no_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for brand in ("dhl", "netflix"):
        shutil.copytree(default_brands_dir() / brand, tmp_path / "brands" / brand)
    dhl, netflix = (tmp_path / "brands" / brand / "logos" for brand in ("dhl", "netflix"))
    shutil.copy(dhl / "wordmark-red.svg", netflix / "wordmark.svg")
    sizes = []
    for note in ("one", "two", "three"):
        with (dhl.parent / "brand.toml").open("a") as stream:  # another library, the same logos
            stream.write(f"# {note}\n")
        sizes.append(open_gallery(load_library([tmp_path / "brands"])).size)
    assert len(set(sizes)) == 1
    assert len(list(cache_folder().glob("logos-*"))) == 3


def test_an_unreadable_logo_is_looked_at_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(default_brands_dir() / "dhl", tmp_path / "brands" / "dhl")
    library = load_library([tmp_path / "brands"])
    (path, *_) = [Path(logo.path) for logo in library["dhl"].logos]
    content = path.read_bytes()
    path.write_bytes(b"no picture")
    with capture_logs() as logs:
        lacking = open_gallery(load_library([tmp_path / "brands"]))
    assert [entry["event"] for entry in logs] == ["logo left out"]
    path.write_bytes(content)
    assert open_gallery(library).size > lacking.size


def test_the_gallery_of_brands_that_moved_finds_their_logos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(default_brands_dir() / "dhl", tmp_path / "old" / "dhl")
    built = open_gallery(load_library([tmp_path / "old"]))
    (tmp_path / "old").rename(tmp_path / "new")
    moved = open_gallery(load_library([tmp_path / "new"]))
    assert len(list(cache_folder().glob("logos-*"))) == 1
    for row in range(built.size):
        (near, *_) = moved.nearest(built.index.arrays()["vectors"][row : row + 1])[0]
        assert Path(near.file).is_relative_to(tmp_path / "new")
        assert Path(near.file).is_file()


def test_gallery_of_brands_without_logos_is_empty() -> None:
    assert open_gallery(BrandLibrary([])).size == 0


STRETCHES = yaml.safe_load((Path(__file__).parents[4] / "cases" / "stretched_logos.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("brand", ["paypal", "spotify", "netflix"])
def test_a_stretched_logo_is_the_brands(signal: LogoSignal, brand: str) -> None:
    kind = "wordmark" if brand == "netflix" else "mark"
    logo = drawn(signal.library, brand, kind, 70)
    for across, down in STRETCHES:
        shown = page()
        size = (round(logo.width * across), round(logo.height * down))
        stretched = logo.resize(size, Image.Resampling.LANCZOS)
        shown.paste(stretched, (60, 50), stretched)
        seen = view(shown, PageFacts(images=(ImageBox("img", Box(60, 50, *size)),)))
        assert measures(signal, seen).get(brand, 0.0) > 0.5, (across, down)
