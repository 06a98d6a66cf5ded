"""A cheap variant of the signal ``favicon``: only icons that resemble a logo are given to the encoder."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.brands import BrandLibrary
from detector.errors import BrandFileError
from detector.index import kept
from detector.index.search import Arrays
from detector.model import Finding
from detector.signals.capture_view import Pixels
from detector.signals.favicon import FaviconSignal
from detector.signals.logo.logo_drawing import DARK, LIGHT, draw, lay_on

VERSION = 1
SIDE = 8
LIKE = 20.0
"""Largest mean difference, of 255, at which an icon may be a logo.

Of the library's own logos drawn as icons of 32 pixels with three margins 90 to 97 % lie below; of those of other brands 18 %
(docs/discovery.md).
"""
SQUARE = (0.6, 1.7)
"""Ratios of width to height of logos that sites use as icons."""
PLAIN = 24
"""Difference from the background, of 255, from which a pixel belongs to the drawing."""


class IconSignal(FaviconSignal):
    """Compare the icon with those of official pages, and with logos if it resembles one."""

    @cached_property
    def logos(self) -> NDArray[np.int16]:
        """Return thumbnails of all logos that could be icons."""
        arrays = kept(f"icon-thumbnails-v{VERSION}-{self.library.fingerprint[:32]}", lambda: _build(self.library))
        return arrays["thumbnails"].astype(np.int16)

    def _by_logo(self, icon: Pixels) -> dict[str, Finding]:
        apart = np.abs(self.logos - thumbnail(icon)).mean(axis=(1, 2, 3))
        return super()._by_logo(icon) if len(apart) and float(apart.min()) <= LIKE else {}


def thumbnail(icon: Pixels) -> NDArray[np.int16]:
    """Return the drawing on the icon's background, without its margin, as 8 x 8 pixels."""
    drawn = (np.abs(icon.astype(np.int16) - icon[0, 0]) > PLAIN).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if len(rows):
        icon = np.ascontiguousarray(icon[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.asarray(Image.fromarray(icon).resize((SIDE, SIDE), Image.Resampling.BOX)).astype(np.int16)


def _build(library: BrandLibrary) -> Arrays:
    found = []
    for brand in library:
        for logo in brand.logos:
            try:
                drawing = draw(logo)
            except BrandFileError:
                continue
            if drawing is not None and SQUARE[0] < drawing.shape[1] / drawing.shape[0] < SQUARE[1]:
                found += [thumbnail(lay_on(drawing, ground)).astype(np.uint8) for ground in (LIGHT, DARK)]
    return {"thumbnails": np.asarray(found, np.uint8).reshape(len(found), SIDE, SIDE, 3)}
