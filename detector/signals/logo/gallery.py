"""Vectors of all logos of all brands, built once and cached by content and algorithm version."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.brands import BrandLibrary
from detector.errors import BrandFileError
from detector.index import VectorIndex, digest_of, earlier_rows, is_kept, kept, source_columns
from detector.index.logo_encoder import DIMENSIONS, Vectors, logo_encoder
from detector.index.search import Arrays
from detector.model import Brand, Logo
from detector.signals.logo.lockup import mark_of
from detector.signals.logo.logo_drawing import DARK, LIGHT, Rgba, draw, inside_of_tile, is_pale, lay_on

VERSION = 9
"""Version of the drawings and of what is cached."""
TOP = 6
"""Nearest neighbours that are considered."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NearestDrawing:
    """The drawing of one brand that is nearest to a crop."""

    brand: str
    file: str
    """Path of the logo file."""
    similarity: float
    """Cosine, -1 to 1."""


class LogoGallery:
    """Entry ``i`` of the index is one drawing of a logo of ``brands[i]``; ``places`` has the path of the file ``files[i]``.

    The cached arrays name files by brand and file name, since the same brands may be in another folder later.
    """

    def __init__(self, kept_as: Arrays, places: Mapping[str, str]) -> None:
        self.index = VectorIndex(kept_as["vectors"])
        self.brands, self.files, self._places = kept_as["brands"], kept_as["files"], places

    @property
    def size(self) -> int:
        return self.index.size

    def nearest(self, vectors: Vectors) -> list[list[NearestDrawing]]:
        """Find the nearest drawings of each vector, one for each brand, the best first; none for a vector of zeros."""
        hits = self.index.nearest(vectors, min(self.size, 4 * TOP))
        return [self._one_a_brand(rows, far) for rows, far in zip(hits.rows, hits.distances, strict=True)]

    def _one_a_brand(self, rows: NDArray[np.int64], distances: NDArray[np.float32]) -> list[NearestDrawing]:
        found: dict[str, NearestDrawing] = {}
        for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
            brand = str(self.brands[row])
            if row >= 0 and brand not in found:
                found[brand] = NearestDrawing(brand, self._places[str(self.files[row])], 1.0 - distance)
        return list(found.values())[:TOP]


def open_gallery(library: BrandLibrary) -> LogoGallery:
    """Open the gallery of a library; build and cache it where it is missing."""
    return LogoGallery(kept(_kept_as(library), lambda: build_gallery(library)), _places(library))


def gallery_is_kept(library: BrandLibrary) -> bool:
    """Tell whether the gallery is cached on this machine: if not, the first judgement builds it."""
    return is_kept(_kept_as(library))


def build_gallery(library: BrandLibrary) -> Arrays:
    """Draw and encode every logo, reusing earlier galleries; returns ``brands``, ``files`` and ``vectors`` of the drawings.

    Unreadable ones are logged and left out (``brands check`` names them).
    """
    found = [(brand, logo, digest_of(Path(logo.path))) for brand in library for logo in brand.logos]
    known = {
        source: arrays["vectors"]
        for source, arrays in earlier_rows(_kind(), {source for _, _, source in found}, ["vectors"]).items()
    }
    for brand, logo, source in found:
        if source not in known:
            try:
                known[source] = _vectors(logo)
            except BrandFileError as error:
                log.warning("logo left out", brand=brand.id, error=str(error))
    read = [(brand, logo, source) for brand, logo, source in found if source in known]
    rows = [(brand.answer, _name(brand, logo), vector) for brand, logo, source in read for vector in known[source]]
    return {
        "vectors": np.asarray([row[2] for row in rows], np.float32).reshape(len(rows), DIMENSIONS),
        "brands": np.asarray([row[0] for row in rows], np.str_),
        "files": np.asarray([row[1] for row in rows], np.str_),
        **source_columns((source, len(known[source])) for _, _, source in read),
    }


def _kept_as(library: BrandLibrary) -> str:
    return f"{_kind()}-{library.fingerprint[:32]}"


def _kind() -> str:
    return f"logos-v{VERSION}-{logo_encoder().version}"


def _places(library: BrandLibrary) -> dict[str, str]:
    return {_name(brand, logo): logo.path for brand in library for logo in brand.logos}


def _name(brand: Brand, logo: Logo) -> str:
    return f"{brand.id}/{os.path.relpath(logo.path, brand.folder or '.')}"


def _vectors(logo: Logo) -> Vectors:
    """Encode each drawing of a logo that shows anything."""
    vectors = logo_encoder().embed(list(drawings(logo)))
    return vectors[vectors.any(axis=1)]


def drawings(logo: Logo) -> Iterator[Rgba]:
    """Iterate over the drawings of a logo, RGB; none where nothing is visible.

    Raises:
        BrandFileError: the file is not a picture.
    """
    drawing = draw(logo)
    if drawing is None:
        return
    # on a background with a margin, as pages show it: a tile without one would be taken for the background
    yield lay_on(drawing, DARK if is_pale(drawing) else LIGHT)
    mark = mark_of(drawing)
    if mark is not None:
        yield lay_on(mark, DARK if is_pale(mark) else LIGHT)
    inner = inside_of_tile(drawing)
    if inner is not None:
        yield inner
