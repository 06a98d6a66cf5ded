"""Verify that a crop shows a given logo: by its shape, or else by key points.

A neighbour in embedding space is a suspicion; this is the proof.  Flat marks are compared by normalised cross-correlation of their
contrast pictures (``shape``).  Logos that are cut off, partly covered or on a photograph have none: there SIFT key points (Lowe,
"Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004) must agree on one similarity transform (RANSAC).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import BrandFileError
from detector.model import NOWHERE, Box, Logo
from detector.signals.logo.generic import generic_vectors
from detector.signals.logo.lockup import mark_of
from detector.signals.logo.logo_drawing import DARK, LIGHT, MARGIN, draw, inside_of_tile, lay_on
from detector.signals.logo.shape import FlatShape, Rgb, Vector, colour_distance, grids_for, shape_of, vector_of

ASPECT_TOLERANCE = 1.28
"""Largest ratio of the aspects of crop and logo: pages stretch a logo by a quarter, or have a margin cut."""
POINTS_SIDE = 160
"""Pixels to which the longer side is scaled for key points."""
RATIO = 0.75
"""Lowe's ratio of the nearest to the next descriptor."""
FITS_POORLY = 0.8
"""Correlation below which key points are tried."""
REPROJECTION = 4.0
ENOUGH_POINTS = 8
"""Key points that agree on one transform from which a match is not chance."""


@dataclass(frozen=True, slots=True)
class LogoProof:
    """The agreement of a crop with a logo."""

    correlation: float
    """Correlation of the two contrast pictures, 0 where they cannot be compared."""
    delta_e: float
    """Mean CIE76 colour difference; infinite where it is not known."""
    generic: float
    """Correlation with the nearest generic shape (disc, bar, lens...)."""
    points: int
    """Key points that agree on one transform; 0 where none were needed."""
    box: Box
    """Place of the logo in the crop, in pixels of the crop."""


