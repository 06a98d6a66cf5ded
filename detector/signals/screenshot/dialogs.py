"""Cover the dialog that asks for consent in the picture of an official page: strangers show the same dialog."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.brands import consent_lines
from detector.reading import CouldNotRead, TextLine, read_lines, text_regions

Pixels = NDArray[np.uint8]
MOST_LINES, MOST_PIXELS = 60, 2_500_000
BESIDE, ABOVE, BELOW = 50, 60, 110
"""Pixels around the lines of a dialog without an edge: margins, a title, buttons."""
ALIKE = 3
"""Difference of grey up to which neighbouring pixels are one background."""
EDGE = 40
"""Pixels around a dialog that are covered as well: strangers have the same edge."""
BRIGHTEST = 99.8
"""Percentile of brightness that nearly every page has white, or letters nearly white, at."""
VEILED = (50, 215)
"""That brightness of a page under a veil; of one that is darker nothing can be told."""
LARGEST = 0.7
"""Share of the picture up to which a background is a dialog's, and not the page's."""


def without_dialog(pixels: Pixels) -> Pixels | None:
    """Return the picture with the dialog covered by one flat colour; None where its text is not found in the picture."""
    height, width = pixels.shape[:2]
    try:
        regions = text_regions(pixels, [(0, 0, width, height)], most=MOST_LINES, most_pixels=MOST_PIXELS)
        lines = sorted(read_lines(pixels, regions), key=lambda line: (line.box.y, line.box.x))
    except CouldNotRead:
        return None
    asking = [line for line, marked in zip(lines, consent_lines([line.text for line in lines]), strict=True) if marked]
    if not asking:
        return None
    own = np.ones((height, width), bool)
    found = {ground for line in asking if (ground := _background(line, pixels)) is not None}
    for left, top, right, bottom in found or {_around(asking, pixels)}:
        own[max(0, top - EDGE) : bottom + EDGE, max(0, left - EDGE) : right + EDGE] = False
    covered = _undimmed(pixels, own)
    if own.any():
        # the page's own ground: the place where it stands is looked for by its middle
        covered[~own] = np.median(covered[own], axis=0)
    return covered


def _undimmed(pixels: Pixels, own: NDArray[np.bool_]) -> Pixels:
    """Return the picture as bright as it is without the dark veil that a dialog puts over the page around it."""
    if not own.any():
        return pixels.copy()
    brightest = float(np.percentile(pixels.max(axis=2)[own], BRIGHTEST))
    if not VEILED[0] <= brightest < VEILED[1]:
        return pixels.copy()
    return np.asarray(np.clip(pixels.astype(np.float32) * (255.0 / brightest), 0, 255), np.uint8)


def _around(lines: list[TextLine], pixels: Pixels) -> tuple[int, int, int, int]:
    """Return the rectangle of the lines with the margins that dialogs have."""
    height, width = pixels.shape[:2]
    left = min(line.box.x for line in lines) - BESIDE
    top = min(line.box.y for line in lines) - ABOVE
    right = max(line.box.x + line.box.width for line in lines) + BESIDE
    bottom = max(line.box.y + line.box.height for line in lines) + BELOW
    return max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))


def _background(line: TextLine, pixels: Pixels) -> tuple[int, int, int, int] | None:
    """Return the rectangle of the even background that a line stands on; None where that is the page's."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    left, top = max(0, int(line.box.x)), max(0, int(line.box.y))
    part = grey[top : top + int(line.box.height) + 1, left : left + int(line.box.width) + 1]
    if not part.size:
        return None
    y, x = np.argwhere(part == np.bincount(part.ravel()).argmax())[0].tolist()
    area, _, _, (left, top, wide, high) = cv2.floodFill(
        grey,
        np.zeros((height + 2, width + 2), np.uint8),
        (left + x, top + y),
        0,
        (ALIKE,),
        (ALIKE,),
        cv2.FLOODFILL_MASK_ONLY,
    )
    return (left, top, left + wide, top + high) if area and wide * high <= LARGEST * width * height else None
