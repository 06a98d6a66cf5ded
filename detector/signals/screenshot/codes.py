"""Perceptual hashes of a viewport: of the whole picture, and of a band that may stand higher or lower.

The hash is the 256-bit DCT hash of ImageHash (``phash(hash_size=16)``; Zauner, "Implementation and benchmarking of perceptual
image hash functions", 2010).  It finds copies among any number of pages, and is destroyed by a crop or a banner over the middle:
what it proposes is compared block by block.
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
BAND = (0.2, 0.8)
"""Share of the height that the middle band covers."""
SHIFTS = tuple(range(-160, 161, 16))
"""Pixels by which the band is looked for above and below."""
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


def band_code(small: Image.Image, shift: int = 0) -> Code:
    """The hash of the middle band, looked for ``shift`` pixels of the page lower."""
    offset = shift // SHRINK
    top, bottom = (round(share * small.height) + offset for share in BAND)
    return code_of(small.crop((0, max(0, top), small.width, max(top + 8, min(small.height, bottom)))))
