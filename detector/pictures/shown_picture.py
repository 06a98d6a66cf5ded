"""A decoded picture file as a person sees it: turned as its camera says, and of an animation the frame that shows most."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image

ANIMATED = ("GIF", "PNG", "WEBP")
"""Formats whose frames follow each other; the further pictures in a JPEG are previews."""
MOST_FRAMES = 40
MOST_PIXELS = 60_000_000
"""Pixels of all frames of one picture that are looked at; at least one frame after the first is."""
ENOUGH = 0.8
"""The first frame with this share of the most detail that any frame has is the one that counts."""
SIDE = 96
"""Pixels to which the longer side of a frame is scaled before its detail is measured."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Turns that set a picture upright, by the value of EXIF's orientation (EXIF 2.32, section 4.6.4)."""


def as_shown(image: Image.Image) -> Image.Image:
    """Return the picture as viewers and browsers show it; ``image`` has just been opened, and its size is within limits.

    Raises:
        Exception: whatever the decoder raises for a damaged first frame.
    """
    frame = _telling_frame(image) if image.format in ANIMATED and getattr(image, "is_animated", False) else image
    turn = _TURNS.get(_orientation(image))
    return frame if turn is None else frame.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = image.getexif().get(_ORIENTATION)
    except Exception:  # metadata is a stranger's, and its reader raises anything
        return 1
    return value if isinstance(value, int) else 1


def _telling_frame(image: Image.Image) -> Image.Image:
    frames = [(_detail(frame), frame) for frame in _frames(image)]
    enough = max(detail for detail, _ in frames) * ENOUGH
    return next(frame for detail, frame in frames if detail >= enough)


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the frames, each as the whole picture that is shown then; a damaged one ends them."""
    yield image.convert("RGBA")
    for number in range(1, max(2, min(MOST_FRAMES, MOST_PIXELS // (image.width * image.height)))):
        try:
            image.seek(number)
            frame = image.convert("RGBA")
        except Exception:  # the end of the file, or hostile bytes
            return
        yield frame


def _detail(frame: Image.Image) -> float:
    """Measure how much there is to see in a frame: the mean difference of neighbouring pixels of a small copy."""
    small = frame.copy()
    small.thumbnail((SIDE, SIDE))
    white = Image.new("RGBA", small.size, "white")
    grey = np.asarray(Image.alpha_composite(white, small).convert("L"), dtype=np.int16)
    return float(np.abs(np.diff(grey, axis=0)).sum() + np.abs(np.diff(grey, axis=1)).sum())
