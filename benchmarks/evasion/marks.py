"""Brands of the test set, their logos as files, and marks of companies that do not exist."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.many_brands import mark_of, name_of
from detector.brands import BrandLibrary, render_logo
from detector.model import Brand, Logo

HEIGHT = 48
"""CSS pixels of a logo on a page."""
MAX_SVG = 60_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A company's name and its logo, as SVG text and as pixels."""

    id: str
    name: str
    svg: str
    picture: Image.Image
    """RGBA without margins, twice the size that pages show it in."""
    spread: tuple[float, float] = (1.0, 1.0)
    """Width and height of the SVG's canvas, divided by those of the drawing in it."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height on the page, CSS pixels."""
        return max(1, self.picture.width // 2), max(1, self.picture.height // 2)

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height of the SVG element with which the drawing in it has ``size``."""
        return round(self.size[0] * self.spread[0]), round(self.size[1] * self.spread[1])

    @property
    def address(self) -> str:
        """The SVG as a data address."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


def split_of(brand: str) -> str:
    """``dev`` or ``test``, by brand."""
    return ("dev", "test")[crc32(brand.encode()) % 2]


def chosen_brands(library: BrandLibrary, count: int) -> list[Brand]:
    """Brands with a current SVG logo for light grounds, the same for every run, half of them of each split."""
    able = [brand for brand in library if brand.answer == brand.id and _logo(brand) is not None]
    able.sort(key=lambda brand: crc32(f"evasion {brand.id}".encode()))
    halves = [[brand for brand in able if split_of(brand.id) == split][: count // 2] for split in ("dev", "test")]
    return [brand for half in halves for brand in half]


def mark_of_brand(brand: Brand) -> Mark:
    """The brand's current logo, a wordmark where it has one for light grounds."""
    logo = _logo(brand)
    assert logo is not None
    picture = render_logo(logo, 512)
    box = picture.getchannel("A").point(lambda a: 255 if a > 16 else 0).getbbox()
    shown = picture.crop(box)
    spread = picture.width / shown.width, picture.height / shown.height
    return Mark(brand.id, brand.name, Path(logo.path).read_text(encoding="utf-8"), _scaled(shown), spread)


def invented(number: int) -> Mark:
    """Return an invented company that is in no library, with an invented mark."""
    svg = mark_of(700_000 + number)
    import resvg_py

    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=256)))).convert("RGBA")
    return Mark("", name_of(700_000 + number), svg, _scaled(drawn))


def _logo(brand: Brand) -> Logo | None:
    fits = [
        logo
        for logo in brand.logos
        if logo.path.endswith(".svg") and logo.era == "current" and logo.theme != "dark" and _small(logo)
    ]
    order = {"wordmark": 0, "tile": 1, "mark": 2}
    fits.sort(key=lambda logo: (order[logo.kind] if crc32(brand.id.encode()) % 3 else -order[logo.kind], logo.path))
    return fits[0] if fits else None


def _small(logo: Logo) -> bool:
    return Path(logo.path).stat().st_size < MAX_SVG


def _scaled(picture: Image.Image) -> Image.Image:
    height = 2 * HEIGHT if picture.width < 6 * picture.height else HEIGHT
    width = max(2, round(picture.width * height / picture.height))
    if width > 640:
        width, height = 640, max(2, round(picture.height * 640 / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def data_address(picture: Image.Image) -> str:
    """A picture as a PNG data address."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def lettered(text: str, size: int = 20, colour: str = "#222") -> Image.Image:
    """A line of text as a picture, drawn at twice its size."""
    font = ImageFont.load_default(2 * size)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("RGBA", (round(right - left) + 8, round(bottom - top) + 8), (255, 255, 255, 0))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=colour, font=font)
    return picture


def img(address: str, size: tuple[int, int], alt: str = "", style: str = "") -> str:
    """An ``img`` element."""
    width, height = size
    return (
        f'<img src="{html.escape(address)}" alt="{html.escape(alt)}" width="{width}" height="{height}" style="{style}">'
    )


def noised(picture: Image.Image, strength: float, seed: int) -> Image.Image:
    """Gaussian noise on the colours of what is visible."""
    pixels = np.asarray(picture).astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, strength, (*pixels.shape[:2], 3))
    pixels[..., :3] = np.clip(pixels[..., :3] + noise, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")


def row(parts: Iterable[str]) -> str:
    """Elements beside each other."""
    return "".join(f'<span style="display:inline-block;margin:0 14px;vertical-align:middle">{p}</span>' for p in parts)
