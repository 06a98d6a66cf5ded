"""Perceptual hashes of a viewport: of the whole picture, and of its middle, which may have been shifted.

``code_of`` is the 256-bit DCT hash of ImageHash (``phash(hash_size=16)``; Zauner, "Implementation and benchmarking of perceptual
image hash functions", 2010), of the whole, of a band across and of one down the page; a crop, a dialog or another zoom destroys it.
``gradient_code`` is the 256-bit difference hash (``dhash(hash_size=16)``; Krawetz, "Kind of like that", 2013), which a change in
one place leaves unchanged elsewhere.  Both propose official pages, which are then compared block by block.
"""

from __future__ import annotations

from collections.abc import Iterable

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS = 256
SHRINK = 4
SIDE = 64
"""Side in pixels of the square for the DCT hash: four times its 16 bits."""
TALLEST = 0.75
"""Height over width of the part that is hashed: the viewport, without what is below it."""
MIDDLE = (0.2, 0.8)
"""Range of the height, or the width, of a band."""
SHIFTS = tuple(range(-160, 161, 16))
"""Shifts in pixels at which a band is searched for."""
_COSINES = np.cos(np.pi * np.arange(16)[:, None] * (2 * np.arange(SIDE) + 1) / (2 * SIDE))
"""The lowest 16 rows of the discrete cosine transform (type II) of SIDE values."""
Code = NDArray[np.uint8]
"""32 bytes."""


def shrink(pixels: NDArray[np.uint8]) -> Image.Image:
    """Scale the viewport's part of a picture to a quarter of its size, in grey."""
    width = pixels.shape[1]
    part = pixels[: min(len(pixels), round(width * TALLEST))]
    size = (max(8, width // SHRINK), max(8, len(part) // SHRINK))
    return Image.fromarray(part).convert("L").resize(size, Image.Resampling.BOX)


def code_of(small: Image.Image) -> Code:
    """Compute the DCT hash of a shrunk picture."""
    return np.packbits(imagehash.phash(small, hash_size=16).hash.ravel())


def gradient_code(small: Image.Image) -> Code:
    """Compute the difference hash of a shrunk picture."""
    return np.packbits(imagehash.dhash(small, hash_size=16).hash.ravel())


def codes_of(squares: Iterable[Image.Image]) -> NDArray[np.uint8]:
    """Compute the DCT hashes of pictures of SIDE x SIDE, n x 32: the bits of ``code_of`` in a tenth of the time.

    Coefficients that differ from zero by rounding only are set to zero, or their bits would be noise.
    """
    pictures = np.stack([np.asarray(square, np.float64) for square in squares])
    lowest = (_COSINES @ pictures @ _COSINES.T).round(6).reshape(len(pictures), BITS)
    return np.packbits(lowest > np.median(lowest, axis=1, keepdims=True), axis=1)


def horizontal_band_codes(small: Image.Image, shifts: Iterable[int] = (0,)) -> NDArray[np.uint8]:
    """Hash the horizontal band in the middle, shifted down by so many pixels of the page; shifts x 32."""
    # the width is scaled once for all bands
    narrow = small.resize((SIDE, small.height), Image.Resampling.LANCZOS)
    bands = (_band(small.height, shift) for shift in shifts)
    return codes_of(_square(narrow, (0, top, SIDE, bottom)) for top, bottom in bands)


def vertical_band_codes(small: Image.Image, shifts: Iterable[int] = (0,)) -> NDArray[np.uint8]:
    """Hash the vertical band in the middle, shifted right by so many pixels of the page; shifts x 32."""
    low = small.resize((small.width, SIDE), Image.Resampling.LANCZOS)
    bands = (_band(small.width, shift) for shift in shifts)
    return codes_of(_square(low, (left, 0, right, SIDE)) for left, right in bands)


def _square(picture: Image.Image, band: tuple[int, int, int, int]) -> Image.Image:
    # the band of a very small picture may be outside of it, and is black there
    return picture.crop(band).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _band(side: int, shift: int) -> tuple[int, int]:
    start, end = (round(share * side) + shift // SHRINK for share in MIDDLE)
    start = max(0, start)
    return start, max(start + 8, min(side, end))
