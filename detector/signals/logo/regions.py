"""Propose regions of a screenshot that may show a logo: the page's image boxes, and compact graphics found in the pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.index.channels import largest
from detector.model import Box, ImageBox
from detector.signals.logo.shape import Rgb

MIN_SIDE = 14
MAX_WIDTH, MAX_HEIGHT = 1240, 620
EDGE = 36
"""Difference of neighbouring pixels, of 255, from which they are an edge."""
CLOSING = (3, 3)
CLOSINGS_OF_HALF = ((5, 3), (9, 3))
"""Kernels (width, height in pixels, odd) that join parts of a graphic: in the picture, and in one of half its size."""
MAX_PROPOSALS = 300
MIN_PART = 0.06
"""Share of an image box below which a graphic in it is a detail."""
LARGE_TYPE = 34
"""Height in pixels from which a word is examined wherever it is."""
LETTER_ASPECT, LARGEST_LETTER = 1.3, 72
"""Width over height, and height in pixels, up to which a part of a line is a letter."""


@dataclass(frozen=True, slots=True)
class ScreenRegion:
    """A rectangle of the screenshot in pixels, clipped to it."""

    x: int
    y: int
    width: int
    height: int
    from_page: bool
    """True for an image box of the page facts, False for a region proposed from pixels."""

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, self.width, self.height)

    def crop(self, pixels: Rgb, margin: int) -> tuple[Rgb, int, int]:
        """Cut out the region's pixels with a margin; returns them with the offset of the crop's corner."""
        top, left = max(0, self.y - margin), max(0, self.x - margin)
        bottom = min(pixels.shape[0], self.y + self.height + margin)
        right = min(pixels.shape[1], self.x + self.width + margin)
        return pixels[top:bottom, left:right], left, top


def image_regions(images: tuple[ImageBox, ...], width: int, height: int) -> list[ScreenRegion]:
    """Return the page's image boxes that are on the picture; page facts may be false."""
    regions = []
    for image in images[:400]:
        box = image.box
        if not all(np.isfinite(value) and abs(value) < 1e6 for value in box):
            continue
        left, top = max(0, round(box.x)), max(0, round(box.y))
        right, bottom = min(width, round(box.x + box.width)), min(height, round(box.y + box.height))
        if (
            right - left >= MIN_SIDE
            and bottom - top >= MIN_SIDE
            and (right - left) * (bottom - top) < 0.9 * width * height
        ):
            regions.append(ScreenRegion(left, top, right - left, bottom - top, from_page=True))
    return regions


