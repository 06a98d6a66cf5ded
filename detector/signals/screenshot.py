"""The signal ``screenshot``: perceptual hashes of the picture against the brand's captured official pages.

The hash is the 256-bit DCT hash of ImageHash (``phash(hash_size=16)``; Zauner, "Implementation and benchmarking of perceptual
image hash functions", 2010).  Beside the whole picture, the official page's middle band is looked for at several heights, since a
cookie banner that moves everything down destroys the hash of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import imagehash
import numpy as np
import structlog
from numpy.typing import NDArray
from PIL import Image

from detector.model import Brand, Finding
from detector.signals.base import SurveySignal
from detector.signals.view import Pixels, UnreadablePicture, View, decode_picture

BITS = 256
SAME, OTHER = 24, 64
"""Hamming distances of 256 bits: up to the first the same picture, from the second on another."""
SHRINK = 4
BAND = (0.2, 0.8)
"""Share of the height that the middle band covers."""
SHIFTS = tuple(range(-160, 161, 16))
"""Pixels by which the band is looked for above and below."""
MAX_PIXELS = 50_000_000

log = structlog.get_logger(__name__)
Code = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Official:
    brands: tuple[str, ...]
    names: tuple[str, ...]
    whole: NDArray[np.bool_]
    """pages x BITS."""
    band: NDArray[np.bool_]


class ScreenshotSignal(SurveySignal):
    """How close the picture is to a page that the brand itself shows."""

    name = "screenshot"
    version = 1
    nothing = "the picture resembles no captured page of {brand}"

    @cached_property
    def official(self) -> _Official:
        brands, names, whole, band = [], [], [], []
        for brand in self.library:
            for page in brand.pages:
                try:
                    pixels = decode_picture(Path(page.screenshot).read_bytes(), MAX_PIXELS)
                except (OSError, UnreadablePicture) as error:
                    log.warning("official page left out", brand=brand.id, page=page.name, error=str(error))
                    continue
                small = _shrink(pixels)
                brands.append(brand.answer)
                names.append(page.name)
                whole.append(_code(small))
                band.append(_code(_cut_band(small, 0)))
        shape = (len(brands), BITS)
        return _Official(
            tuple(brands), tuple(names), np.asarray(whole, bool).reshape(shape), np.asarray(band, bool).reshape(shape)
        )

    def abstains(self, view: View) -> str | None:
        if view.pixels is None:
            return view.no_picture_reason
        return None

    def look(self, view: View, brand: Brand) -> Finding:
        if view.pixels is not None and brand.answer not in self.official.brands:
            reason = f"no official page of {brand.name} has been captured"
            return Finding(self.name, brand.id, None, f"Could not compare: {reason}.", abstained=reason)
        return super().look(view, brand)

    def survey(self, view: View) -> Mapping[str, Finding]:
        official = self.official
        if not official.brands or view.pixels is None:
            return {}
        small = _shrink(view.pixels)
        distances = (official.whole != _code(small)).sum(axis=1)
        for shift in SHIFTS:
            distances = np.minimum(distances, (official.band != _code(_cut_band(small, shift))).sum(axis=1))
        findings: dict[str, Finding] = {}
        for index in np.argsort(distances):
            distance, brand = int(distances[index]), official.brands[index]
            if distance >= OTHER or brand in findings:
                continue
            measure = min(1.0, (OTHER - distance) / (OTHER - SAME))
            shown = self.library.get(brand)
            findings[brand] = self.finding(
                brand,
                measure,
                f"The picture matches {shown.name if shown else brand}'s page “{official.names[index]}” in "
                f"{BITS - distance} of {BITS} bits of its perceptual hash.",
            )
        return findings


def _shrink(pixels: Pixels) -> Image.Image:
    """The viewport's part of a picture at a quarter of its size, in grey."""
    image = Image.fromarray(pixels)
    height = min(image.height, round(image.width * 0.75))
    size = (max(8, image.width // SHRINK), max(8, height // SHRINK))
    return image.crop((0, 0, image.width, height)).convert("L").resize(size, Image.Resampling.BOX)


def _cut_band(small: Image.Image, shift: int) -> Image.Image:
    offset = shift // SHRINK
    top, bottom = (round(share * small.height) + offset for share in BAND)
    return small.crop((0, max(0, top), small.width, max(top + 8, min(small.height, bottom))))


def _code(image: Image.Image) -> Code:
    bits: Code = imagehash.phash(image, hash_size=16).hash.ravel()
    return bits
