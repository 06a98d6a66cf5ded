"""The signal ``logo``: which brands' logos the screenshot shows, where, and how prominently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from detector.brands import BrandLibrary
from detector.model import Box, Finding
from detector.signals.base import SurveySignal
from detector.signals.logo.gallery import Gallery, Shelf, open_gallery
from detector.signals.logo.generic import generic_vectors
from detector.signals.logo.regions import Region, image_regions, proposed_regions
from detector.signals.logo.shape import Rgb, Shape, colour_distance, grids_for, shape_of, vector_of
from detector.signals.view import View

ASPECT_TOLERANCE = 1.14
MIN_CORRELATION = 0.86
"""Normalised cross-correlation from which a graphic resembles a logo."""
SURE_CORRELATION = 0.95
MARGIN = 0.03
"""By how much the best brand must lead the next one."""
SAME_COLOUR, OTHER_COLOUR = 14.0, 45.0
"""Delta E up to which colours agree, and from which they do not."""
SMALL, LARGE = 20, 40
"""Pixels of the side of a square as large: below the first nothing is certain, from the second on size is no objection."""


@dataclass(frozen=True, slots=True)
class Match:
    """One logo found at one place."""

    brand: str
    file: str
    box: Box
    correlation: float
    delta_e: float
    strength: float
    from_page: bool


class LogoSignal(SurveySignal):
    """Flat graphics of the screenshot compared with the brands' logos by shape and colour."""

    name = "logo"
    version = 1
    nothing = "no logo of {brand} was found on the screenshot"

    def __init__(self, library: BrandLibrary) -> None:
        super().__init__(library)
        self._generic = generic_vectors()

    @cached_property
    def gallery(self) -> Gallery:
        return open_gallery(self.library)

    def abstains(self, view: View) -> str | None:
        if view.pixels is None:
            return view.no_picture_reason
        return None if self.gallery.size else "no brand has a logo"

    def survey(self, view: View) -> Mapping[str, Finding]:
        best: dict[str, Match] = {}
        for match in self.matches(view):
            if match.brand not in best or match.strength > best[match.brand].strength:
                best[match.brand] = match
        crowd = self._wall(list(best.values()))
        findings = {}
        for brand, match in best.items():
            strength = match.strength
            shown = self.library.get(brand)
            sentence = (
                f"The logo of {shown.name if shown else brand} ({Path(match.file).name}) is shown "
                f"{round(match.box.width)}x{round(match.box.height)} pixels large at ({round(match.box.x)}, "
                f"{round(match.box.y)}), {match.correlation:.0%} alike in shape"
            )
            if brand in crowd:
                strength *= 0.2
                sentence += ", in a row with other companies' logos"
            findings[brand] = self.finding(brand, strength, sentence + ".", match.box)
        return findings

    def _wall(self, matches: list[Match]) -> set[str]:
        """Brands whose best logo stands beside logos of other owners: sign-in buttons, payment marks, references."""
        crowd: set[str] = set()
        for match in matches:
            others = {
                other.brand
                for other in matches
                if other.brand not in self.library.family(match.brand) and _beside(match.box, other.box)
            }
            if others:
                crowd.add(match.brand)
        return crowd

    def matches(self, view: View) -> list[Match]:
        """All logos found on the screenshot, strongest last."""
        pixels = view.pixels
        if pixels is None:
            return []
        height, width = pixels.shape[:2]
        images = view.facts.images if view.facts else ()
        found = []
        for region in [*image_regions(images, width, height), *proposed_regions(pixels)]:
            match = self._match(pixels, region)
            if match is not None:
                found.append(match)
        return sorted(found, key=lambda match: match.strength)

    def _match(self, pixels: Rgb, region: Region) -> Match | None:
        best: Match | None = None
        for shape, box in _readings(pixels, region):
            if shape.box[2] < 12 or shape.box[3] < 12:
                continue
            match = self._nearest(shape, box)
            if match is not None and (best is None or match.strength > best.strength):
                best = replace(match, from_page=region.from_page)
        return best

    def _nearest(self, shape: Shape, box: Box) -> Match | None:
        top: tuple[float, Shelf, int, int] | None = None
        runner_up = 0.0
        for grid in grids_for(shape.aspect):
            shelf = self.gallery.shelves[grid]
            if not len(shelf.brands):
                continue
            vector = vector_of(shape, grid)
            scores = shelf.vectors @ vector
            ratio = shelf.aspects / shape.aspect
            scores = np.where((ratio > 1 / ASPECT_TOLERANCE) & (ratio < ASPECT_TOLERANCE), scores, 0.0)
            index = int(scores.argmax())
            score = float(scores[index])
            if score < MIN_CORRELATION or (top is not None and score <= top[0]):
                continue
            others = scores[shelf.brands != shelf.brands[index]]
            runner_up = max(runner_up, float(others.max(initial=0.0)))
            top = (score, shelf, index, grid)
        if top is None:
            return None
        return self._weigh(shape, box, top, runner_up)

    def _weigh(self, shape: Shape, box: Box, top: tuple[float, Shelf, int, int], runner_up: float) -> Match | None:
        score, shelf, index, grid = top
        delta_e = colour_distance(shape.colours, shelf.colours[index])
        resembles_generic = float(np.max(self._generic[grid] @ vector_of(shape, grid), initial=0.0))
        strength = (score - MIN_CORRELATION + 0.02) / (SURE_CORRELATION - MIN_CORRELATION)
        strength = min(1.0, max(0.0, strength)) * 0.85 + 0.15
        if score - runner_up < MARGIN:
            strength *= 0.45
        # discs, bars and tiles are everywhere: there the colours and a near perfect shape must agree
        if resembles_generic > score - 0.08:
            if delta_e > SAME_COLOUR or score < 0.94:
                return None
            strength *= 0.5
        agreement = (OTHER_COLOUR - delta_e) / (OTHER_COLOUR - SAME_COLOUR)
        strength *= 0.55 + 0.45 * min(1.0, max(0.0, agreement))
        side = (box.width * box.height) ** 0.5
        if side < LARGE:
            strength *= 0.35 + 0.65 * max(0.0, (side - SMALL) / (LARGE - SMALL))
        return Match(str(shelf.brands[index]), str(shelf.files[index]), box, score, delta_e, strength, from_page=False)


def _readings(pixels: Rgb, region: Region) -> Iterator[tuple[Shape, Box]]:
    """A region seen with a margin around it (its ground is the page) and from inside (its ground is a tile)."""
    for margin in (4, 0) if region.from_page else (4, -3):
        crop, left, top = region.crop(pixels, margin)
        shape = shape_of(crop)
        if shape is not None:
            x, y, width, height = shape.box
            yield shape, Box(left + x, top + y, width, height)


def _beside(first: Box, second: Box) -> bool:
    """Two logos of similar height in one row or column, not far from each other, and not one inside the other."""
    size = min(first.height, second.height) / max(first.height, second.height)
    row = abs((first.y + first.height / 2) - (second.y + second.height / 2)) < 0.6 * max(first.height, second.height)
    column = abs(first.x - second.x) < 40 or abs((first.x + first.width / 2) - (second.x + second.width / 2)) < 24
    reach = 12 * max(first.height, second.height) + 120
    near = abs(first.x - second.x) < reach and abs(first.y - second.y) < reach
    inside = _overlap(first, second) > 0.5
    return near and not inside and size > 0.3 and (row or column)


def _overlap(first: Box, second: Box) -> float:
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min(first.width * first.height, second.width * second.height)
