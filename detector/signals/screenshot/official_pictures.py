"""Hashes and thumbnails of the brands' captured pages, built once and cached by content."""

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

from detector.brands import BrandLibrary, asks_for_consent, page_fault
from detector.index import HashIndex, digest_of, earlier_rows, kept, source_columns
from detector.index.search import Arrays
from detector.model import NOWHERE, ImageBox, OfficialPage, PageFacts, from_json
from detector.signals.capture_view import UnreadablePicture, decode_picture
from detector.signals.screenshot.blocks import (
    ENOUGH,
    HEIGHT,
    SCALES,
    WIDTH,
    BlockAgreement,
    PageThumbnail,
    compare,
    scaled,
    thumbnail,
)
from detector.signals.screenshot.codes import (
    BITS,
    SHIFTS,
    Code,
    code_of,
    gradient_code,
    horizontal_band_codes,
    shrink,
    vertical_band_codes,
)
from detector.signals.screenshot.dialogs import without_dialog

KIND = "pages-v4"
"""Name and version of what is cached."""
MAX_PIXELS = 50_000_000
MAX_FACTS = 20_000_000
UNKNOWN = PageFacts(images=(ImageBox("img", NOWHERE),))
"""Facts of a page that was captured without any."""
NEAREST, BY_GRADIENT = 8, 4
"""Numbers of pages that are compared block by block: the nearest by DCT hashes, and by difference hash."""
RESCALED = 4
"""Number of them that are also compared at other scales, where none agrees at its own."""
CODES: Mapping[str, Callable[[Image.Image], Code]] = {
    "whole": code_of,
    "across": lambda small: horizontal_band_codes(small)[0],
    "down": lambda small: vertical_band_codes(small)[0],
    "gradient": gradient_code,
}
"""Hashes of each page, by kind."""
COLUMNS: Arrays = {
    **{kind: np.empty((0, BITS // 8), np.uint8) for kind in CODES},
    "thumbnails": np.empty((0, HEIGHT, WIDTH, 3), np.uint8),
    "rows": np.empty(0, np.int64),
}
"""The cached arrays, without any page."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OfficialLikeness:
    """The similarity of one official page to the picture."""

    page: int
    bits: int
    """Bits of the DCT hash that differ, of the whole picture or of a band in its middle, whichever is nearer."""
    blocks: BlockAgreement


class OfficialPages:
    """Official pages: entry ``i`` of all arrays is page ``names[i]`` of ``brands[i]``."""

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

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make an object of the cached ``arrays``."""
        return cls(
            arrays["brands"],
            arrays["names"],
            {kind: arrays[kind] for kind in CODES},
            arrays["thumbnails"],
            arrays["rows"],
        )

    def nearest(self, pixels: NDArray[np.uint8]) -> list[OfficialLikeness]:
        """Find the pages most similar to a picture, in no order."""
        if not len(self.brands):
            return []
        bits = self._proposed(pixels)
        seen = thumbnail(pixels)
        pages = {page: PageThumbnail(self._thumbnails[page], int(self._rows[page])) for page in bits}
        whole = PageThumbnail(*seen)
        found = {page: compare(official, whole) for page, official in pages.items()}
        if max(agreement.share for agreement in found.values()) < ENOUGH:
            for scale in SCALES:
                other = PageThumbnail(*scaled(*seen, scale))
                for page in tuple(bits)[:RESCALED]:
                    found[page] = max(found[page], compare(pages[page], other), key=lambda agreement: agreement.share)
        return [OfficialLikeness(page, bits[page], agreement) for page, agreement in found.items()]

    def _proposed(self, pixels: NDArray[np.uint8]) -> dict[int, int]:
        """Map the nearest pages by either kind of hash to the number of differing bits, the nearest first."""
        small = shrink(pixels)
        count = min(len(self.brands), NEAREST)
        searches = {
            "whole": code_of(small)[None],
            "across": horizontal_band_codes(small, SHIFTS),
            "down": vertical_band_codes(small, SHIFTS),
        }
        near: dict[int, int] = {}
        for kind, codes in searches.items():
            hits = self._indexes[kind].nearest(codes, count)
            for page, far in zip(hits.rows.ravel().tolist(), hits.distances.ravel().tolist(), strict=True):
                near[page] = min(near.get(page, BITS), int(far))
        chosen = sorted(near, key=lambda page: (near[page], page))[:NEAREST]
        hits = self._indexes["gradient"].nearest(gradient_code(small)[None], min(count, BY_GRADIENT))
        both = zip_longest(chosen, hits.rows.ravel().tolist())
        return {page: near.get(page, BITS) for pair in both for page in pair if page is not None}


def open_official(library: BrandLibrary) -> OfficialPages:
    """Open the pages of a library; build and cache them where they are missing."""
    name = f"{KIND}-{library.fingerprint[:32]}"
    return OfficialPages.from_arrays(kept(name, lambda: build_official(library)))


def build_official(library: BrandLibrary) -> Arrays:
    """Hash and shrink every captured page; unreadable ones are logged and left out (``brands check`` names them).

    Pages that an earlier set contains are not decoded again.
    """
    found = [
        (brand.answer, page.name, Path(page.screenshot), facts)
        for brand in library
        for page in brand.pages
        if not page_fault(facts := _facts(page))
    ]
    sources = [_source(path, facts) for _, _, path, facts in found]
    known = earlier_rows(KIND, set(sources), COLUMNS)
    for (brand, name, path, facts), source in zip(found, sources, strict=True):
        if source not in known:
            try:
                known[source] = _row(_own_picture(decode_picture(path.read_bytes(), MAX_PIXELS), facts))
            except (OSError, UnreadablePicture) as error:
                log.warning("official page left out", brand=brand, page=name, error=str(error))
    shown = [(*page, source) for page, source in zip(found, sources, strict=True) if source in known]
    return {
        **_stacked([brand for brand, *_ in shown], [name for _, name, *_ in shown], [known[row[4]] for row in shown]),
        **source_columns((source, 1) for *_, source in shown),
    }


def _facts(page: OfficialPage) -> PageFacts:
    """Return what is known of the page's text; a page of which nothing is known counts as itself."""
    try:
        return from_json(Path(page.facts).read_bytes()[:MAX_FACTS], PageFacts) if page.facts else UNKNOWN
    except (OSError, ValueError):
        return UNKNOWN


def _source(path: Path, facts: PageFacts) -> str:
    """Name what a row was computed from: the picture, and whether a dialog was looked for in it."""
    digest = digest_of(path)
    return f"{digest}:consent" if digest and asks_for_consent(facts.text) else digest


def _own_picture(pixels: NDArray[np.uint8], facts: PageFacts) -> NDArray[np.uint8]:
    """Return the picture without a dialog that asks for consent.

    Raises:
        UnreadablePicture: there is one, and it cannot be found in the picture.
    """
    if not asks_for_consent(facts.text):
        return pixels
    covered = without_dialog(pixels)
    if covered is None:
        raise UnreadablePicture("a dialog that asks for consent is on it, and could not be told from the page")
    return covered


def from_pictures(pictures: Iterable[tuple[str, str, NDArray[np.uint8]]]) -> OfficialPages:
    """Hash and shrink pages, given as (brand, name of the page, pixels in RGB)."""
    rows = [(brand, name, _row(pixels)) for brand, name, pixels in pictures]
    return OfficialPages.from_arrays(
        _stacked([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    )


def _row(pixels: NDArray[np.uint8]) -> Arrays:
    small = shrink(pixels)
    picture, height = thumbnail(pixels)
    codes = {kind: code(small)[None] for kind, code in CODES.items()}
    return {**codes, "thumbnails": picture[None], "rows": np.asarray([height], np.int64)}


def _stacked(brands: list[str], names: list[str], rows: list[Arrays]) -> Arrays:
    columns = {name: np.concatenate([none, *(row[name] for row in rows)]) for name, none in COLUMNS.items()}
    return {"brands": np.asarray(brands, np.str_), "names": np.asarray(names, np.str_), **columns}
