"""Where on a screenshot a logo could be: the page's own image boxes, and compact graphics found in the pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.model import Box, ImageBox
from detector.signals.logo.shape import Rgb

MIN_SIDE = 14
MAX_SIDE = 620
CLOSINGS = ((3, 3), (9, 5), (19, 7))
"""Gaps (width, height in pixels) over which parts of one graphic are joined."""
MAX_PROPOSALS = 260


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the screenshot in pixels, clipped to it."""

    x: int
    y: int
    width: int
    height: int
    from_page: bool
    """An image box of the page facts, not a guess from pixels."""

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, self.width, self.height)

    def crop(self, pixels: Rgb, margin: int) -> tuple[Rgb, int, int]:
        """The region's pixels with a margin, and the offset of the crop's corner."""
        top, left = max(0, self.y - margin), max(0, self.x - margin)
        bottom = min(pixels.shape[0], self.y + self.height + margin)
        right = min(pixels.shape[1], self.x + self.width + margin)
        return pixels[top:bottom, left:right], left, top


def image_regions(images: tuple[ImageBox, ...], width: int, height: int) -> list[Region]:
    """The page's image boxes that lie on the picture; page facts may lie about them."""
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
            and (right - left) * (bottom - top) < 0.7 * width * height
        ):
            regions.append(Region(left, top, right - left, bottom - top, from_page=True))
    return regions


def proposed_regions(pixels: Rgb) -> list[Region]:
    """Compact graphics on a plain ground, whatever they are: found as connected strong edges at three scales."""
    # a mark may differ from its ground by hue alone: look at the channel that changes most
    red, green, blue = cv2.split(cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    gradient = np.maximum(np.maximum(red, green), blue)
    edges = (gradient > 36).astype(np.uint8)
    seen: set[tuple[int, int, int, int]] = set()
    regions: list[Region] = []
    for closing in CLOSINGS:
        joined = np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones(closing[::-1], np.uint8)), np.uint8)
        for box in _components(joined):
            key = (box[0] // 3, box[1] // 3, box[2] // 3, box[3] // 3)
            if key not in seen:
                seen.add(key)
                regions.append(Region(*box, from_page=False))
    regions.sort(key=lambda region: (region.y > 500, -region.height if region.height < 200 else 0))
    return regions[:MAX_PROPOSALS]


def _components(mask: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = []
    for index in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[index])
        fits = MIN_SIDE <= height <= MAX_SIDE and MIN_SIDE <= width <= MAX_SIDE
        if fits and area >= 40 and width / height < 14 and width * height < 0.5 * mask.size:
            boxes.append((x, y, width, height))
    return boxes
