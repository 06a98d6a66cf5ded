"""Vectors of all logos of all brands, built once and cached by content and algorithm version."""

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
from detector.encoder import DIMENSIONS, Vectors, logo_encoder
from detector.errors import BrandFileError
from detector.model import Brand, Logo
from detector.signals.logo.render import DARK, LIGHT, Rgba, draw, inside_of_tile, is_pale, lay_on

VERSION = 5
"""Changes with every change of what is drawn."""
TOP = 6
"""Neighbours that are looked at."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The drawing of one brand that is nearest to a crop."""

    brand: str
    file: str
    similarity: float
    """Cosine, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Row ``i`` of every array is one way to draw one logo."""

    vectors: Vectors
    brands: NDArray[np.str_]
    files: NDArray[np.str_]

    @property
    def size(self) -> int:
        return len(self.brands)

    def nearest(self, vectors: Vectors) -> list[list[Neighbour]]:
        """For each vector the nearest drawings, one a brand, best first; none for a vector of zeros."""
        if not self.size or not len(vectors):
            return [[] for _ in vectors]
        similarities = vectors @ self.vectors.T
        count = min(self.size, 4 * TOP)
        best = np.argpartition(-similarities, count - 1, axis=1)[:, :count]
        return [self._one_a_brand(similarities[i], rows) if vectors[i].any() else [] for i, rows in enumerate(best)]

    def _one_a_brand(self, similarities: NDArray[np.float32], rows: NDArray[np.intp]) -> list[Neighbour]:
        found: dict[str, Neighbour] = {}
        for row in rows[np.argsort(-similarities[rows], kind="stable")]:
            brand = str(self.brands[row])
            if brand not in found:
                found[brand] = Neighbour(brand, str(self.files[row]), float(similarities[row]))
        return list(found.values())[:TOP]


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/clonewatch`` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "clonewatch"


def open_gallery(library: BrandLibrary) -> Gallery:
    """Load the gallery of a library from the cache, or build and cache it."""
    path = cache_folder() / f"logos-v{VERSION}-{logo_encoder().version}-{library.fingerprint[:32]}.npz"
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
    """Draw and embed every logo; unreadable ones are logged and left out (``brands check`` names them)."""
    rows = [(brand.answer, logo.path, drawing) for brand in library for logo, drawing in _drawings(brand)]
    vectors = logo_encoder().embed([drawing for _, _, drawing in rows]).reshape(len(rows), DIMENSIONS)
    shown = vectors.any(axis=1)
    return Gallery(
        vectors[shown],
        np.asarray([row[0] for row in rows], dtype=np.str_)[shown],
        np.asarray([row[1] for row in rows], dtype=np.str_)[shown],
    )


def _drawings(brand: Brand) -> Iterator[tuple[Logo, Rgba]]:
    for logo in brand.logos:
        try:
            drawing = draw(logo)
        except BrandFileError as error:
            log.warning("logo left out", brand=brand.id, error=str(error))
            continue
        if drawing is None:
            continue
        # on a ground with a margin, as pages show it: a tile without one would be taken for its own ground
        yield logo, lay_on(drawing, DARK if is_pale(drawing) else LIGHT)
        inner = inside_of_tile(drawing)
        if inner is not None:
            yield logo, inner


def _save(gallery: Gallery, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.part.npz")
    arrays = {field: getattr(gallery, field) for field in Gallery.__dataclass_fields__}
    try:
        np.savez(temporary, allow_pickle=False, **arrays)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _load(path: Path) -> Gallery:
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return Gallery(**{field: arrays[field] for field in Gallery.__dataclass_fields__})
