"""Logos laid on plain grounds, cut to what is visible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.brands import render_logo
from detector.model import Logo

LONG_SIDE = 192
"""Pixels of a drawing's longer side."""

Rgba = NDArray[np.uint8]


def draw(logo: Logo) -> Rgba | None:
    """A logo as height x width x 4, cut to what is not transparent; None where nothing is visible.

    Raises:
        BrandFileError: the file is no picture.
    """
    image = render_logo(logo, 2 * LONG_SIDE)
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 16 else 0).getbbox()
    if box is None:
        return None
    image = image.crop(box)
    scale = LONG_SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC))


def lay_on(drawing: Rgba, ground: tuple[int, int, int], margin: float = 0.12) -> NDArray[np.uint8]:
    """The drawing on a plain ground with a margin (share of the shorter side) around it; RGB."""
    height, width = drawing.shape[:2]
    pad = max(2, round(margin * min(height, width)))
    canvas = np.empty((height + 2 * pad, width + 2 * pad, 3), dtype=np.float32)
    canvas[:] = ground
    alpha = drawing[:, :, 3:4].astype(np.float32) / 255.0
    inner = canvas[pad : pad + height, pad : pad + width]
    inner[:] = inner * (1.0 - alpha) + drawing[:, :, :3].astype(np.float32) * alpha
    return canvas.round().astype(np.uint8)
