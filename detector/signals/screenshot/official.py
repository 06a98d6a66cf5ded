"""The brands' captured pages as hashes and thumbnails, built once and kept by content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from detector.brands import BrandLibrary
from detector.index import HashIndex, kept
from detector.index.base import Arrays
from detector.signals.screenshot.blocks import HEIGHT, SCALES, WIDTH, Agreement, Thumbnail, compare, scaled, thumbnail
from detector.signals.screenshot.codes import BITS, SHIFTS, band_code, code_of, shrink
from detector.signals.view import UnreadablePicture, decode_picture

VERSION = 1
"""Changes with every change of what is kept."""
MAX_PIXELS = 50_000_000
CANDIDATES = 12
"""Pages that are compared block by block; the nearest by hash come first."""
RESCALED = 4
"""Of them, how many are also compared at other sizes where none agrees at its own."""
ENOUGH = 0.5
"""Share of agreeing blocks from which no other size is tried."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Likeness:
    """One official page beside the picture in question."""

    page: int
    bits: int
    """Of the hash that differ; of the whole picture or of its middle, whichever is nearer."""
    blocks: Agreement


class OfficialPages:
    """Entry ``i`` of everything is page ``names[i]`` of ``brands[i]``."""

    def __init__(
        self,
        brands: NDArray[np.str_],
        names: NDArray[np.str_],
        whole: NDArray[np.uint8],
        band: NDArray[np.uint8],
        thumbnails: NDArray[np.uint8],
        rows: NDArray[np.int64],
    ) -> None:
        self.brands, self.names = brands, names
        self._whole, self._band = HashIndex(whole), HashIndex(band)
        self._thumbnails, self._rows = thumbnails, rows

    def arrays(self) -> Arrays:
        """What the pages are kept as."""
        codes = {"whole": self._whole.arrays()["codes"], "band": self._band.arrays()["codes"]}
        return {"brands": self.brands, "names": self.names, **codes, "thumbnails": self._thumbnails, "rows": self._rows}

    def nearest(self, pixels: NDArray[np.uint8]) -> list[Likeness]:
        """The pages most like a picture, in no order."""
        if not len(self.brands):
            return []
        small = shrink(pixels)
        count = min(len(self.brands), CANDIDATES)
        bits: dict[int, int] = {}
        bands = np.stack([band_code(small, shift) for shift in SHIFTS])
        for hits in (self._whole.nearest(code_of(small)[None], count), self._band.nearest(bands, count)):
            for page, far in zip(hits.rows.ravel().tolist(), hits.distances.ravel().tolist(), strict=True):
                bits[page] = min(bits.get(page, BITS), int(far))
        chosen = sorted(bits, key=lambda page: (bits[page], page))[:CANDIDATES]
        seen = thumbnail(pixels)
        found = {page: self._compare(page, *seen) for page in chosen}
        if max(agreement.share for agreement in found.values()) < ENOUGH:
            for scale in SCALES:
                other = scaled(*seen, scale)
                for page in chosen[:RESCALED]:
                    found[page] = max(found[page], self._compare(page, *other), key=lambda agreement: agreement.share)
        return [Likeness(page, bits[page], agreement) for page, agreement in found.items()]

    def _compare(self, page: int, seen: Thumbnail, rows: int) -> Agreement:
        return compare(self._thumbnails[page], int(self._rows[page]), seen, rows)


def open_official(library: BrandLibrary) -> OfficialPages:
    """The pages of a library as they were kept, or built and kept."""
    name = f"pages-v{VERSION}-{library.fingerprint[:32]}"
    return OfficialPages(**kept(name, lambda: build_official(library).arrays()))


def build_official(library: BrandLibrary) -> OfficialPages:
    """Every captured page; unreadable ones are logged and left out (``brands check`` names them)."""
    return from_pictures(_pictures(library))


def from_pictures(pictures: Iterable[tuple[str, str, NDArray[np.uint8]]]) -> OfficialPages:
    """Hash and shrink pages: brand, the page's name, pixels (RGB)."""
    brands, names, whole, band, thumbnails, rows = [], [], [], [], [], []
    for brand, name, pixels in pictures:
        small = shrink(pixels)
        picture, height = thumbnail(pixels)
        brands.append(brand)
        names.append(name)
        whole.append(code_of(small))
        band.append(band_code(small))
        thumbnails.append(picture)
        rows.append(height)
    shape = (len(brands), BITS // 8)
    return OfficialPages(
        np.asarray(brands, np.str_),
        np.asarray(names, np.str_),
        np.asarray(whole, np.uint8).reshape(shape),
        np.asarray(band, np.uint8).reshape(shape),
        np.asarray(thumbnails, np.uint8).reshape(len(brands), HEIGHT, WIDTH, 3),
        np.asarray(rows, np.int64),
    )


def _pictures(library: BrandLibrary) -> Iterable[tuple[str, str, NDArray[np.uint8]]]:
    for brand in library:
        for page in brand.pages:
            try:
                yield brand.answer, page.name, decode_picture(Path(page.screenshot).read_bytes(), MAX_PIXELS)
            except (OSError, UnreadablePicture) as error:
                log.warning("official page left out", brand=brand.id, page=page.name, error=str(error))
