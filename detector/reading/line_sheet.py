"""Read lines of text in a picture at once, by drawing them below one another, dark on white."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from detector.model import Box
from detector.reading.engine import Pixels, recognise

LINE_HEIGHT = 44
"""Height in pixels to which lines are scaled: letters of about 30 pixels, which tesseract reads best."""
MAX_LINE = 1200
"""Width in pixels of a scaled line; longer ones are cut."""
PAD = 14
MIN_CONFIDENCE = 20.0


@dataclass(frozen=True, slots=True)
class TextLine:
    """Text that was read, with its place on the screenshot."""

    text: str
    box: Box


def read_lines(pixels: Pixels, regions: Sequence[Box]) -> list[TextLine]:
    """Read the text of regions of an RGB picture, in their order; those without any are left out.

    Raises:
        CouldNotRead: there is no tesseract, it failed, or it took too long.
    """
    if not regions:
        return []
    sheet, tops = _sheet(pixels, regions)
    return _by_region(recognise(sheet), regions, tops)


def _sheet(pixels: Pixels, regions: Sequence[Box]) -> tuple[Pixels, list[int]]:
    """Draw all regions below one another, dark on white and of one height; returns the sheet and the top of each."""
    strips = [_strip(pixels, region) for region in regions]
    width = max(strip.shape[1] for strip in strips) + 2 * PAD
    step = LINE_HEIGHT + 2 * PAD
    sheet = np.full((step * len(strips) + PAD, width), 255, np.uint8)
    tops = []
    for index, strip in enumerate(strips):
        top = index * step + PAD
        sheet[top : top + strip.shape[0], PAD : PAD + strip.shape[1]] = strip
        tops.append(index * step)
    return sheet, tops


def _strip(pixels: Pixels, region: Box) -> Pixels:
    """Draw one line in grey, dark letters on white, ``LINE_HEIGHT`` high."""
    margin = max(2, int(region.height * 0.15))
    top, left = max(0, int(region.y) - margin), max(0, int(region.x) - margin)
    part = pixels[top : int(region.y + region.height) + margin + 1, left : int(region.x + region.width) + margin + 1]
    # the channel with the largest contrast between letters and background: red on blue is flat in grey
    grey = cv2.extractChannel(part, int(np.argmax(cv2.meanStdDev(part)[1])))
    scale = LINE_HEIGHT / grey.shape[0]
    size = (min(MAX_LINE, max(1, round(grey.shape[1] * scale))), LINE_HEIGHT)
    wanted = grey[:, : max(1, int(size[0] / scale))]
    scaled = cv2.resize(wanted, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    low, high = np.percentile(scaled, (1, 99))
    stretched: Pixels = np.clip((scaled.astype(np.float32) - low) * (255.0 / max(1.0, high - low)), 0, 255).astype(
        np.uint8
    )
    # letters cover less area than their background
    dark = np.count_nonzero(stretched < 128) > stretched.size / 2
    return (255 - stretched).astype(np.uint8) if dark else stretched


def _by_region(tsv: str, regions: Sequence[Box], tops: Sequence[int]) -> list[TextLine]:
    """Assign the words of tesseract's table to the regions that they were read from."""
    words: list[list[tuple[int, str]]] = [[] for _ in regions]
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        try:
            sure, left = float(row["conf"] or -1), int(row["left"] or 0)
            middle = int(row["top"] or 0) + int(row["height"] or 0) // 2
        except (KeyError, TypeError, ValueError):
            continue
        if text and sure >= MIN_CONFIDENCE:
            index = min(len(regions) - 1, max(0, int(np.searchsorted(tops, middle, side="right")) - 1))
            words[index].append((left, text))
    return [
        TextLine(" ".join(text for _, text in sorted(found, key=lambda word: word[0])), box)
        for found, box in zip(words, regions, strict=True)
        if found
    ]
