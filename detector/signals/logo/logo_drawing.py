"""Draw logos on plain backgrounds, cut to what is visible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.brands import render_logo
from detector.model import Logo

LIGHT, DARK = (255, 255, 255), (32, 33, 36)
"""Backgrounds, RGB."""
MARGIN = 0.12
"""Margin of a drawing on a background, as a share of its shorter side."""
LONG_SIDE = 192
"""Longer side of a drawing, in pixels."""

Rgba = NDArray[np.uint8]


def draw(logo: Logo) -> Rgba | None:
    """Draw a logo as height x width x 4, cut to what is not transparent; None where nothing is visible.

    Raises:
        BrandFileError: the file is not a picture.
    """
    image = render_logo(logo, 2 * LONG_SIDE)
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 16 else 0).getbbox()
    if box is None:
        return None
    image = image.crop(box)
    scale = LONG_SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC))


def lay_on(drawing: Rgba, background: tuple[int, int, int], margin: float = MARGIN) -> NDArray[np.uint8]:
    """Lay a drawing on a plain background with a margin (share of the shorter side) around it; RGB."""
    height, width = drawing.shape[:2]
    pad = max(2, round(margin * min(height, width)))
    canvas = np.empty((height + 2 * pad, width + 2 * pad, 3), dtype=np.float32)
    canvas[:] = background
    alpha = drawing[:, :, 3:4].astype(np.float32) / 255.0
    inner = canvas[pad : pad + height, pad : pad + width]
    inner[:] = inner * (1.0 - alpha) + drawing[:, :, :3].astype(np.float32) * alpha
    return canvas.round().astype(np.uint8)


def inside_of_tile(drawing: Rgba) -> NDArray[np.uint8] | None:
    """Cut out the symbol on a tile, with the tile as its background, RGB; None where the drawing is not a tile."""
    height, width = drawing.shape[:2]
    if (drawing[:, :, 3] > 128).mean() < 0.72 or not 0.6 < width / height < 1.7:
        return None
    inset = round(0.09 * min(height, width))
    return np.ascontiguousarray(drawing[inset : height - inset, inset : width - inset, :3])


def is_pale(drawing: Rgba) -> bool:
    """Tell whether a drawing can hardly be seen on white."""
    weight = drawing[:, :, 3:].astype(np.float32) / 255.0
    mean = (drawing[:, :, :3] * weight).sum(axis=(0, 1)) / max(1.0, float(weight.sum()))
    return bool(mean.min() > 0.8 * 255)
