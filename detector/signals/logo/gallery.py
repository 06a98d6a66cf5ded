"""Vectors of all logos of all brands, built once and kept by content and algorithm version."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.brands import BrandLibrary
from detector.encoder import DIMENSIONS, Vectors, logo_encoder
from detector.errors import BrandFileError
from detector.index import VectorIndex, is_kept, kept
from detector.index.base import Arrays
from detector.model import Brand, Logo
from detector.signals.logo.lockup import mark_of
from detector.signals.logo.render import DARK, LIGHT, Rgba, draw, inside_of_tile, is_pale, lay_on

VERSION = 8
"""Changes with every change of what is drawn."""
TOP = 6
"""Neighbours that are looked at."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The drawing of one brand that is nearest to a crop."""

    brand: str
    file: str
    """Where it lies."""
    similarity: float
    """Cosine, -1 to 1."""


class Gallery:
    """Entry ``i`` of the index is one way to draw a logo of ``brands[i]``, in the file that ``places`` has for ``files[i]``.

    What is kept speaks of files by brand and name: the same brands may lie in another folder tomorrow.
    """

    def __init__(
        self, vectors: Vectors, brands: NDArray[np.str_], files: NDArray[np.str_], places: Mapping[str, str]
    ) -> None:
        self.index = VectorIndex(vectors)
        self.brands, self.files, self._places = brands, files, places

    @property
    def size(self) -> int:
        return self.index.size

    def nearest(self, vectors: Vectors) -> list[list[Neighbour]]:
        """For each vector the nearest drawings, one a brand, best first; none for a vector of zeros."""
        hits = self.index.nearest(vectors, min(self.size, 4 * TOP))
        return [self._one_a_brand(rows, far) for rows, far in zip(hits.rows, hits.distances, strict=True)]

    def arrays(self) -> Arrays:
        """What the gallery is kept as."""
        return {**self.index.arrays(), "brands": self.brands, "files": self.files}

    def _one_a_brand(self, rows: NDArray[np.int64], distances: NDArray[np.float32]) -> list[Neighbour]:
        found: dict[str, Neighbour] = {}
        for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
            brand = str(self.brands[row])
            if row >= 0 and brand not in found:
                found[brand] = Neighbour(brand, self._places[str(self.files[row])], 1.0 - distance)
        return list(found.values())[:TOP]


def open_gallery(library: BrandLibrary) -> Gallery:
    """The gallery of a library as it was kept, or built and kept."""
    return Gallery(**kept(_kept_as(library), lambda: build_gallery(library).arrays()), places=_places(library))


def gallery_is_kept(library: BrandLibrary) -> bool:
    """Whether this machine has fingerprinted these brands' logos: if not, the first judgement will."""
    return is_kept(_kept_as(library))


def _kept_as(library: BrandLibrary) -> str:
    return f"logos-v{VERSION}-{logo_encoder().version}-{library.fingerprint[:32]}"


def build_gallery(library: BrandLibrary) -> Gallery:
    """Draw and embed every logo; unreadable ones are logged and left out (``brands check`` names them)."""
    rows = [(brand.answer, _name(brand, logo), drawing) for brand in library for logo, drawing in _drawings(brand)]
    vectors = logo_encoder().embed([drawing for _, _, drawing in rows]).reshape(len(rows), DIMENSIONS)
    shown = vectors.any(axis=1)
    return Gallery(
        vectors[shown],
        np.asarray([row[0] for row in rows], dtype=np.str_)[shown],
        np.asarray([row[1] for row in rows], dtype=np.str_)[shown],
        _places(library),
    )


def _places(library: BrandLibrary) -> dict[str, str]:
    return {_name(brand, logo): logo.path for brand in library for logo in brand.logos}


def _name(brand: Brand, logo: Logo) -> str:
    return f"{brand.id}/{os.path.relpath(logo.path, brand.folder or '.')}"


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
        mark = mark_of(drawing)
        if mark is not None:
            yield logo, lay_on(mark, DARK if is_pale(mark) else LIGHT)
        inner = inside_of_tile(drawing)
        if inner is not None:
            yield logo, inner
