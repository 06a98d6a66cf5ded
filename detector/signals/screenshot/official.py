"""The brands' captured pages as hashes and thumbnails, built once and kept by content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Self

import numpy as np
import structlog
from numpy.typing import NDArray
from PIL import Image

from detector.brands import BrandLibrary
from detector.index import HashIndex, kept
from detector.index.base import Arrays
from detector.signals.screenshot.blocks import HEIGHT, SCALES, WIDTH, Agreement, Thumbnail, compare, scaled, thumbnail
from detector.signals.screenshot.codes import BITS, SHIFTS, Code, across_code, code_of, down_code, gradient_code, shrink
from detector.signals.view import UnreadablePicture, decode_picture

VERSION = 2
"""Changes with every change of what is kept."""
MAX_PIXELS = 50_000_000
NEAREST, BY_GRADIENT = 8, 4
"""Pages that are compared block by block: the nearest by the DCT hashes, and by the difference hash."""
RESCALED = 4
"""Of them, how many are also compared at other sizes where none agrees at its own."""
ENOUGH = 0.5
"""Share of agreeing blocks from which no other size is tried."""
CODES: Mapping[str, Callable[[Image.Image], Code]] = {
    "whole": code_of,
    "across": across_code,
    "down": down_code,
    "gradient": gradient_code,
}
"""Hashes that are kept of each page, by kind."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Likeness:
    """One official page beside the picture in question."""

    page: int
    bits: int
    """Of the DCT hash that differ; of the whole picture or of a band in its middle, whichever is nearest."""
    blocks: Agreement


class OfficialPages:
    """Entry ``i`` of everything is page ``names[i]`` of ``brands[i]``."""

    def __init__(
        self,
        brands: NDArray[np.str_],
        names: NDArray[np.str_],
        codes: Mapping[str, NDArray[np.uint8]],
        thumbnails: NDArray[np.uint8],
        rows: NDArray[np.int64],
    ) -> None:
        self.brands, self.names = brands, names
        self._indexes = {kind: HashIndex.without_tables(codes[kind]) for kind in CODES}
        self._thumbnails, self._rows = thumbnails, rows

    def arrays(self) -> Arrays:
        """What the pages are kept as."""
        codes = {kind: index.arrays()["codes"] for kind, index in self._indexes.items()}
        return {"brands": self.brands, "names": self.names, **codes, "thumbnails": self._thumbnails, "rows": self._rows}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The pages that were kept as ``arrays``."""
        rest = {name: array for name, array in arrays.items() if name not in CODES}
        return cls(codes={kind: arrays[kind] for kind in CODES}, **rest)

    def nearest(self, pixels: NDArray[np.uint8]) -> list[Likeness]:
        """The pages most like a picture, in no order."""
        if not len(self.brands):
            return []
        bits = self._proposed(pixels)
        seen = thumbnail(pixels)
        found = {page: self._compare(page, *seen) for page in bits}
        if max(agreement.share for agreement in found.values()) < ENOUGH:
            for scale in SCALES:
                other = scaled(*seen, scale)
                for page in tuple(bits)[:RESCALED]:
                    found[page] = max(found[page], self._compare(page, *other), key=lambda agreement: agreement.share)
        return [Likeness(page, bits[page], agreement) for page, agreement in found.items()]

    def _proposed(self, pixels: NDArray[np.uint8]) -> dict[int, int]:
        """Bits that differ, by page; the nearest by either kind of hash first."""
        small = shrink(pixels)
        count = min(len(self.brands), NEAREST)
        searches = {
            "whole": [code_of(small)],
            "across": [across_code(small, shift) for shift in SHIFTS],
            "down": [down_code(small, shift) for shift in SHIFTS],
        }
        near: dict[int, int] = {}
        for kind, codes in searches.items():
            hits = self._indexes[kind].nearest(np.stack(codes), count)
            for page, far in zip(hits.rows.ravel().tolist(), hits.distances.ravel().tolist(), strict=True):
                near[page] = min(near.get(page, BITS), int(far))
        chosen = sorted(near, key=lambda page: (near[page], page))[:NEAREST]
        hits = self._indexes["gradient"].nearest(gradient_code(small)[None], min(count, BY_GRADIENT))
        both = zip_longest(chosen, hits.rows.ravel().tolist())
        return {page: near.get(page, BITS) for pair in both for page in pair if page is not None}

    def _compare(self, page: int, seen: Thumbnail, rows: int) -> Agreement:
        return compare(self._thumbnails[page], int(self._rows[page]), seen, rows)


def open_official(library: BrandLibrary) -> OfficialPages:
    """The pages of a library as they were kept, or built and kept."""
    name = f"pages-v{VERSION}-{library.fingerprint[:32]}"
    return OfficialPages.from_arrays(kept(name, lambda: build_official(library).arrays()))


def build_official(library: BrandLibrary) -> OfficialPages:
    """Every captured page; unreadable ones are logged and left out (``brands check`` names them)."""
    return from_pictures(_pictures(library))


def from_pictures(pictures: Iterable[tuple[str, str, NDArray[np.uint8]]]) -> OfficialPages:
    """Hash and shrink pages: brand, the page's name, pixels (RGB)."""
    brands, names, thumbnails, rows = [], [], [], []
    codes: dict[str, list[Code]] = {name: [] for name in CODES}
    for brand, name, pixels in pictures:
        small = shrink(pixels)
        picture, height = thumbnail(pixels)
        brands.append(brand)
        names.append(name)
        for kind, code in CODES.items():
            codes[kind].append(code(small))
        thumbnails.append(picture)
        rows.append(height)
    shape = (len(brands), BITS // 8)
    return OfficialPages(
        np.asarray(brands, np.str_),
        np.asarray(names, np.str_),
        {kind: np.asarray(found, np.uint8).reshape(shape) for kind, found in codes.items()},
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
