"""Compare the screenshot with the brand's captured pages, by perceptual hash and block by block."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from detector.model import Brand, Finding
from detector.signals.capture_view import CaptureView
from detector.signals.screenshot.codes import BITS
from detector.signals.screenshot.official_pictures import OfficialLikeness, OfficialPages, open_official
from detector.signals.signal import SurveySignal, share_between

SAME, OTHER = 24, 64
"""Differing bits, of 256: up to the first it is the same picture, from the second on another."""
SHARE_CHANCE, SHARE_BEARING = 0.2, 0.3
"""Share of agreeing blocks up to which a hash is ignored, and from which it counts in full."""
SHARE_OTHER, SHARE_SAME = 0.42, 0.7
"""Share of agreeing blocks: other pages reach up to the first, from the second on it is a copy."""


SPARSE, FULL = 10, 20
"""Blocks that a page shows: of a sparse one, such as a card on white, all pages have nearly the same hash."""
SPARSE_CHANCE, SPARSE_BEARING = 0.45, 0.6
"""The shares that take the place of SHARE_CHANCE and SHARE_BEARING for a sparse page."""
FEW_AGREE, MANY_AGREE = 2, 4
"""Agreeing blocks that are no more than a line in the same place, and from which their share counts in full."""


HASH_MOST, HASH_SHOWS = 0.4, (12, 24)
BLOCKS_MOST, BLOCKS_SHOW = 0.5, (10, 16)
"""Largest measure of a page that shows as many blocks as the first number or fewer; it rises to 1 at the second."""


class ScreenshotSignal(SurveySignal):
    """Similarity of the picture to the brand's own pages."""

    name = "screenshot"
    version = 4
    nothing = "the screenshot resembles no captured page of {brand}"

    @cached_property
    def official(self) -> OfficialPages:
        return open_official(self.library)

    def prepare(self) -> None:
        """Open the index of captured pages; build it where this machine has none for these brands yet."""
        _ = self.official

    @cached_property
    def _brands(self) -> frozenset[str]:
        return frozenset(self.official.brands.tolist())

    def abstains(self, view: CaptureView) -> str | None:
        return view.no_picture_reason if view.pixels is None else None

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        if view.pixels is not None and brand.answer not in self._brands:
            reason = f"no official page of {brand.name} has been captured"
            return self.abstention(brand, reason)
        return super().look(view, brand)

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        if view.pixels is None:
            return {}
        findings: dict[str, Finding] = {}
        for likeness in sorted(self.official.nearest(view.pixels), key=rank_of, reverse=True):
            brand = str(self.official.brands[likeness.page])
            measure = measure_of(likeness)
            if measure > 0.0 and brand not in findings:
                findings[brand] = self.finding(brand, measure, self._sentence(brand, likeness))
        return findings

    def _sentence(self, brand: str, likeness: OfficialLikeness) -> str:
        page = f"{self.display(brand)}'s page “{self.official.names[likeness.page]}”"
        if _by_bits(likeness) > _by_blocks(likeness):
            return f"The perceptual hash of the screenshot agrees with that of {page} in {BITS - likeness.bits} of {BITS} bits."
        blocks = likeness.blocks
        right, down = blocks.moved
        moves = [
            f"{names[share < 0]} by {abs(share)} % of its width"
            for share, names in ((right, ("to the right", "to the left")), (down, ("down", "up")))
            if share
        ]
        moved = f", moved {' and '.join(moves)}" if moves else ""
        return f"The screenshot shows {blocks.agreeing} of the {blocks.shown} blocks of {page}{moved}."


def _by_bits(likeness: OfficialLikeness) -> float:
    """Measure by hash, as far as blocks confirm it: pages with little on them have the same hash whatever they show."""
    near = share_between(likeness.bits, OTHER, SAME)
    sparse = share_between(likeness.blocks.shown, FULL, SPARSE)
    least = SHARE_CHANCE + sparse * (SPARSE_CHANCE - SHARE_CHANCE)
    enough = SHARE_BEARING + sparse * (SPARSE_BEARING - SHARE_BEARING)
    return min(near * share_between(likeness.blocks.share, least, enough), _most(likeness, HASH_MOST, *HASH_SHOWS))


def _by_blocks(likeness: OfficialLikeness) -> float:
    share = share_between(likeness.blocks.share, SHARE_OTHER, SHARE_SAME)
    return min(
        share * share_between(likeness.blocks.agreeing, FEW_AGREE, MANY_AGREE),
        _most(likeness, BLOCKS_MOST, *BLOCKS_SHOW),
    )


def _most(likeness: OfficialLikeness, most: float, low: int, high: int) -> float:
    """Return the largest measure that a page which shows so little can have: others that use the same framework look like it."""
    return most + (1.0 - most) * share_between(likeness.blocks.shown, low, high)


def rank_of(likeness: OfficialLikeness) -> tuple[float, float, int]:
    """Sort key: larger for the likelier page."""
    return measure_of(likeness), likeness.blocks.share, -likeness.bits


def measure_of(likeness: OfficialLikeness) -> float:
    """Measure from 0, for another page, to 1, for a copy."""
    return max(_by_bits(likeness), _by_blocks(likeness))