def proposed_regions(pixels: Rgb) -> list[ScreenRegion]:
    """Find compact graphics on a plain background, as connected strong edges at three scales.

    Words in a line of text are left out, unless they begin it (a mark before a name) or the line is large; so are letters of a
    large line.
    """
    # a mark may differ from its background by hue alone: the channel that changes most counts
    changes = np.asarray(cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
    edges = (largest(changes) > EDGE).astype(np.uint8)
    # wide gaps can be joined at half the size, in a quarter of the time
    half = np.asarray(cv2.resize(edges * 255, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) > 0, np.uint8)
    found = [_joined(edges, CLOSING), *(2 * _joined(half, gap, 2) for gap in CLOSINGS_OF_HALF)]
    boxes = np.concatenate(found)
    _, first = np.unique(boxes // 3, axis=0, return_index=True)
    regions = [ScreenRegion(x, y, w, h, from_page=False) for x, y, w, h in boxes[np.sort(first)].tolist()]
    regions.sort(key=_priority, reverse=True)
    return _without_words(regions[:MAX_PROPOSALS])


def _without_words(regions: list[ScreenRegion]) -> list[ScreenRegion]:
    if not regions:
        return []
    boxes = np.asarray([region.box for region in regions], dtype=np.float32)
    x, y, width, height = boxes.T
    lx, ly, lw, lh = (column[:, None] for column in boxes.T)
    inside = (
        (lx <= x) & (ly <= y + 2) & (lx + lw >= x + width) & (ly + lh >= y + height - 2)
        & (lh < 1.9 * height) & (lw > width + 1.5 * height)
    )  # fmt: skip
    begins = (x - lx < 0.4 * height) & (width <= 2.2 * height)
    part = (inside & ~begins).any(axis=0)
    narrow = (width <= LETTER_ASPECT * height) & (height < LARGEST_LETTER)
    # rows follow columns: the next character on the same line, as close as characters of one word are
    gap, foot = lx - (x + width), np.abs(ly + lh - (y + height))
    followed = (gap > -2 - 0.1 * height) & (gap < 0.15 * height) & (foot < 0.1 * height) & (lh > 0.4 * height)
    letter = narrow & (part | (inside.any(axis=0) & (followed & (lh <= 1.1 * height)).any(axis=0)))
    word = letter | (part & (height < LARGE_TYPE))
    return [region for region, drop in zip(regions, word, strict=True) if not drop]


def choose(page: list[ScreenRegion], proposed: list[ScreenRegion], limit: int) -> list[ScreenRegion]:
    """Choose the ``limit`` regions that most likely show the page's own logo, each place once.

    Image boxes of the page come before proposed regions, upper before lower ones, and sizes of a logo before those of icons and
    banners.
    """
    chosen: list[ScreenRegion] = []
    likely = sorted(page, key=_priority, reverse=True)[: 2 * limit]
    for region in sorted([*(_narrowed(region, proposed) for region in likely), *proposed], key=_priority, reverse=True):
        if len(chosen) == limit:
            break
        if not any(_same_place(region, other) for other in chosen):
            chosen.append(region)
    return chosen


def _narrowed(region: ScreenRegion, proposed: list[ScreenRegion]) -> ScreenRegion:
    """Narrow an image box to the one graphic in it: the box of a sprite is larger than what it shows."""
    within = [
        other
        for other in proposed
        if other.x >= region.x - 3
        and other.y >= region.y - 3
        and other.x + other.width <= region.x + region.width + 3
        and other.y + other.height <= region.y + region.height + 3
    ]
    if not within:
        return region
    largest = max(within, key=lambda other: other.width * other.height)
    alone = all(_overlap(other, largest) > 0.8 * other.width * other.height for other in within)
    return (
        replace(largest, from_page=True)
        if alone and largest.width * largest.height >= MIN_PART * (region.width * region.height)
        else region
    )


def _priority(region: ScreenRegion) -> tuple[float, int]:
    """Sort key; of equal regions the larger comes first, since it contains the others as its parts."""
    side = (region.width * region.height) ** 0.5
    size = min(side, 48.0) / 48.0 - max(0.0, side - 220.0) / 300.0
    aspect = region.width / region.height
    shape = 0.0 if 0.5 <= aspect <= 7.0 else -0.5
    likely = (0.9 if region.from_page else 0.0) + size + shape - 0.8 * region.y / 800.0
    return round(likely, 2), region.width * region.height


def _same_place(first: ScreenRegion, second: ScreenRegion) -> bool:
    shared = _overlap(first, second)
    return shared > 0.85 * (first.width * first.height + second.width * second.height - shared)


def _overlap(first: ScreenRegion, second: ScreenRegion) -> int:
    """Square pixels of the overlap of two regions."""
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    return max(0, width) * max(0, height)


def _joined(edges: NDArray[np.uint8], gap: tuple[int, int], shrunk: int = 1) -> NDArray[np.int32]:
    """Find connected parts that may be a logo: rows of x, y, width, height in pixels of ``edges``."""
    mask = np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones(gap[::-1], np.uint8)), np.uint8)
    # finds the same parts in the same order as the default algorithm, in half the time
    algorithm = cv2.CCL_GRANA
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, algorithm)
    _, _, width, height, area = stats.T
    least = MIN_SIDE / shrunk
    fits = (height >= least) & (height <= MAX_HEIGHT / shrunk) & (width >= least) & (width <= MAX_WIDTH / shrunk)
    fits &= (area >= 40 / shrunk**2) & (width < 14 * height) & (width * height < 0.5 * mask.size)
    fits[0] = False
    return np.asarray(stats[fits, :4], dtype=np.int32)
