"""Two pictures of pages compared block by block, after one has been moved onto the other.

A banner covers some blocks, a shift moves all of them, a crop takes those at a side: the others still agree.  A block agrees where
its pattern correlates and its colour is the same; blocks of one flat colour say nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
class BlockAgreement:
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


class PageThumbnail:
    """A thumbnail, and what every comparison needs of it."""

    def __init__(self, small: Thumbnail, rows: int) -> None:
        """``rows``: how many of the thumbnail's rows are the page's."""
        self.rows = rows
        self.picture = np.ascontiguousarray(small[:rows])
        self.grey = cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)

    @cached_property
    def blocks(self) -> ThumbnailBlocks:
        return ThumbnailBlocks(self.grey, self.picture)

    def moved(self, x: int, y: int, rows: int) -> tuple[ThumbnailBlocks, NDArray[np.bool_]]:
        """The blocks of what it shows ``x`` to the right and ``y`` below of each pixel, and which lie wholly within it."""
        grey, picture = np.zeros((rows, WIDTH), np.float32), np.zeros((rows, WIDTH, 3), np.uint8)
        top, left = max(0, -y), max(0, -x)
        above, before = max(0, y), max(0, x)
        part = self.grey[above : above + max(0, rows - top), before : before + WIDTH - left]
        bottom, right = top + len(part), left + part.shape[1]
        grey[top:bottom, left:right] = part
        picture[top:bottom, left:right] = self.picture[above : above + len(part), before : before + part.shape[1]]
        starts_down = np.arange(0, rows - BLOCK + 1, BLOCK)[:, None]
        starts_across = np.arange(0, WIDTH - BLOCK + 1, BLOCK)[None]
        inside = (
            (starts_down >= top)
            & (starts_down + BLOCK <= bottom)
            & (starts_across >= left)
            & (starts_across + BLOCK <= right)
        )
        return ThumbnailBlocks(grey, picture), inside


class ThumbnailBlocks:
    """Squares of BLOCK pixels, down x across; what is left over at the edges is left out."""

    def __init__(self, grey: NDArray[np.float32], picture: NDArray[np.uint8]) -> None:
        self.grey = grey
        self.sums = _sums(grey)
        self.spread = _sums(grey * grey) - self.sums * self.sums / BLOCK**2
        """Squared differences from the block's mean, summed."""
        self.colours = _sums(picture.astype(np.float32)) / BLOCK**2

    def correlation(self, other: ThumbnailBlocks) -> NDArray[np.float64]:
        """Of each block's grey with the other's at the same place, -1 to 1."""
        both = _sums(self.grey * other.grey) - self.sums * other.sums / BLOCK**2
        return both / np.sqrt(np.maximum(self.spread * other.spread, 1e-12))


def compare(official: PageThumbnail, seen: PageThumbnail) -> BlockAgreement:
    """How much of the official page's picture the seen one shows."""
    if min(official.rows, seen.rows) < BLOCK:
        return BlockAgreement(0, 0, (0, 0))
    x, y = _offset(official.grey, seen.grey)
    blocks = official.blocks
    there, inside = seen.moved(x, y, official.rows)
    shows = blocks.spread > FLAT**2 * BLOCK**2
    same_colour = np.abs(blocks.colours - there.colours).max(axis=2) <= SAME_COLOUR
    agrees = shows & inside & same_colour & (blocks.correlation(there) >= AGREES)
    return BlockAgreement(int(agrees.sum()), int(shows.sum()), (round(100 * x / WIDTH), round(100 * y / WIDTH)))


def _sums(picture: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each block, and channel.  Of squares of bytes still exact: at most 100 x 255 x 255, below 2^24."""
    rows, columns = len(picture) // BLOCK, picture.shape[1] // BLOCK
    cut = picture[: rows * BLOCK, : columns * BLOCK]
    # down first: that runs along rows that lie in memory as they are
    across = cut.reshape(rows, BLOCK, columns * BLOCK, *cut.shape[2:]).sum(axis=1)
    return np.asarray(across.reshape(rows, columns, BLOCK, *cut.shape[2:]).sum(axis=2), np.float64)


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
