"""Compare two pictures of pages block by block, after aligning them.

A banner covers some blocks, a shift moves all, a crop removes those at one side: the others still agree.  Blocks agree if their
patterns correlate and their colours are the same; blocks of one flat colour are left out.
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
"""Height of a thumbnail in pixels; shorter pages leave the rest black."""
BLOCK = 10
MOST_X, MOST_Y = 12, 24
"""Largest shift of two pictures, in pixels of a thumbnail: an eighth of a page of 1,280 x 800 in each direction."""
FLAT = 5.0
"""Standard deviation of grey up to which a block counts as flat."""
AGREES = 0.7
"""Correlation from which two blocks agree."""
SAME_COLOUR = 40.0
"""Difference of mean colours, in any channel, up to which two blocks have the same colour."""
ENOUGH = 0.5
"""Share of agreeing blocks from which nothing else is tried."""
SCALES = (0.8, 0.9, 0.95, 1.05, 1.1, 1.25)
"""Scales of pages that were zoomed, or cropped and enlarged."""
FEWEST = 8
"""Fewest blocks that are not flat: nearly empty pages resemble each other too easily."""

Thumbnail = NDArray[np.uint8]
"""HEIGHT x WIDTH x 3."""


@dataclass(frozen=True, slots=True)
class BlockAgreement:
    """The share of one picture's blocks that the other shows."""

    agreeing: int
    shown: int
    """Blocks of the first picture that are not flat."""
    moved: tuple[int, int]
    """Shift of the second picture to the right and down, in percent of the page's width."""

    @property
    def share(self) -> float:
        return self.agreeing / self.shown if self.shown >= FEWEST else 0.0


def thumbnail(pixels: NDArray[np.uint8]) -> tuple[Thumbnail, int]:
    """Scale the viewport's part of a picture to WIDTH pixels; returns it with the number of rows that belong to the page."""
    height, width = pixels.shape[:2]
    part = pixels[: max(1, min(height, round(width * TALLEST)))]
    rows = max(1, min(HEIGHT, round(part.shape[0] * WIDTH / width)))
    small = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    small[:rows] = cv2.resize(part, (WIDTH, rows), interpolation=cv2.INTER_AREA)
    return small, rows


def scaled(small: Thumbnail, rows: int, scale: float) -> tuple[Thumbnail, int]:
    """Make the thumbnail of the page at 1 / ``scale`` of its size."""
    size = (max(1, round(WIDTH * scale)), max(1, round(rows * scale)))
    resized = cv2.resize(np.ascontiguousarray(small[:rows]), size, interpolation=cv2.INTER_LINEAR)
    # keeps the horizontal middle and the top in place, as browsers' zoom and most crops do
    left, inset = max(0, (size[0] - WIDTH) // 2), max(0, (WIDTH - size[0]) // 2)
    part = resized[:HEIGHT, left : left + WIDTH]
    other = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    other[: len(part), inset : inset + part.shape[1]] = part
    return other, len(part)


class PageThumbnail:
    """A thumbnail, with what every comparison needs of it."""

    def __init__(self, small: Thumbnail, rows: int) -> None:
        """``rows``: number of the thumbnail's rows that belong to the page."""
        self.rows = rows
        self.picture = np.ascontiguousarray(small[:rows])
        self.grey = cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)

    @cached_property
    def blocks(self) -> ThumbnailBlocks:
        return ThumbnailBlocks(self.grey, self.picture)

    def moved(self, x: int, y: int, rows: int) -> tuple[ThumbnailBlocks, NDArray[np.bool_]]:
        """Return the blocks of the thumbnail shifted by ``x`` and ``y`` pixels, and a mask of those that are wholly in it."""
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
    """Squares of BLOCK pixels, rows x columns; incomplete ones at the edges are left out."""

    def __init__(self, grey: NDArray[np.float32], picture: NDArray[np.uint8]) -> None:
        self.grey = grey
        self.sums = _sums(grey)
        self.spread = _sums(grey * grey) - self.sums * self.sums / BLOCK**2
        """Squared differences from the block's mean, summed."""
        self.colours = _sums(picture.astype(np.float32)) / BLOCK**2

    def correlation(self, other: ThumbnailBlocks) -> NDArray[np.float64]:
        """Correlate each block's grey with that of the other's block at the same place, -1 to 1."""
        both = _sums(self.grey * other.grey) - self.sums * other.sums / BLOCK**2
        return both / np.sqrt(np.maximum(self.spread * other.spread, 1e-12))


def shown_blocks(pixels: NDArray[np.uint8]) -> int:
    """Count the blocks of a picture that are not flat."""
    return int((PageThumbnail(*thumbnail(pixels)).blocks.spread > FLAT**2 * BLOCK**2).sum())


def compare(official: PageThumbnail, seen: PageThumbnail) -> BlockAgreement:
    """Compute the share of the official page's blocks that the seen picture shows."""
    if min(official.rows, seen.rows) < BLOCK:
        return BlockAgreement(0, 0, (0, 0))
    moved = _agreement(official, seen, *_offset(official.grey, seen.grey))
    if moved.moved == (0, 0) or moved.share >= ENOUGH:
        return moved
    # where a dialog covers the middle of one of them, its edges mislead the search
    return max(moved, _agreement(official, seen, 0, 0), key=lambda agreement: agreement.agreeing)


def _agreement(official: PageThumbnail, seen: PageThumbnail, x: int, y: int) -> BlockAgreement:
    """Count the blocks of the official page that the seen picture shows, moved by ``x`` and ``y`` pixels."""
    blocks = official.blocks
    there, inside = seen.moved(x, y, official.rows)
    shows = blocks.spread > FLAT**2 * BLOCK**2
    same_colour = np.abs(blocks.colours - there.colours).max(axis=2) <= SAME_COLOUR
    agrees = shows & inside & same_colour & (blocks.correlation(there) >= AGREES)
    return BlockAgreement(int(agrees.sum()), int(shows.sum()), (round(100 * x / WIDTH), round(100 * y / WIDTH)))


def _sums(picture: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum over each block and channel.  Exact for squares of bytes as well: at most 100 x 255 x 255, below 2^24."""
    rows, columns = len(picture) // BLOCK, picture.shape[1] // BLOCK
    cut = picture[: rows * BLOCK, : columns * BLOCK]
    # rows first: that follows the order in memory
    across = cut.reshape(rows, BLOCK, columns * BLOCK, *cut.shape[2:]).sum(axis=1)
    return np.asarray(across.reshape(rows, columns, BLOCK, *cut.shape[2:]).sum(axis=2), np.float64)


def _offset(grey: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[int, int]:
    """Find the offset of the first picture's middle in the second."""
    top, left = len(grey) // 5, MOST_X
    middle = grey[top : len(grey) - top, left : WIDTH - left]
    if middle.std() <= FLAT / 2 or len(middle) < BLOCK:
        return 0, 0
    # padded at every side, so that parts shifted out of the picture do not prevent a match
    room = cv2.copyMakeBorder(other, MOST_Y, MOST_Y, 0, 0, cv2.BORDER_REPLICATE)
    from_row = max(0, top)
    window = room[from_row : from_row + len(middle) + 2 * MOST_Y]
    if len(window) < len(middle):
        return 0, 0
    found = cv2.matchTemplate(window, np.ascontiguousarray(middle), cv2.TM_CCOEFF_NORMED)
    _, _, _, (column, row) = cv2.minMaxLoc(found)
    return column - left, row - MOST_Y
