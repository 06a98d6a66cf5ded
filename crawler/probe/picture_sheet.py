"""Lay out a page's pictures on one sheet, which takes the place of a screenshot for the signals that need one."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from crawler.pages.pictures import inline_picture
from detector.brands import render_picture
from detector.errors import BrandFileError
from detector.model import Box, ImageBox
from detector.pictures.shown_picture import as_shown
from detector.signals.logo.logo_drawing import DARK, LIGHT, is_pale

MOST_PICTURES = 3
"""Pictures on a sheet, embedded and fetched ones: a wall of many logos is no evidence for any of them."""
MOST_BYTES = 1_000_000
MOST_SIDE = 4000
WIDTH = 640
"""Width of the sheet in pixels: the widest picture and its margins."""
LEAST = 3
"""Smallest ratio of the sheet's area to that of a picture."""
ROOM = (560, 230)
"""Largest width and height of one picture on the sheet."""
MARGIN = 24
SMALLEST = 12
CLEAR = 40
"""Opacity, of 255, below which the background shows through."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "ICO", "BMP")
_DATA = re.compile(rb"data:image/[a-z+.-]{2,12}(?:;[a-z0-9=-]{1,20})*,[^\s\"'`)>\\]{40,1500000}")
_TILE = re.compile(rb"<img\b([^>]*+)>\s*+(?:<br\b[^>]*+>\s*+)?+")
FEWEST_TILES, MOST_TILES = 4, 60
SHORTEST_TILE, LONGEST_TILE = 40, 400_000
"""Bytes of one tile's attributes."""
_BREAK = re.compile(rb"<br\b[^>]{0,100}>")
MOST_ROWS = 20
_SHADOWS = re.compile(rb"box-shadow\s*:([^;\"'}]{2000,1500000})")
MANY_SHADOWS = 200
_SVG_END, MOST_SVG = b"</svg>", 200_000
_SPACE = b'xmlns="http://www.w3.org/2000/svg"'


@dataclass(frozen=True, slots=True)
class PictureSheet:
    """The sheet (as BMP, which is fast to write and read), and the position of each picture on it."""

    picture: bytes
    images: tuple[ImageBox, ...]


def inline_pictures(body: bytes) -> list[bytes]:
    """Return pictures embedded in the document: joined tiles, ``data:`` addresses, inline SVG."""
    found: dict[bytes, None] = dict.fromkeys(tiled_pictures(body))
    for piece in _DATA.findall(body):
        picture = inline_picture(piece.decode("latin-1"))
        if picture is not None:
            found.setdefault(picture)
        if len(found) >= MOST_PICTURES:
            return list(found)
    for piece in islice(_drawings(body), MOST_PICTURES - len(found)):
        spaced = piece if b"xmlns=" in piece[:2000] else piece.replace(b"<svg", b"<svg " + _SPACE, 1)
        found.setdefault(spaced)
    return list(found)


def _drawings(body: bytes) -> Iterator[bytes]:
    at = 0
    while (start := body.find(b"<svg", at)) >= 0 and (end := body.find(_SVG_END, start)) >= 0:
        at = end + len(_SVG_END)
        if at - start <= MOST_SVG:
            yield body[start:at]


def tiled_pictures(body: bytes) -> list[bytes]:
    """Join pictures that the document shows in pieces, side by side and in rows, which is a way to hide a logo."""
    found: list[bytes] = []
    for run in islice(_tile_runs(body), 2):
        rows = [
            [
                piece
                for address in _DATA.findall(row)
                if (piece := _raster(inline_picture(address.decode("latin-1")) or b""))
            ]
            for row in _BREAK.split(run)
        ]
        whole = _put_together([row for row in rows if row][:MOST_ROWS])
        if whole is not None:
            found.append(whole)
    return found


def _tile_runs(body: bytes) -> Iterator[bytes]:
    """Parts of the document that hold nothing but images, one after the other."""
    begin = end = count = 0
    # up to the last ">" every tag has an end, so that none is looked for twice
    for tile in _TILE.finditer(body, 0, body.rfind(b">") + 1):
        fits = SHORTEST_TILE <= len(tile[1]) <= LONGEST_TILE
        if count and (not fits or tile.start() != end or count == MOST_TILES):
            if count >= FEWEST_TILES:
                yield body[begin:end]
            count = 0
        if fits:
            begin = begin if count else tile.start()
            end = tile.end()
            count += 1
    if count >= FEWEST_TILES:
        yield body[begin:end]


def _put_together(rows: list[list[Image.Image]]) -> bytes | None:
    width = max((sum(piece.width for piece in row) for row in rows), default=0)
    height = sum(max(piece.height for piece in row) for row in rows)
    if not 0 < width <= MOST_SIDE or not 0 < height <= MOST_SIDE:
        return None
    whole = Image.new("RGBA", (width, height))
    top = 0
    for row in rows:
        left = 0
        for piece in row:
            whole.paste(piece, (left, top))
            left += piece.width
        top += max(piece.height for piece in row)
    output = io.BytesIO()
    whole.save(output, "PNG", compress_level=1)
    return output.getvalue()


def draws_with_shadows(body: bytes) -> bool:
    """Return True if the document paints a picture with hundreds of CSS shadows of one element, instead of a file."""
    return any(style.count(b"rgb") + style.count(b"#") >= MANY_SHADOWS for style in _SHADOWS.findall(body))


def sheet_of(pictures: Iterable[bytes]) -> PictureSheet | None:
    """Lay out the pictures; None where none of them can be decoded."""
    decoded = list(_decoded(pictures))
    if not decoded:
        return None
    # small, since signals scan all of it, yet so large that each picture is only a part of it
    height = sum(picture.height + MARGIN for picture in decoded) + MARGIN
    largest = max(picture.width * picture.height for picture in decoded)
    canvas = Image.new("RGB", (WIDTH, max(height, LEAST * largest // WIDTH)), "white")
    images: list[ImageBox] = []
    top = MARGIN
    for picture in decoded:
        canvas.paste(Image.new("RGB", picture.size, _ground(picture)), (MARGIN, top))
        canvas.paste(picture, (MARGIN, top), picture)
        images.append(ImageBox("img", Box(MARGIN, top, *picture.size)))
        top += picture.height + MARGIN
    output = io.BytesIO()
    canvas.save(output, "BMP")
    return PictureSheet(output.getvalue(), tuple(images))


def _decoded(pictures: Iterable[bytes]) -> Iterator[Image.Image]:
    count = 0
    for data in pictures:
        picture = _svg(data) if b"<svg" in data[:3000] else _raster(data)
        if picture is not None and min(picture.size) >= SMALLEST:
            picture.thumbnail(ROOM)
            yield picture
            count += 1
            if count == MOST_PICTURES:
                return


def _svg(data: bytes) -> Image.Image | None:
    try:
        return render_picture(Path("page.svg"), data, 200)
    except BrandFileError:
        return None


def _raster(data: bytes) -> Image.Image | None:
    if len(data) > MOST_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if max(opened.size) > MOST_SIDE:
                    return None
                opened.draft("RGB", ROOM)
                return as_shown(opened).convert("RGBA")
    except Exception:  # decoders may raise anything for hostile bytes
        return None


def _ground(picture: Image.Image) -> tuple[int, int, int]:
    """Return the background colour: white, or dark behind a pale, transparent picture, such as a white logo."""
    small = np.asarray(picture.resize((16, 16), Image.Resampling.BOX))
    return DARK if (small[..., 3] < CLEAR).any() and is_pale(small) else LIGHT
