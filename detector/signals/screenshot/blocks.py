"""Two pictures of pages compared block by block, after one has been moved onto the other.

A banner covers some blocks, a shift moves all of them, a crop takes those at a side: the others still agree.  A block agrees where
its pattern correlates and its colour is the same; blocks of one flat colour say nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signals.screenshot.codes import TALLEST

WIDTH = 160
HEIGHT = round(WIDTH * TALLEST)
"""Pixels of a thumbnail; lower pages leave the rest black."""
BLOCK = 10
MOST_X, MOST_Y = 12, 24
"""Pixels of a thumbnail by which pictures may be moved against each other: an eighth of a page of 1,280 x 800 each way."""
FLAT = 5.0
"""Standard deviation of grey up to which a block shows nothing."""
AGREES = 0.7
"""Correlation from which two blocks show the same."""
SAME_COLOUR = 40.0
"""Difference of the mean colours in any channel up to which two blocks have one colour."""
SCALES = (0.8, 0.9, 0.95, 1.05, 1.1, 1.25)
"""Sizes at which a page is shown that was zoomed, or cropped and enlarged."""
FEWEST = 8
"""Blocks that must show something: two nearly empty pages resemble each other too easily."""

Thumbnail = NDArray[np.uint8]
"""HEIGHT x WIDTH x 3."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much of one picture the other shows."""

    agreeing: int
    shown: int
    """Blocks of the first picture that show something."""
    moved: tuple[int, int]
    """Shares of the page's width, in percent, by which the second is moved right and down."""

    @property
    def share(self) -> float:
        return self.agreeing / self.shown if self.shown >= FEWEST else 0.0


def thumbnail(pixels: NDArray[np.uint8]) -> tuple[Thumbnail, int]:
    """The viewport's part of a picture, WIDTH pixels wide, and how many rows of it are the page's."""
    height, width = pixels.shape[:2]
    part = pixels[: max(1, min(height, round(width * TALLEST)))]
    rows = max(1, min(HEIGHT, round(part.shape[0] * WIDTH / width)))
    small = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    small[:rows] = cv2.resize(part, (WIDTH, rows), interpolation=cv2.INTER_AREA)
    return small, rows


def scaled(small: Thumbnail, rows: int, scale: float) -> tuple[Thumbnail, int]:
    """What a thumbnail would be had the page been shown at 1 / ``scale`` of its size."""
    size = (max(1, round(WIDTH * scale)), max(1, round(rows * scale)))
    resized = cv2.resize(np.ascontiguousarray(small[:rows]), size, interpolation=cv2.INTER_LINEAR)
    # the middle stays where it is across, and the top where it is down: so do browsers' zoom and most crops
    left, inset = max(0, (size[0] - WIDTH) // 2), max(0, (WIDTH - size[0]) // 2)
    part = resized[:HEIGHT, left : left + WIDTH]
    other = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    other[: len(part), inset : inset + part.shape[1]] = part
    return other, len(part)


def compare(official: Thumbnail, official_rows: int, seen: Thumbnail, seen_rows: int) -> Agreement:
    """How much of the official page's picture the seen one shows."""
    if min(official_rows, seen_rows) < BLOCK:
        return Agreement(0, 0, (0, 0))
    first, second = official[:official_rows], seen[:seen_rows]
    grey, other = (
        cv2.cvtColor(np.ascontiguousarray(some), cv2.COLOR_RGB2GRAY).astype(np.float32) for some in (first, second)
    )
    x, y = _offset(grey, other)
    there, whole = _moved(second, x, y, official_rows)
    blocks, others = _blocks(grey), _blocks(cv2.cvtColor(there, cv2.COLOR_RGB2GRAY).astype(np.float32))
    shows = blocks.std(axis=2) > FLAT
    colours = np.abs(
        _blocks(first.astype(np.float32)).mean(axis=2) - _blocks(there.astype(np.float32)).mean(axis=2)
    ).max(axis=2)
    inside = _blocks(whole.astype(np.float32)).min(axis=2) > 0
    agrees = shows & inside & (colours <= SAME_COLOUR) & (_correlation(blocks, others) >= AGREES)
    return Agreement(int(agrees.sum()), int(shows.sum()), (round(100 * x / WIDTH), round(100 * y / WIDTH)))


def _moved(picture: NDArray[np.uint8], x: int, y: int, rows: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What the picture shows ``x`` to the right and ``y`` below of each pixel, and where that is inside it."""
    there, whole = np.zeros((rows, WIDTH, 3), np.uint8), np.zeros((rows, WIDTH), np.uint8)
    top, left = max(0, -y), max(0, -x)
    part = picture[max(0, y) : max(0, y) + rows - top, max(0, x) : max(0, x) + WIDTH - left]
    there[top : top + len(part), left : left + part.shape[1]] = part
    whole[top : top + len(part), left : left + part.shape[1]] = 1
    return there, whole


def _blocks(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Down x across x pixels of a block (x channels); what is left over at the edges is left out."""
    rows, columns = len(picture) // BLOCK, picture.shape[1] // BLOCK
    cut = picture[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK, -1)
    joined = cut.transpose(0, 2, 1, 3, 4).reshape(rows, columns, BLOCK * BLOCK, -1)
    return joined[..., 0] if picture.ndim == 2 else joined


def _offset(grey: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[int, int]:
    """Where the first picture's middle is found in the second."""
    top, left = len(grey) // 5, MOST_X
    middle = grey[top : len(grey) - top, left : WIDTH - left]
    if middle.std() <= FLAT / 2 or len(middle) < BLOCK:
        return 0, 0
    # room at every side, so that what the shift pushed out of the picture costs no match
    room = cv2.copyMakeBorder(other, MOST_Y, MOST_Y, 0, 0, cv2.BORDER_REPLICATE)
    from_row = max(0, top)
    window = room[from_row : from_row + len(middle) + 2 * MOST_Y]
    if len(window) < len(middle):
        return 0, 0
    found = cv2.matchTemplate(window, np.ascontiguousarray(middle), cv2.TM_CCOEFF_NORMED)
    _, _, _, (column, row) = cv2.minMaxLoc(found)
    return column - left, row - MOST_Y


def _correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of blocks: down x across."""
    a, b = first - first.mean(axis=2, keepdims=True), second - second.mean(axis=2, keepdims=True)
    size = np.sqrt((a * a).sum(axis=2) * (b * b).sum(axis=2))
    return np.asarray((a * b).sum(axis=2) / np.maximum(size, 1e-6), np.float32)
