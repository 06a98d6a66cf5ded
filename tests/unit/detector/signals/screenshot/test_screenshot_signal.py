"""Perceptual hashes against official pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.brands import BrandLibrary
from detector.index import cache_folder
from detector.model import Brand, Capture, InputField, OfficialPage, Outcome, PageFacts, to_json
from detector.reading import find_tesseract
from detector.signals import CaptureView
from detector.signals.capture_view import decode_picture
from detector.signals.screenshot import ScreenshotSignal, official_pictures
from detector.signals.screenshot.blocks import BLOCK, HEIGHT, MOST_X, MOST_Y, WIDTH, PageThumbnail
from detector.signals.screenshot.codes import SIDE, code_of, codes_of
from detector.signals.screenshot.official_pictures import from_pictures
from detector.signals.screenshot.screenshot_signal import measure_of, rank_of

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
    view = CaptureView(Capture("https://x.test/", Outcome.OK), lambda: png(pixels))
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


def with_banner(page: Pixels, height: int) -> Pixels:
    return np.vstack([np.full((height, 1280, 3), 30, np.uint8), page])[:800]


def aside(page: Pixels) -> Pixels:
    return np.hstack([np.full((800, 60, 3), 255, np.uint8), page])[:, :1280]


def with_dialog(page: Pixels) -> Pixels:
    page = page.copy()
    page[300:500, 440:840] = 255
    return page


def zoomed(page: Pixels) -> Pixels:
    return np.asarray(cv2.resize(page, None, fx=1.1, fy=1.1), np.uint8)[:800, 64:1344]


@pytest.mark.parametrize(
    "changed",
    [
        with_banner(sign_in_page(0), 64),
        with_banner(sign_in_page(0), 96),
        with_banner(sign_in_page(0), 128),
        aside(sign_in_page(0)),
        with_dialog(sign_in_page(0)),
        zoomed(sign_in_page(0)),
    ],
    ids=["banner 64", "banner 96", "banner 128", "aside", "dialog", "zoom"],
)
def test_copy_that_is_moved_covered_or_zoomed(signal: ScreenshotSignal, changed: Pixels) -> None:
    assert measure(signal, changed) > 0.5
    assert measure(signal, changed, "zenith") == 0.0


def test_the_sentence_says_how_far_the_copy_is_moved(signal: ScreenshotSignal) -> None:
    view = CaptureView(Capture("https://x.test/", Outcome.OK), lambda: png(with_banner(sign_in_page(0), 128)))
    sentence = signal.look(view, signal.library["acme"]).sentence
    assert sentence.startswith("The screenshot shows ")
    assert sentence.endswith("blocks of Acme's page “signin”, moved down by 10 % of its width.")


def test_nearly_empty_pages_are_not_taken_for_each_other(tmp_path: Path) -> None:
    page, other = np.full((800, 1280, 3), 255, np.uint8), np.full((800, 1280, 3), 255, np.uint8)
    cv2.putText(page, "Loading", (600, 300), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1)
    cv2.putText(other, "Not found", (600, 300), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1)
    (tmp_path / "home.png").write_bytes(png(page))
    pages = (OfficialPage("home", str(tmp_path / "home.png")),)
    signal = ScreenshotSignal(
        BrandLibrary([Brand("acme", "Acme", domains=("acme.test",), pages=pages, folder=str(tmp_path))])
    )
    assert measure(signal, other) == 0.0


def test_official_pages_of_any_shape_are_kept_and_opened_again(signal: ScreenshotSignal, tmp_path: Path) -> None:
    for name, shape in {"tall": (4000, 390, 3), "wide": (60, 1900, 3), "small": (9, 9, 3)}.items():
        noise = np.random.default_rng(4).integers(0, 255, shape).astype(np.uint8)
        (tmp_path / f"{name}.png").write_bytes(png(noise))
    pages = tuple(OfficialPage(name, str(tmp_path / f"{name}.png")) for name in ("tall", "wide", "small", "gone"))
    library = BrandLibrary([Brand("acme", "Acme", domains=("acme.test",), pages=pages, folder=str(tmp_path))])
    first, again = ScreenshotSignal(library), ScreenshotSignal(library)
    assert first.official.names.tolist() == again.official.names.tolist() == ["tall", "wide", "small"]
    tall = np.asarray(Image.open(tmp_path / "tall.png"))
    assert measure(first, tall) == measure(again, tall) == 1.0
    assert measure(first, sign_in_page(0)) == 0.0


def test_a_page_that_is_added_is_the_only_one_that_is_decoded(
    signal: ScreenshotSignal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    known, folder = signal.library["acme"], tmp_path / "new"
    folder.mkdir()
    (folder / "signin.png").write_bytes(png(sign_in_page(7)))
    page = OfficialPage("signin", str(folder / "signin.png"))
    new = Brand("new", "New", ("New",), ("new.test",), pages=(page,), folder=str(folder))
    ScreenshotSignal(BrandLibrary([known])).prepare()
    decoded: list[int] = []

    def watched(data: bytes, most: int) -> Pixels:
        decoded.append(len(data))
        return decode_picture(data, most)

    monkeypatch.setattr(official_pictures, "decode_picture", watched)
    both = ScreenshotSignal(BrandLibrary([known, new]))
    assert both.official.brands.tolist() == ["acme"] * len(known.pages) + ["new"]
    assert decoded == [(folder / "signin.png").stat().st_size]
    assert measure(both, sign_in_page(7), "new") == measure(signal, sign_in_page(0)) == 1.0


@pytest.mark.parametrize("rows", [10, 16, 23, 120])
@pytest.mark.parametrize("y", [-MOST_Y, -15, 0, 7, MOST_Y])
@pytest.mark.parametrize("x", [-MOST_X, 0, MOST_X])
def test_a_page_is_moved_by_more_than_it_is_high(rows: int, y: int, x: int) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    for lowest in (10, 16, 120):
        page = PageThumbnail(noise, lowest)
        there, inside = page.moved(x, y, rows)
        expected = np.zeros((rows, WIDTH), np.float32)
        whole = np.zeros((rows, WIDTH), bool)
        for row in range(rows):
            for column in range(WIDTH):
                if 0 <= row + y < lowest and 0 <= column + x < WIDTH:
                    expected[row, column] = page.grey[row + y, column + x]
                    whole[row, column] = True
        np.testing.assert_array_equal(there.grey, expected)
        cut = whole[: rows // BLOCK * BLOCK].reshape(rows // BLOCK, BLOCK, WIDTH // BLOCK, BLOCK)
        np.testing.assert_array_equal(inside, cut.all(axis=(1, 3)))


def test_brands_that_show_the_same_page_keep_it_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    brands = []
    for brand in ("acme", "zenith"):
        (tmp_path / brand).mkdir()
        (tmp_path / brand / "signin.png").write_bytes(png(sign_in_page(3)))
        page = OfficialPage("signin", str(tmp_path / brand / "signin.png"))
        brands.append(Brand(brand, brand, (brand,), (f"{brand}.test",), pages=(page,), folder=str(tmp_path / brand)))
    for note in ("one", "two", "three"):
        (tmp_path / "acme" / "brand.toml").write_text(f"# {note}")  # another library, the same pages
        found = ScreenshotSignal(BrandLibrary(brands)).official
        assert found.brands.tolist() == ["acme", "zenith"]
        assert len(found.nearest(sign_in_page(3))) == 2
        assert {
            len(rows)
            for name, rows in official_pictures.build_official(BrandLibrary(brands)).items()
            if name != "sources"
        } == {2}
    assert len(list(cache_folder().glob("pages-*"))) == 3


def test_many_hashes_at_once_have_the_bits_of_one_at_a_time() -> None:
    squares = [Image.fromarray(sign_in_page(seed)).convert("L").resize((SIDE, SIDE)) for seed in range(20)]
    np.testing.assert_array_equal(codes_of(squares), [code_of(square) for square in squares])
    flat = codes_of([Image.new("L", (SIDE, SIDE), grey) for grey in (0, 90, 255)])
    assert np.unpackbits(flat).sum() <= 2, "nothing but the brightness of the whole"


def test_brand_without_official_page_abstains(signal: ScreenshotSignal) -> None:
    view = CaptureView(Capture("https://x.test/", Outcome.OK), lambda: png(sign_in_page(0)))
    finding = signal.look(view, signal.library["bare"])
    assert finding.measure is None
    assert finding.abstained
    assert "captured" in finding.abstained


@pytest.mark.parametrize("change", [aside, with_dialog], ids=["aside", "dialog"])
def test_a_changed_copy_is_found_among_many_pages(change: Callable[[Pixels], Pixels]) -> None:
    many = from_pictures((str(seed), "signin", sign_in_page(seed)) for seed in range(150))
    for seed in (3, 70):
        best = max(many.nearest(change(sign_in_page(seed))), key=rank_of)
        assert (many.brands[best.page], measure_of(best)) == (str(seed), 1.0)


def white() -> Pixels:
    return np.full((800, 1280, 3), 255, np.uint8)


def write(page: Pixels, text: str, at: tuple[int, int], size: float = 0.6) -> Pixels:
    cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (40, 40, 40), 1, cv2.LINE_AA)
    return page


def card_fields(page: Pixels, fields: int) -> Pixels:
    for number in range(fields):
        cv2.rectangle(page, (470, 260 + 70 * number), (810, 304 + 70 * number), (180, 180, 180), 1)
    return page


def card(title: str, fields: int = 2, button: tuple[int, int, int] = (110, 70, 10)) -> Pixels:
    """A sign-in page as many have it: a thin card in the middle of white."""
    page = write(white(), title, (560, 150), 1.0)
    cv2.rectangle(page, (440, 200), (840, 560), (220, 220, 220), 1)
    for number in range(fields):
        write(page, "Field", (480, 288 + 70 * number))
    card_fields(page, fields)
    cv2.rectangle(page, (470, 410), (810, 456), button, -1)
    cv2.putText(page, "Go on", (600, 440), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return page


def quorvane() -> Pixels:
    page = card("Quorvane", 0)
    for text, at in (
        ("Email", (480, 288)),
        ("Password", (480, 358)),
        ("Forgot password?", (560, 500)),
        ("(c) Quorvane", (560, 780)),
    ):
        write(page, text, at)
    return card_fields(page, 2)


STRANGERS = {
    "white": white(),
    "a line": np.asarray(cv2.line(white(), (0, 80), (1280, 80), (200, 200, 200), 1), np.uint8),
    "a dot": np.asarray(cv2.circle(white(), (640, 400), 20, (120, 120, 120), -1), np.uint8),
    "a word": write(white(), "Loading...", (600, 400)),
    "an error": write(write(white(), "404 Not Found", (540, 300), 1.0), "nginx", (620, 340)),
    "a card": card("Acme shop", 2, (30, 120, 30)),
    "a card of three": card("Contact us", 3),
    "a card of one": card("Newsletter", 1, (30, 120, 30)),
    "maintenance": write(write(white(), "We'll be back soon", (480, 340), 1.2), "We are working on it", (470, 390)),
    "nearly black": 12 + (white() < 255).astype(np.uint8),
}


@pytest.mark.parametrize(
    "official",
    [
        quorvane(),
        write(white(), "Quorvane", (560, 150), 1.0),
        np.asarray(cv2.circle(white(), (640, 400), 30, (110, 70, 10), 6), np.uint8),
    ],
    ids=["card", "word", "circle"],
)
def test_a_page_of_little_is_not_taken_for_another_of_little(official: Pixels) -> None:
    pages = from_pictures([("quorvane", "signin", official)])
    found = {name: max(map(measure_of, pages.nearest(stranger))) for name, stranger in STRANGERS.items()}
    cards = {name for name in STRANGERS if "card" in name}
    # the same fields in the same places: not enough to flag a page that names somebody else
    assert {name: value for name, value in found.items() if value > (0.6 if name in cards else 0.0)} == {}


def test_a_copy_of_a_page_of_little_is_found() -> None:
    pages = from_pictures([("quorvane", "signin", quorvane())])
    assert max(map(measure_of, pages.nearest(quorvane()))) > 0.8
    assert max(map(measure_of, pages.nearest(write(quorvane(), "Suspended!", (20, 780))))) > 0.8


CONSENT = (
    "We value your privacy\nWe and our 143 partners store and access information on a device.\n"
    "We use cookies for personalised ads.\nAccept all\nReject all"
)


def under_dialog(page: Pixels) -> Pixels:
    """The page under a dark veil, with a dialog in its middle."""
    page = (page * 0.45).astype(np.uint8)
    page[150:650, 300:980] = 255
    for row, text in enumerate(CONSENT.splitlines()):
        write(page, text, (340, 220 + 75 * row), 0.8)
    for row, left in ((490, 600), (565, 600)):
        cv2.rectangle(page, (left, row), (left + 300, row + 40), (20, 90, 200), -1)
    return page


def of_brand(tmp_path: Path, picture: Pixels, text: str, title: str = "Sign in") -> ScreenshotSignal:
    (tmp_path / "signin.png").write_bytes(png(picture))
    (tmp_path / "signin.json").write_bytes(to_json(PageFacts(title=title, text=text, inputs=FIELDS if text else ())))
    pages = (OfficialPage("signin", str(tmp_path / "signin.png"), str(tmp_path / "signin.json")),)
    return ScreenshotSignal(
        BrandLibrary([Brand("acme", "Acme", domains=("acme.test",), pages=pages, folder=str(tmp_path))])
    )


FIELDS = (InputField("email"), InputField("password"))


@pytest.mark.skipif(find_tesseract() is None, reason="tesseract is not installed")
def test_strangers_under_the_same_dialog_are_strangers(tmp_path: Path) -> None:
    signal = of_brand(tmp_path, under_dialog(sign_in_page(0)), f"Sign in to Acme\n{CONSENT}")
    for stranger in (under_dialog(sign_in_page(7)), under_dialog(white()), sign_in_page(7)):
        assert measure(signal, stranger) == 0.0
    assert measure(signal, sign_in_page(0)) > 0.5, "the page that is under the dialog"


def test_a_page_with_a_dialog_that_cannot_be_found_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLONEWATCH_TESSERACT", str(tmp_path / "none"))
    signal = of_brand(tmp_path, sign_in_page(0), f"Sign in to Acme\n{CONSENT}")
    assert len(signal.official.brands) == 0


def test_a_page_in_the_place_of_another_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "signin.png").write_bytes(png(sign_in_page(0)))
    facts = PageFacts(title="Acme", text="We will be back soon. Acme is under maintenance.")
    (tmp_path / "signin.json").write_bytes(to_json(facts))
    pages = (OfficialPage("signin", str(tmp_path / "signin.png"), str(tmp_path / "signin.json")),)
    library = BrandLibrary([Brand("acme", "Acme", domains=("acme.test",), pages=pages, folder=str(tmp_path))])
    assert len(ScreenshotSignal(library).official.brands) == 0
