"""Separate the mark of a lock-up: many brands publish mark and name as one drawing, and pages show the mark alone.

A lock-up is recognised by its gap: the mark, about as wide as high, is before, after or above the name, further from it than the
parts of either are from each other.  A mark beside a name is also higher than the name, of another colour, or far from it: the
first letter of a name is none of these, and must never be taken for the mark.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rgba = NDArray[np.uint8]
VISIBLE = 16
"""Alpha above which a pixel is visible."""
MARK_ASPECT = (0.55, 1.8)
"""Width over height of a mark."""
WIDE, WIDE_NAME = 1.6, 1.2
"""Width over height from which a drawing may have a mark beside a name, and from which the rest is a name."""
TALL_NAME = 1.8
"""Width over height from which the lower part is a name below a mark."""
MARK_HEIGHT, MARK_SHARE = 0.6, 0.35
"""Least height of a mark beside its name, and above it, as shares of the drawing's height."""
GAP, TALL_GAP = 0.07, 0.025
"""Least gap between the two, as a share of the drawing's height."""
APART, WORDS_APART, TOGETHER = 1.5, 0.9, 1.6
"""Least ratio of that gap to the gaps in the name (their median, and the widest), and to any in the mark."""
HIGHER, OTHER_COLOUR, WELL_APART = 1.15, 20.0, 0.3
"""Height of a mark over its name's, Delta E (CIE76) of their mean colours, gap over height: a letter reaches none of these."""
NAME_HEIGHT, LETTERS = 0.8, 3
"""Largest height of a name below a mark, as a share of the mark's, and least number of its parts."""
LEAST = 24
"""Pixels of the shorter side below which the shape of a mark is not compared."""


def mark_of(drawing: Rgba) -> Rgba | None:
    """Cut the mark out of a lock-up (height x width x 4, cut to what is visible); None where it is not a lock-up."""
    height, width = drawing.shape[:2]
    if width >= WIDE * height:
        for whole in (drawing, drawing[:, ::-1]):
            end = _mark_beside(whole)
            if end:
                return _cut(drawing[:, :end] if whole is drawing else drawing[:, width - end :])
    end = _mark_above(drawing)
    return _cut(drawing[:end]) if end else None


def _mark_beside(drawing: Rgba) -> int:
    """Find the right edge of a mark at the left; 0 where there is none."""
    seen = _seen(drawing)
    runs = _runs(seen.any(axis=0))
    found = []
    for place, gap in enumerate(_gaps(runs)):
        end, begin = runs[place][1], runs[place + 1][0]
        if gap < GAP * len(seen) or not _is_separate(runs, place) or not _is_mark(seen[:, :end], MARK_HEIGHT):
            continue
        name = _height(seen[:, begin:])
        if runs[-1][1] - begin >= WIDE_NAME * name and (
            gap >= WELL_APART * len(seen)
            or _height(seen[:, :end]) >= HIGHER * name
            or _colours_apart(drawing[:, :end], drawing[:, begin:]) >= OTHER_COLOUR
        ):
            found.append((gap, end))
    return max(found, default=(0, 0))[1]


def _mark_above(drawing: Rgba) -> int:
    """Find the lower edge of a mark at the top; 0 where there is none."""
    seen = _seen(drawing)
    runs = _runs(seen.any(axis=1))
    found = [
        (gap, runs[place][1])
        for place, gap in enumerate(_gaps(runs))
        if gap >= TALL_GAP * len(seen)
        and _is_separate(runs, place)
        and _is_mark(seen[: runs[place][1]], MARK_SHARE * len(seen) / runs[place][1])
        and _is_name_below(seen[runs[place + 1][0] : runs[-1][1]], runs[place][1])
    ]
    return max(found, default=(0, 0))[1]


def _is_name_below(seen: NDArray[np.bool_], mark: int) -> bool:
    letters = _runs(seen.any(axis=0))
    height = len(seen)
    return (
        letters[-1][1] - letters[0][0] >= TALL_NAME * height
        and height <= NAME_HEIGHT * mark
        and len(letters) >= LETTERS
    )


def _is_separate(runs: list[tuple[int, int]], place: int) -> bool:
    gaps = _gaps(runs)
    within_mark, gap, within_name = gaps[:place], gaps[place], gaps[place + 1 :]
    return gap >= max(
        TOGETHER * max(within_mark, default=0),
        APART * float(np.median(within_name or [0])),
        WORDS_APART * max(within_name, default=0),
    )


def _is_mark(seen: NDArray[np.bool_], share: float) -> bool:
    height, width = _height(seen), _height(seen.T)
    low, high = MARK_ASPECT
    return low * height <= width <= high * height and height >= share * len(seen) and min(height, width) >= LEAST


def _colours_apart(first: Rgba, second: Rgba) -> float:
    one, other = (_mean_colour(part) for part in (first, second))
    return float(np.linalg.norm(one - other))


def _mean_colour(drawing: Rgba) -> NDArray[np.float32]:
    """Mean colour of the visible pixels, in Lab."""
    shown = drawing[_seen(drawing)][None, :, :3].astype(np.float32) / 255.0
    lab: NDArray[np.float32] = cv2.cvtColor(shown, cv2.COLOR_RGB2Lab)[0].mean(axis=0)
    return lab


def _seen(drawing: Rgba) -> NDArray[np.bool_]:
    return np.asarray(drawing[:, :, 3] > VISIBLE)


def _height(seen: NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(seen.any(axis=1))
    return int(rows[-1] + 1 - rows[0]) if rows.size else 0


def _runs(line: Any) -> list[tuple[int, int]]:
    """Find begin and end of each run of visible columns or rows."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _gaps(runs: list[tuple[int, int]]) -> list[int]:
    return [after[0] - before[1] for before, after in pairwise(runs)]


def _cut(drawing: Rgba) -> Rgba:
    seen = _seen(drawing)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return np.ascontiguousarray(drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
