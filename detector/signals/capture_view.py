"""A capture as the signals see it: page facts, and the picture decoded once at most and within limits."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from detector.index.channels import contrast
from detector.limits import first_screen, readable_share
from detector.model import Capture, PageFacts
from detector.pictures.shown_picture import as_shown
from detector.signals.picture_text import PictureText, facts_of, read_page

T = TypeVar("T")

Pixels = NDArray[np.uint8]
"""Height x width x 3, RGB."""

FEW_WORDS = 8
"""Words of a page below which its pictures are read as well."""

KEPT_BYTES = 2_000_000
MAX_ICON_PIXELS = 4_000_000

PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


class UnreadablePicture(ValueError):
    """The bytes cannot be decoded as a picture; the message says why."""


def decode_picture(data: bytes, max_pixels: int) -> Pixels:
    """Decode a picture to RGB as a person sees it, transparent parts on white; the array must not be written to.

    The last picture of ordinary size is cached, so that checking a picture before judging it does not decode it twice.

    Raises:
        UnreadablePicture: not a picture, truncated, of an unexpected format, or larger than ``max_pixels``.
    """
    return _decode_once(data, max_pixels) if len(data) <= KEPT_BYTES else _decode(data, max_pixels)


@lru_cache(maxsize=1)
def _decode_once(data: bytes, max_pixels: int) -> Pixels:
    pixels = _decode(data, max_pixels)
    pixels.setflags(write=False)
    return pixels


def _decode(data: bytes, max_pixels: int) -> Pixels:
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is lower than ours, which is checked below; damaged metadata is a stranger's
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(data), formats=PICTURE_FORMATS)
        with opened as file:
            width, height = file.size
            if width * height > max_pixels:
                raise UnreadablePicture(f"the picture has {width}x{height} pixels, more than {max_pixels} allowed")
            if width < 2 or height < 2:
                raise UnreadablePicture(f"the picture has only {width}x{height} pixels")
            image = as_shown(file)
            if "A" in image.getbands() or "transparency" in image.info:
                rgba = image.convert("RGBA")
                background = Image.new("RGBA", rgba.size, "white")
                return np.asarray(Image.alpha_composite(background, rgba).convert("RGB"))
            if image.mode.startswith("I;16") or image.mode == "I":
                # Pillow clips 16-bit grey instead of scaling it
                grey = np.asarray(image.convert("I"), dtype=np.int64) >> 8
                return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
            return np.asarray(image.convert("RGB"))
    except UnreadablePicture:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePicture("it is no PNG, JPEG, WebP, GIF or BMP picture") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(f"the picture cannot be decoded ({error})") from error


class CaptureView:
    """One capture under judgement.

    Args:
        capture: what was seen; its ``facts`` may be missing.
        read: returns the bytes of the viewport's screenshot, or None when there is none.
        max_pixels: pictures with more are not decoded.
        read_icon: returns the bytes of the page's icon, or None when there is none.
    """

    def __init__(
        self,
        capture: Capture,
        read: Callable[[], bytes | None],
        max_pixels: int = 50_000_000,
        read_icon: Callable[[], bytes | None] = lambda: None,
    ) -> None:
        self.capture = capture
        self._read, self._read_icon = read, read_icon
        self._max_pixels = max_pixels
        self._memo: dict[object, Any] = {}

    @property
    def facts(self) -> PageFacts | None:
        return self.capture.facts

    @cached_property
    def reading(self) -> PictureText:
        """The text of the whole picture, read at first use."""
        return read_page(self.pixels, self.no_picture_reason)

    @cached_property
    def text_facts(self) -> PageFacts | None:
        """The page's text and fields: from its facts, or, where it came as a picture alone, read from the picture.

        The facts of a page without text (one large picture) are completed with the text of the picture.
        """
        facts = self.facts
        if facts is not None and (
            self._words(facts) >= FEW_WORDS or not (facts.images or "time" in facts.limits_reached)
        ):
            return facts
        lines = self.reading.lines
        return facts_of(lines, facts or PageFacts()) if lines else facts

    @staticmethod
    def _words(facts: PageFacts) -> float:
        """Return the number of words that a person can read: text that nobody can see is not counted."""
        return len(facts.text.split()) * readable_share(facts)

    def of_first_screen(self) -> CaptureView:
        """The same capture with no more of the page than a visitor sees first; the picture is decoded once for both."""
        pixels = self.pixels
        size = (pixels.shape[1], pixels.shape[0]) if pixels is not None else None
        facts = first_screen(self.facts or PageFacts(), size)
        first = CaptureView(replace(self.capture, facts=facts), self._read, self._max_pixels, self._read_icon)
        first.__dict__.update(
            {name: value for name, value in self.__dict__.items() if name in ("_decoded", "_decoded_icon", "reading")}
        )
        return first

    @property
    def no_text_reason(self) -> str:
        """The reason why ``text_facts`` is None, as a clause."""
        return self.reading.problem if self.text_facts is None else ""

    @property
    def url(self) -> str:
        """The page's own address, after redirects."""
        return self.capture.final_url or (self.facts.url if self.facts else "") or self.capture.url

    @cached_property
    def _decoded(self) -> tuple[Pixels | None, str]:
        data = self._read()
        if data is None:
            return None, "there is no screenshot"
        try:
            pixels = decode_picture(data, self._max_pixels)
        except UnreadablePicture as error:
            return None, str(error)
        if contrast(pixels[::4, ::4]) < 8:
            return None, "the screenshot is blank: one flat colour"
        return pixels, ""

    @property
    def pixels(self) -> Pixels | None:
        """The screenshot; None where it is missing, unreadable or blank."""
        return self._decoded[0]

    @cached_property
    def _decoded_icon(self) -> tuple[Pixels | None, str]:
        data = self._read_icon()
        if data is None:
            return None, "the page has no icon, or none that could be fetched"
        try:
            icon = decode_picture(data, MAX_ICON_PIXELS)
        except UnreadablePicture as error:
            return None, f"the page's icon cannot be read: {error}"
        return (None, "the page's icon is blank") if contrast(icon) < 8 else (icon, "")

    @property
    def icon(self) -> Pixels | None:
        """The page's icon; None where it is missing, unreadable or blank."""
        return self._decoded_icon[0]

    @property
    def no_icon_reason(self) -> str:
        """The reason why ``icon`` is None, as a clause; empty when it is not."""
        return self._decoded_icon[1]

    @property
    def no_picture_reason(self) -> str:
        """The reason why ``pixels`` is None, as a clause; empty when it is not."""
        return self._decoded[1]

    def memo(self, key: object, make: Callable[[], T]) -> T:
        """Compute a value once for this capture, and keep it for all brands."""
        if key not in self._memo:
            self._memo[key] = make()
        value: T = self._memo[key]
        return value