class LogoDrawings:
    """Drawings of one logo: on light, on dark, its mark without the name, and the inside of a tile."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._vectors: dict[tuple[int, int], Vector] = {}

    @cached_property
    def backgrounds(self) -> tuple[Rgb, ...]:
        try:
            drawing = draw(Logo(path=self.path))
        except BrandFileError:
            return ()
        if drawing is None:
            return ()
        inner = inside_of_tile(drawing)
        mark = mark_of(drawing)
        laid = tuple(
            lay_on(shown, background) for shown in (drawing, mark) if shown is not None for background in (LIGHT, DARK)
        )
        return (*laid, inner) if inner is not None else laid

    @cached_property
    def shapes(self) -> tuple[FlatShape, ...]:
        found = (shape_of(background) for background in self.backgrounds)
        return tuple(shape for shape in found if shape is not None)

    def vector(self, shape: FlatShape, grid: int) -> Vector:
        """``vector_of`` one of ``shapes``, computed once."""
        key = (id(shape), grid)
        if key not in self._vectors:
            self._vectors[key] = vector_of(shape, grid)
        return self._vectors[key]

    @cached_property
    def points(self) -> tuple[tuple[Any, ...], NDArray[np.float32] | None]:
        return _points(self.backgrounds[0])[:2] if self.backgrounds else ((), None)


@lru_cache(maxsize=512)
def drawn(path: str) -> LogoDrawings:
    """Draw the logo of a file once for each process, as the library is read once."""
    return LogoDrawings(path)


class ViewedRegion:
    """One region of a screenshot, with and without a margin; what is computed from it is cached.

    Args:
        crops: pixels, with the offset of their corner on the screenshot.
    """

    def __init__(self, crops: list[tuple[Rgb, int, int]]) -> None:
        self.crops = crops

    @cached_property
    def shapes(self) -> list[tuple[FlatShape, int, int]]:
        found = ((shape_of(crop), left, top) for crop, left, top in self.crops)
        return [(shape, left, top) for shape, left, top in found if shape is not None]

    @cached_property
    def vectors(self) -> list[list[tuple[int, Vector, float]]]:
        """For each shape, a list of (grid, vector, correlation with the nearest generic shape)."""
        return [[_describe_on_grid(shape, grid) for grid in grids_for(shape.aspect)] for shape, _, _ in self.shapes]

    @cached_property
    def points(self) -> tuple[tuple[Any, ...], NDArray[np.float32] | None, float]:
        return _points(self.crops[0][0])


def _describe_on_grid(shape: FlatShape, grid: int) -> tuple[int, Vector, float]:
    vector = vector_of(shape, grid)
    return grid, vector, float(np.max(_generic()[grid] @ vector, initial=0.0))


def prove(seen: ViewedRegion, path: str, *, with_points: bool) -> LogoProof:
    """Find the best agreement of a logo with any crop of a region; the proof's box is on the screenshot.

    Args:
        with_points: try key points where the shapes do not agree.
    """
    logo = drawn(path)
    best = _by_shape(seen, logo)
    if with_points and best.correlation < FITS_POORLY:
        points, box = _by_points(seen, logo)
        if points >= ENOUGH_POINTS:
            _, left, top = seen.crops[0]
            return LogoProof(best.correlation, best.delta_e, 0.0, points, Box(box.x + left, box.y + top, *box[2:]))
    return best


def _by_shape(seen: ViewedRegion, logo: LogoDrawings) -> LogoProof:
    best = LogoProof(0.0, float("inf"), 0.0, 0, NOWHERE)
    for (shape, left, top), vectors in zip(seen.shapes, seen.vectors, strict=True):
        for grid, vector, generic in vectors:
            for other in logo.shapes:
                ratio = other.aspect / shape.aspect
                if not 1 / ASPECT_TOLERANCE < ratio < ASPECT_TOLERANCE:
                    continue
                score = float(logo.vector(other, grid) @ vector)
                if score > best.correlation:
                    x, y, width, height = shape.box
                    delta_e = colour_distance(shape.colours, other.colours)
                    best = LogoProof(score, delta_e, generic, 0, Box(left + x, top + y, width, height))
    return best


@lru_cache(maxsize=1)
def _generic() -> tuple[NDArray[np.float32], ...]:
    return generic_vectors()


def _points(crop: Rgb) -> tuple[tuple[Any, ...], NDArray[np.float32] | None, float]:
    scale = POINTS_SIDE / max(crop.shape[:2])
    size = (max(8, round(crop.shape[1] * scale)), max(8, round(crop.shape[0] * scale)))
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    scaled = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    found, descriptors = cv2.SIFT.create(200).detectAndCompute(scaled, None)
    return tuple(found), None if descriptors is None else np.asarray(descriptors, np.float32), scale


def _by_points(seen: ViewedRegion, logo: LogoDrawings) -> tuple[int, Box]:
    known, known_descriptors = logo.points
    found, descriptors, scale = seen.points
    if known_descriptors is None or descriptors is None or min(len(known), len(found)) < ENOUGH_POINTS:
        return 0, NOWHERE
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(known_descriptors, descriptors, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < ENOUGH_POINTS:
        return 0, NOWHERE
    source = np.asarray([known[match.queryIdx].pt for match in good], np.float32)
    target = np.asarray([found[match.trainIdx].pt for match in good], np.float32)
    cv2.setRNGSeed(7)
    found_matrix, inside = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=REPROJECTION
    )
    matrix = np.asarray(found_matrix, np.float64)
    if matrix.shape != (2, 3) or not np.isfinite(matrix).all():
        return 0, NOWHERE
    kept = target[inside.ravel().astype(bool)] / scale
    # points that agree because they coincide prove nothing
    if len({(round(x), round(y)) for x, y in kept.tolist()}) < ENOUGH_POINTS:
        return 0, NOWHERE
    return len(kept), _outline(logo.backgrounds[0], matrix, scale, seen.crops[0][0])


def _outline(background: Rgb, matrix: NDArray[np.float64], scale: float, crop: Rgb) -> Box:
    """Compute the place of the logo in the crop from the transform, without the margin of the drawing."""
    height, width = background.shape[:2]
    own = POINTS_SIDE / max(height, width)
    inset = MARGIN / (1 + 2 * MARGIN) * min(height, width)
    corners = np.asarray([[x, y, 1.0] for x in (inset, width - inset) for y in (inset, height - inset)])
    corners[:, :2] *= own
    placed = corners @ matrix.T / scale
    left, top = np.maximum(placed.min(axis=0), 0.0)
    right, bottom = np.minimum(placed.max(axis=0), (crop.shape[1], crop.shape[0]))
    return Box(float(left), float(top), float(max(0.0, right - left)), float(max(0.0, bottom - top)))
