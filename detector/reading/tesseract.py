"""Reads lines of text in a picture with the ``tesseract`` program: one process for all lines, bounded in time.

The picture that it gets is drawn by us (a column of grey lines on white, encoded as PNG here): no byte of a page reaches it.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.model import Box

Pixels = NDArray[np.uint8]

PROGRAM = "tesseract"
OVERRIDE = "CLONEWATCH_TESSERACT"
SECONDS = 8.0
LINE_HEIGHT = 44
"""Pixels that a line is scaled to: letters of about 30 pixels, which tesseract reads best."""
MAX_LINE = 2400
"""Pixels of a scaled line's width; what is longer is cut."""
PAD = 14
MIN_CONFIDENCE = 20.0
HOW_TO_GET_IT = (
    "install it with `make setup` or `apt-get install tesseract-ocr` (Debian), or point the environment variable "
    + (f"{OVERRIDE} at it")
)


@dataclass(frozen=True, slots=True)
class Line:
    """Text that was read, and where it stands on the screenshot."""

    text: str
    box: Box


class CouldNotRead(Exception):
    """The pictures were not read; the message says why."""


def find_tesseract() -> str | None:
    """Path of the program; None where there is none."""
    return shutil.which(os.environ.get(OVERRIDE) or PROGRAM)


@cache
def tesseract_version(path: str) -> str:
    """What the program calls itself.

    Raises:
        CouldNotRead: it does not start.
    """
    try:
        said = subprocess.run([path, "--version"], capture_output=True, timeout=SECONDS, check=True, text=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise CouldNotRead(f"{path} does not start ({type(error).__name__}); {HOW_TO_GET_IT}") from error
    return (said.stdout or said.stderr).splitlines()[0].strip()


def read_lines(pixels: Pixels, regions: Sequence[Box]) -> list[Line]:
    """Text of the regions of an RGB picture, in their order; those without any are left out.

    Raises:
        CouldNotRead: there is no tesseract, it failed, or it took too long.
    """
    if not regions:
        return []
    program = find_tesseract()
    if program is None:
        raise CouldNotRead(f"{PROGRAM} is not installed; {HOW_TO_GET_IT}")
    sheet, tops = _sheet(pixels, regions)
    encoded, png = cv2.imencode(".png", sheet, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not encoded:
        raise CouldNotRead("the regions could not be encoded")
    # one block of lines of one size; the legacy of several threads only slows small pictures down
    command = [program, "stdin", "stdout", "-l", "eng", "--dpi", "150", "--psm", "6", "tsv"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        said = subprocess.run(
            command, input=png.tobytes(), capture_output=True, timeout=SECONDS, check=True, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise CouldNotRead(f"{PROGRAM} took longer than {SECONDS:g} s") from error
    except subprocess.CalledProcessError as error:
        problem = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise CouldNotRead(f"{PROGRAM} failed ({problem[0][:200] if problem else error.returncode})") from error
    except OSError as error:
        raise CouldNotRead(f"{PROGRAM} does not start ({error.strerror}); {HOW_TO_GET_IT}") from error
    return _by_region(said.stdout.decode("utf-8", "replace"), regions, tops)


def _sheet(pixels: Pixels, regions: Sequence[Box]) -> tuple[Pixels, list[int]]:
    """All regions below one another, dark on white and of one height; and where each begins."""
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
    """One line, grey, dark letters on white, ``LINE_HEIGHT`` high."""
    margin = max(2, int(region.height * 0.15))
    top, left = max(0, int(region.y) - margin), max(0, int(region.x) - margin)
    part = pixels[top : int(region.y + region.height) + margin + 1, left : int(region.x + region.width) + margin + 1]
    # the channel in which letters and ground lie furthest apart: red on blue is flat in grey
    grey = part[:, :, int(np.argmax(part.reshape(-1, 3).std(axis=0)))]
    scale = LINE_HEIGHT / grey.shape[0]
    size = (min(MAX_LINE, max(1, round(grey.shape[1] * scale))), LINE_HEIGHT)
    wanted = grey[:, : max(1, int(size[0] / scale))]
    scaled = cv2.resize(wanted, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    low, high = np.percentile(scaled, (1, 99))
    stretched: Pixels = np.clip((scaled.astype(np.float32) - low) * (255.0 / max(1.0, high - low)), 0, 255).astype(
        np.uint8
    )
    # letters cover less than their ground does
    dark = np.count_nonzero(stretched < 128) > stretched.size / 2
    return (255 - stretched).astype(np.uint8) if dark else stretched


def _by_region(tsv: str, regions: Sequence[Box], tops: Sequence[int]) -> list[Line]:
    """Words of tesseract's table put back to the regions that they were read from."""
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
        Line(" ".join(text for _, text in sorted(found, key=lambda word: word[0])), box)
        for found, box in zip(words, regions, strict=True)
        if found
    ]
