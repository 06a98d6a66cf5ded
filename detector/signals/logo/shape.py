"""Describe flat graphics independently of colour, scale and plain background.

A crop is reduced to *the difference of each pixel from its background*: a mask-like picture that is the same for a logo in its
colours, in white on a dark bar, or in grey.  Cut to its bounding box and sampled on a small grid, two such pictures are
compared by normalised cross-correlation (a dot product of unit vectors).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Vector = NDArray[np.float32]

GRIDS: tuple[tuple[int, int], ...] = ((32, 32), (20, 56), (14, 84))
"""(rows, columns) for compact, wide and very wide graphics."""
GRID_LIMITS = (1.7, 4.2)
"""Aspect ratios (width / height) between them."""
COLOUR_GRID = 6


@dataclass(frozen=True, slots=True)
class FlatShape:
    """A crop's contrast picture, cut to the foreground."""

    contrast: NDArray[np.float32]
    """Height x width, 0 (background) to 1."""
    colours: NDArray[np.float32]
    """COLOUR_GRID x COLOUR_GRID x 3, Lab, foreground only (cells of background have the mean)."""
    box: tuple[int, int, int, int]
    """x, y, width, height of the foreground inside the crop."""
    fill: float
    """Share of the box that is foreground."""

    @property
    def aspect(self) -> float:
        return self.box[2] / self.box[3]


def background_of(crop: Rgb) -> NDArray[np.float32] | None:
    """Find the colour of a crop's plain background from its border; None where the border is not of one colour."""
    border = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]]).astype(np.float32)
    background: NDArray[np.float32] = np.median(border, axis=0).astype(np.float32)
    close = np.abs(border - background).max(axis=1) < 28
    return background if close.mean() >= 0.72 else None


def shape_of(crop: Rgb, min_side: int = 8) -> FlatShape | None:
    """Describe a crop (RGB); None where it has no plain background or no foreground."""
    if min(crop.shape[:2]) < min_side:
        return None
    background = background_of(crop)
    if background is None:
        return None
    return shape_on(crop, background, min_side)


def shape_on(crop: Rgb, background: NDArray[np.float32], min_side: int = 8) -> FlatShape | None:
    """Describe a crop on a background of known colour."""
    apart = np.abs(crop.astype(np.float32) - background)
    # a maximum over three planes is ten times faster than one over the last axis
    difference = np.maximum(np.maximum(apart[:, :, 0], apart[:, :, 1]), apart[:, :, 2])
    peak = float(np.percentile(difference, 98)) if difference.size else 0.0
    peak = max(peak, float(difference.max()) * 0.6)
    if peak < 24:
        return None
    contrast = np.clip(difference / peak, 0.0, 1.0)
    mask = contrast > 0.28
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    if rows.size < min_side or columns.size < min_side:
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    cut = contrast[top:bottom, left:right]
    fill = float(mask[top:bottom, left:right].mean())
    return FlatShape(
        contrast=np.ascontiguousarray(cut),
        colours=_colours(crop[top:bottom, left:right], mask[top:bottom, left:right]),
        box=(int(left), int(top), int(right - left), int(bottom - top)),
        fill=fill,
    )


def _colours(crop: Rgb, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    lab = cv2.cvtColor(crop.astype(np.float32) / 255.0, cv2.COLOR_RGB2Lab)
    weight = mask.astype(np.float32)
    size = (COLOUR_GRID, COLOUR_GRID)
    sums = cv2.resize(lab * weight[:, :, None], size, interpolation=cv2.INTER_AREA)
    weights = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    mean = (lab * weight[:, :, None]).sum(axis=(0, 1)) / max(1.0, float(weight.sum()))
    cells = sums / np.maximum(weights, 1e-3)[:, :, None]
    cells[weights < 0.08] = mean
    return np.asarray(cells, dtype=np.float32)


def colour_distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Mean CIE76 difference (Delta E) of two colour grids."""
    return float(np.sqrt(((first - second) ** 2).sum(axis=2)).mean())


def grids_for(aspect: float) -> list[int]:
    """Choose the indices of GRIDS for an aspect ratio; two of them near a limit."""
    chosen = []
    for index, (low, high) in enumerate(((0.0, GRID_LIMITS[0]), (*GRID_LIMITS,), (GRID_LIMITS[1], 1e9))):
        if low * 0.85 <= aspect <= high * 1.15:
            chosen.append(index)
    return chosen


def vector_of(shape: FlatShape, grid: int) -> Vector:
    """Sample the contrast picture on a grid, as a unit vector of zero mean, rows x columns long."""
    rows, columns = GRIDS[grid]
    shrinks = shape.contrast.shape[0] > rows or shape.contrast.shape[1] > columns
    small = cv2.resize(
        shape.contrast, (columns, rows), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    ).ravel()
    small = small - small.mean()
    norm = float(np.linalg.norm(small))
    return np.asarray(small / norm if norm > 1e-6 else np.zeros_like(small), dtype=np.float32)
