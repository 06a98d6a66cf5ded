"""Perceptual hashes of a viewport: of the whole picture, and of its middle, which may stand elsewhere.

``code_of`` is the 256-bit DCT hash of ImageHash (``phash(hash_size=16)``; Zauner, "Implementation and benchmarking of perceptual
image hash functions", 2010), of the whole, of a band across and of one down the page; a crop, a dialog or another zoom destroys it.
``gradient_code`` is the 256-bit difference hash (``dhash(hash_size=16)``; Krawetz, "Kind of like that", 2013), which a change in
one place leaves alone elsewhere.  Both propose pages among any number; what they propose is compared block by block.
"""

from __future__ import annotations

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS = 256
SHRINK = 4
TALLEST = 0.75
"""Height to width of what is looked at: more of a page is below the fold."""
MIDDLE = (0.2, 0.8)
"""Share of the height, or the width, that a band covers."""
SHIFTS = tuple(range(-160, 161, 16))
"""Pixels by which a band is looked for to both sides."""
Code = NDArray[np.uint8]
"""32 bytes."""


def shrink(pixels: NDArray[np.uint8]) -> Image.Image:
    """The viewport's part of a picture at a quarter of its size, in grey."""
    image = Image.fromarray(pixels)
    height = min(image.height, round(image.width * TALLEST))
    size = (max(8, image.width // SHRINK), max(8, height // SHRINK))
    return image.crop((0, 0, image.width, height)).convert("L").resize(size, Image.Resampling.BOX)


def code_of(small: Image.Image) -> Code:
    """The hash of a shrunk picture."""
    return np.packbits(imagehash.phash(small, hash_size=16).hash.ravel())


def gradient_code(small: Image.Image) -> Code:
    """The difference hash of a shrunk picture."""
    return np.packbits(imagehash.dhash(small, hash_size=16).hash.ravel())


def across_code(small: Image.Image, shift: int = 0) -> Code:
    """The hash of the band across the middle, looked for ``shift`` pixels of the page lower."""
    top, bottom = _band(small.height, shift)
    return code_of(small.crop((0, top, small.width, bottom)))


def down_code(small: Image.Image, shift: int = 0) -> Code:
    """The hash of the band down the middle, looked for ``shift`` pixels of the page further right."""
    left, right = _band(small.width, shift)
    return code_of(small.crop((left, 0, right, small.height)))


def _band(side: int, shift: int) -> tuple[int, int]:
    start, end = (round(share * side) + shift // SHRINK for share in MIDDLE)
    start = max(0, start)
    return start, max(start + 8, min(side, end))
