"""Drawings as pixels: every icon trimmed, centred and scaled into a square of SIDE pixels, RGBA.

Rows are written by worker processes straight into shared memory.
"""

from __future__ import annotations

import io
import mmap
import multiprocessing
from collections.abc import Callable, Sequence

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

SIDE = 192
RESPACED = 2.2
"""Width over height from which a drawing is taken for lettering, and drawn with other gaps between its parts too."""

Rgba = NDArray[np.uint8]
_job: tuple[Callable[[object], Rgba | None], NDArray[np.uint8]] | None = None


def draw(svg: str) -> Rgba | None:
    """An SVG text as SIDE x SIDE x 4; None where it cannot be read or shows nothing."""
    try:
        probe = _pixels(svg, SIDE // 2)
        box = visible(probe)
        if box is None:
            return None
        part = max(box[2] - box[0], box[3] - box[1]) / max(probe.shape[:2])
        # draw again, so large that what is visible fills the square without being blown up
        wanted = min(1600, int(np.ceil(1.3 * SIDE / max(part, 0.05) * max(1.0, probe.shape[1] / probe.shape[0]))))
        return centred(_pixels(svg, wanted))
    except (ValueError, RuntimeError, OSError):
        return None


def _pixels(svg: str, width: int) -> Rgba:
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, skip_system_fonts=True))
    image = Image.open(io.BytesIO(png))
    if max(image.size) > 6000:
        raise ValueError("too long")
    return np.asarray(image.convert("RGBA"))


def visible(pixels: Rgba) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of what is not transparent."""
    return Image.fromarray(pixels[:, :, 3]).point(lambda alpha: 255 if alpha > 16 else 0).getbbox()


def centred(pixels: Rgba) -> Rgba | None:
    """Cut to what is visible, scaled so that the longer side is SIDE, in the middle of a square.

    Colour under full transparency is taken from near visible pixels' mean, so that interpolation draws no dark rims.
    """
    box = visible(pixels)
    if box is None:
        return None
    image = Image.fromarray(pixels).crop(box)
    scale = SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = np.asarray(
        image.convert("RGBa")
        .resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)
        .convert("RGBA")
    )
    square = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = small
    return square


def respaced(square: Rgba, rng: np.random.Generator) -> Rgba | None:
    """Lettering with other gaps between its parts, and sometimes without its first part (a mark); None where it has no gaps."""
    box = visible(square)
    if box is None or (box[2] - box[0]) / (box[3] - box[1]) < RESPACED:
        return None
    strip = square[box[1] : box[3], box[0] : box[2]]
    filled = np.concatenate([[False], (strip[:, :, 3] > 40).any(axis=0), [False]])
    edges = np.flatnonzero(filled[1:] != filled[:-1])
    parts = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if not 3 <= len(parts) <= 40:
        return None
    if len(parts) > 4 and rng.random() < 0.25:
        parts = parts[1:]
    gap = rng.uniform(0.5, 2.2)
    extra = rng.uniform(0.0, 0.12) * strip.shape[0]
    pieces: list[Rgba] = []
    for index, (left, right) in enumerate(parts):
        if index:
            space = max(1, round(gap * (left - parts[index - 1][1]) + extra))
            pieces.append(np.zeros((strip.shape[0], space, 4), dtype=np.uint8))
        pieces.append(strip[:, left:right])
    return centred(np.concatenate(pieces, axis=1))


def render_all(
    work: Callable[[object], Rgba | None], items: Sequence[object], processes: int, shape: tuple[int, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """``work`` for every item, in forked processes: the pictures (items, *shape) and which of them could be made."""
    global _job  # noqa: PLW0603  the forked workers find function and memory here
    memory = mmap.mmap(-1, max(1, len(items) * int(np.prod(shape))))
    pictures = np.frombuffer(memory, dtype=np.uint8).reshape(len(items), *shape)
    _job = (work, pictures)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        done = pool.starmap(_one, list(enumerate(items)), chunksize=32)
    return pictures, np.asarray(done, dtype=np.bool_)


def _one(index: int, item: object) -> bool:
    if _job is None:
        raise RuntimeError("a worker without its job")
    picture = _job[0](item)
    if picture is None:
        return False
    _job[1][index] = picture
    return True
