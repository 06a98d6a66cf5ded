"""Find lines of letters inside the pictures of a screenshot: text that the document does not have.

The lines are found as connected components: a morphological gradient, Otsu's threshold, a closing that
joins letters into lines, and the shapes of what results; once for small type and, on smaller pictures, for large type and for the
wordmark that fills a page whose style sheets are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.model import Box, ImageBox

Pixels = NDArray[np.uint8]

MAX_REGIONS = 24
MAX_PIXELS = 900_000
"""Square pixels of all regions together, on the screenshot."""
MIN_AREA = 1_500
"""Square pixels below which a picture has no number that can be read."""
SCALES = (1.0, 0.4, 0.16)
SAME_TYPE = 6
"""Pixels by which lines of the same type size may differ in height: some letters have descenders."""
MIN_HEIGHT, MAX_HEIGHT = 9, 480
"""Height in pixels of a line on the screenshot."""
LARGEST_TYPE = 160
"""Height in pixels from which a line is more likely a picture than a heading; lines are read at this height at most."""


def picture_areas(images: Sequence[ImageBox], width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Areas (left, top, right, bottom) of the pictures that a page shows within the screenshot, none inside another."""
    areas: list[tuple[int, int, int, int]] = []
    for image in images:
        x, y, w, h = image.box
        left, top = max(0, int(x)), max(0, int(y))
        right, bottom = min(width, int(x + w + 0.5)), min(height, int(y + h + 0.5))
        if right > left and bottom > top and (right - left) * (bottom - top) >= MIN_AREA:
            areas.append((left, top, right, bottom))
    areas.sort(key=lambda area: (area[0] - area[2]) * (area[3] - area[1]))
    kept: list[tuple[int, int, int, int]] = []
    for area in areas:
        if not any(o[0] <= area[0] and o[1] <= area[1] and area[2] <= o[2] and area[3] <= o[3] for o in kept):
            kept.append(area)
    return kept


def text_regions(
    pixels: Pixels,
    areas: Iterable[tuple[int, int, int, int]],
    *,
    most: int = MAX_REGIONS,
    most_pixels: int = MAX_PIXELS,
) -> list[Box]:
    """Find boxes of lines of text within ``areas`` of an RGB picture, from the top down.

    Where they are more than ``most``, or more than ``most_pixels`` square pixels, large type is preferred, and short lines of the
    same size: a heading, a button or a label says more than a paragraph.
    """
    found: list[Box] = []
    for left, top, right, bottom in areas:
        part = np.ascontiguousarray(pixels[top:bottom, left:right])
        for scale in SCALES:
            found += [Box(x + left, y + top, w, h) for x, y, w, h in _lines(part, scale)]
    return _bounded(_joined(_distinct(found)), most, most_pixels)


def _lines(part: Pixels, scale: float) -> list[Box]:
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale != 1.0 else part
    if min(small.shape[:2]) < 6:
        return []
    # letters may differ from their background in colour alone: the strongest edge of the three channels counts
    gradients = cv2.split(cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    gradient = cv2.max(cv2.max(gradients[0], gradients[1]), gradients[2])
    _, edges = cv2.threshold(gradient, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((1, 17), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    boxes = []
    for x, y, w, h, area in stats[1 : min(count, 3000)].tolist():
        real = h / scale
        if MIN_HEIGHT <= real <= MAX_HEIGHT and w >= 2.5 * h and area >= 0.35 * w * h and h >= 6:
            boxes.append(Box(x / scale, y / scale, w / scale, real))
    return boxes


def _distinct(boxes: list[Box]) -> list[Box]:
    """Drop boxes that are mostly inside another of about the same height."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.width * box.height):
        if not any(_inside(box, other) for other in kept):
            kept.append(box)
    return kept


def _inside(box: Box, other: Box) -> bool:
    width = min(box.x + box.width, other.x + other.width) - max(box.x, other.x)
    height = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
    if width <= 0 or height <= 0:
        return False
    return width * height >= 0.6 * box.width * box.height and other.height < 2.5 * box.height


def _joined(boxes: list[Box]) -> list[Box]:
    """Join words of large type into lines: the morphological closing does not bridge their gaps."""
    lines: list[Box] = []
    for word in sorted(boxes, key=lambda box: box.x):
        box = word
        before = next((line for line in reversed(lines) if _continues(line, word)), None)
        if before is not None:
            lines.remove(before)
            top, bottom = min(before.y, word.y), max(before.y + before.height, word.y + word.height)
            right = max(before.x + before.width, word.x + word.width)
            box = Box(before.x, top, right - before.x, bottom - top)
        lines.append(box)
    return lines


def _continues(line: Box, box: Box) -> bool:
    shared = min(line.y + line.height, box.y + box.height) - max(line.y, box.y)
    low, high = sorted((line.height, box.height))
    gap = box.x - (line.x + line.width)
    return shared >= 0.6 * low and high <= 1.8 * low and -low <= gap <= 0.9 * high


def _bounded(boxes: list[Box], most: int, most_pixels: int) -> list[Box]:
    chosen: list[Box] = []
    room = most_pixels
    for box in sorted(boxes, key=lambda box: (-round(box.height / SAME_TYPE), box.width)):
        # taller lines are scaled down before they are read
        size = int(box.width * box.height * min(1.0, LARGEST_TYPE / box.height) ** 2)
        if size <= room:
            chosen.append(box)
            room -= size
        if len(chosen) == most:
            break
    return sorted(chosen, key=lambda box: (box.y, box.x))
