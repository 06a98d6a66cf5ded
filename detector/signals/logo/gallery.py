"""Descriptors of all logos of all brands, built once and cached by content and algorithm version."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.brands import BrandLibrary
from detector.errors import BrandFileError
from detector.model import Brand
from detector.signals.logo.render import Rgba, draw, lay_on
from detector.signals.logo.shape import COLOUR_GRID, GRIDS, Rgb, Shape, grids_for, shape_of, vector_of

VERSION = 3
"""Changes with every change of what is stored."""
LIGHT, DARK = (255, 255, 255), (32, 33, 36)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The entries that are compared on one grid; row ``i`` of every array is one way to draw one logo."""

    vectors: NDArray[np.float32]
    """entries x (rows * columns), unit vectors."""
    aspects: NDArray[np.float32]
    fills: NDArray[np.float32]
    colours: NDArray[np.float32]
    """entries x COLOUR_GRID x COLOUR_GRID x 3, Lab."""
    brands: NDArray[np.str_]
    files: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Gallery:
    """One shelf a grid."""

    shelves: tuple[Shelf, ...]

    @property
    def size(self) -> int:
        return sum(len(shelf.brands) for shelf in self.shelves)


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/clonewatch`` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "clonewatch"


def open_gallery(library: BrandLibrary) -> Gallery:
    """Load the gallery of a library from the cache, or build and cache it."""
    path = cache_folder() / f"logos-v{VERSION}-{library.fingerprint[:32]}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _load(path)
    gallery = build_gallery(library)
    try:
        _save(gallery, path)
    except OSError as error:
        # the cache saves seconds, not facts
        log.warning("logo cache not written", path=str(path), error=str(error))
    return gallery


def build_gallery(library: BrandLibrary) -> Gallery:
    """Draw and describe every logo; unreadable ones are logged and left out (``brands check`` names them)."""
    rows: list[list[tuple[NDArray[np.float32], Shape, str, str]]] = [[] for _ in GRIDS]
    for brand in library:
        for file, crop in _drawings(brand):
            shape = shape_of(crop)
            if shape is None:
                continue
            for grid in grids_for(shape.aspect):
                rows[grid].append((vector_of(shape, grid), shape, brand.answer, file))
    return Gallery(tuple(_shelf(entries, grid) for grid, entries in enumerate(rows)))


def _drawings(brand: Brand) -> Iterator[tuple[str, Rgb]]:
    """Every way in which a page may show each logo: on light, on dark, and the inside of a tile."""
    for logo in brand.logos:
        try:
            drawing = draw(logo)
        except BrandFileError as error:
            log.warning("logo left out", brand=brand.id, error=str(error))
            continue
        if drawing is None:
            continue
        yield logo.path, lay_on(drawing, LIGHT)
        yield logo.path, lay_on(drawing, DARK)
        inner = _inside_of_tile(drawing)
        if inner is not None:
            yield logo.path, inner


def _inside_of_tile(drawing: Rgba) -> Rgb | None:
    """What stands on a tile, with the tile as its ground; None where the drawing is no tile."""
    height, width = drawing.shape[:2]
    if (drawing[:, :, 3] > 128).mean() < 0.72 or not 0.6 < width / height < 1.7:
        return None
    inset = round(0.09 * min(height, width))
    return np.ascontiguousarray(drawing[inset : height - inset, inset : width - inset, :3])


def _shelf(entries: list[tuple[NDArray[np.float32], Shape, str, str]], grid: int) -> Shelf:
    length = GRIDS[grid][0] * GRIDS[grid][1]
    grid_shape = (len(entries), COLOUR_GRID, COLOUR_GRID, 3)
    return Shelf(
        vectors=np.asarray([e[0] for e in entries], dtype=np.float32).reshape(len(entries), length),
        aspects=np.asarray([e[1].aspect for e in entries], dtype=np.float32),
        fills=np.asarray([e[1].fill for e in entries], dtype=np.float32),
        colours=np.asarray([e[1].colours for e in entries], dtype=np.float32).reshape(grid_shape),
        brands=np.asarray([e[2] for e in entries], dtype=np.str_),
        files=np.asarray([e[3] for e in entries], dtype=np.str_),
    )


FIELDS = tuple(Shelf.__dataclass_fields__)


def _save(gallery: Gallery, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.part.npz")
    arrays = {f"{field}{i}": getattr(shelf, field) for i, shelf in enumerate(gallery.shelves) for field in FIELDS}
    try:
        np.savez(temporary, allow_pickle=False, **arrays)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _load(path: Path) -> Gallery:
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return Gallery(tuple(Shelf(**{f: arrays[f"{f}{i}"] for f in FIELDS}) for i in range(len(GRIDS))))
