"""Generic shapes that any page has: disc, ring, frame, triangles, plus, cross, lens, menu, sheet, rounded tile.

The shape of a logo that is hardly more than one of them proves nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signals.logo.shape import GRIDS, Rgb, shape_of, vector_of


def generic_vectors() -> tuple[NDArray[np.float32], ...]:
    """Unit vectors of the shapes: one array (shapes x cells) for each grid."""
    size = 96
    canvases = []

    def canvas() -> Rgb:
        canvases.append(np.full((size, size, 3), 255, dtype=np.uint8))
        return canvases[-1]

    black = (0, 0, 0)
    cv2.circle(canvas(), (48, 48), 36, black, -1)
    cv2.circle(canvas(), (48, 48), 36, black, 8)
    cv2.rectangle(canvas(), (12, 12), (84, 84), black, 8)
    cv2.rectangle(canvas(), (12, 12), (84, 84), black, 3)
    cv2.fillPoly(canvas(), [np.array([[12, 84], [84, 84], [48, 12]], np.int32)], black)
    cv2.fillPoly(canvas(), [np.array([[12, 12], [84, 48], [12, 84]], np.int32)], black)
    cv2.fillPoly(canvas(), [np.array([[12, 12], [84, 12], [48, 84]], np.int32)], black)
    cv2.fillPoly(canvas(), [np.array([[48, 10], [86, 48], [48, 86], [10, 48]], np.int32)], black)
    plus = canvas()
    cv2.rectangle(plus, (40, 12), (56, 84), black, -1)
    cv2.rectangle(plus, (12, 40), (84, 56), black, -1)
    cross = canvas()
    cv2.line(cross, (14, 14), (82, 82), black, 10)
    cv2.line(cross, (14, 82), (82, 14), black, 10)
    lens = canvas()
    cv2.circle(lens, (40, 40), 26, black, 8)
    cv2.line(lens, (58, 58), (84, 84), black, 10)
    menu = canvas()
    for y in (20, 44, 68):
        cv2.rectangle(menu, (12, y), (84, y + 10), black, -1)
    corner = canvas()
    cv2.rectangle(corner, (24, 12), (72, 84), black, -1)
    cv2.circle(corner, (24, 24), 12, (255, 255, 255), -1)
    tile = canvas()
    cv2.rectangle(tile, (20, 12), (76, 84), black, -1)
    cv2.rectangle(tile, (12, 20), (84, 76), black, -1)
    for x, y in ((20, 20), (76, 20), (20, 76), (76, 76)):
        cv2.circle(tile, (x, y), 8, black, -1)
    shapes = [shape for shape in (shape_of(picture) for picture in canvases) if shape is not None]
    return tuple(np.stack([vector_of(shape, grid) for shape in shapes]) for grid in range(len(GRIDS)))
