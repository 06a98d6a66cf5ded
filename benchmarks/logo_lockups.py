"""Retrieval, by the mark alone, of brands whose drawings in the gallery are all lock-ups.  Part of ``logo_retrieval``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.signals.logo.lockup import mark_of
from training.raster import visible
from training.sets import is_unseen

Pixels = NDArray[np.uint8]
Vectors = NDArray[np.float32]
WIDE, COMPACT = 1.6, 1.5
"""Width over height from which a drawing may hold a name, and below which it is a mark."""


def lockups_table(pixels: Sequence[Pixels], brands: Sequence[str], embed: Callable[[list[Pixels]], Vectors]) -> str:
    """R@1 of compact drawings whose brand is left with its wide ones, without and with the marks cut out of lock-ups."""
    drawings = [_trimmed(each) for each in pixels]
    whose = np.asarray(brands)
    aspects = np.asarray([each.shape[1] / each.shape[0] for each in drawings])
    vectors = embed(drawings)
    cut = [(brand, mark) for brand, each in zip(brands, drawings, strict=True) if (mark := mark_of(each)) is not None]
    marks, owners = embed([mark for _, mark in cut]), np.asarray([brand for brand, _ in cut])
    lines = ["| brands | queries | R@1, drawings as they are | with marks of lock-ups |", "| --- | --- | --- | --- |"]
    for what in ("all", "unseen"):
        found = []
        for brand in sorted(set(brands)):
            own = whose == brand
            wide, asked = own & (aspects >= WIDE), np.flatnonzero(own & (aspects < COMPACT))
            if not wide.any() or (what == "unseen" and not is_unseen(brand)):
                continue
            for query in vectors[asked]:
                near, near_marks = vectors @ query, marks @ query
                mine, others = near[wide].max(), near[~own].max()
                my_mark = near_marks[owners == brand].max(initial=-1.0)
                found.append((mine > others, max(mine, my_mark) > max(others, near_marks[owners != brand].max())))
        plain, with_marks = np.asarray(found).mean(axis=0)
        lines.append(f"| {what} | {len(found)} | {plain:.3f} | {with_marks:.3f} |")
    return f"{len(cut)} of {len(drawings)} drawings are lock-ups\n\n" + "\n".join(lines)


def _trimmed(drawing: Pixels) -> Pixels:
    box = visible(drawing)
    if box is None:
        return drawing
    left, top, right, bottom = box
    return np.ascontiguousarray(drawing[top:bottom, left:right])
