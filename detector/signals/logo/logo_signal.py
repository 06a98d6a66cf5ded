"""The signal ``logo``: brands' logos on the screenshot, their places and sizes.

The encoder suspects, and geometry proves (``logo_proof``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from detector.index.logo_encoder import logo_encoder
from detector.model import Box, Finding
from detector.signals.capture_view import CaptureView
from detector.signals.logo.gallery import LogoGallery, NearestDrawing, open_gallery
from detector.signals.logo.logo_proof import LogoProof, ViewedRegion, prove
from detector.signals.logo.regions import ScreenRegion, choose, image_regions, proposed_regions
from detector.signals.logo.shape import Rgb
from detector.signals.signal import share_between
from detector.signals.text import TextSignal

MAX_REGIONS, MAX_REGIONS_ALONE = 12, 20
"""Regions that are examined: with page facts, which have the places of pictures, and without."""
SUSPECT, SURE = 0.42, 0.78
"""Cosine similarity from which a crop may show a logo, and from which it does if its shape agrees."""
LEAD = 0.10
"""Lead in similarity over the next brand that gives full strength."""
FITS, FITS_WELL = 0.70, 0.92
"""Correlation of the shapes: below the first it proves nothing, from the second on it proves all."""
UNPROVED = 0.3
"""Share of the strength that a suspicion without proof keeps."""
POINTS_FROM, POINTS_SIDE = 0.5, 20
"""Cosine similarity, and pixels of the shorter side, from which key points are compared."""
SAME_COLOUR, OTHER_COLOUR = 16.0, 50.0
"""Delta E up to which colours agree, and from which they do not."""
RECOLOURED = 0.7
"""Share of the strength that a logo in wholly different colours keeps."""
WORTH_SAYING = 0.06
IN_A_LIST = 0.2
"""Strength from which a logo makes its neighbours a list of companies."""
TEXT_HEIGHT = 26
"""Height in pixels below which words are left to the signals that read text."""
SMALL, LARGE = 12, 30
"""Side in pixels of a square of the same area: below the first a logo is uncertain, from the second on size does not matter."""
PLAIN_SHAPE = 0.1
"""Distance in correlation to a generic shape (disc, bar...) within which a logo must agree in colour as well."""


@dataclass(frozen=True, slots=True)
class LogoMatch:
    """A logo found at one place."""

    brand: str
    file: str
    box: Box
    similarity: float
    proof: LogoProof
    strength: float
    from_page: bool


class LogoSignal(TextSignal):
    """Find regions of the screenshot whose vector is near a logo's, proved by shape or key points."""

    name = "logo"
    version = 3
    nothing = "no logo of {brand} was found on the screenshot"

    @cached_property
    def gallery(self) -> LogoGallery:
        return open_gallery(self.library)

    def prepare(self) -> None:
        """Open the gallery of logos; build it where this machine has none for these brands yet."""
        _ = self.gallery

    def abstains(self, view: CaptureView) -> str | None:
        if view.pixels is None:
            return view.no_picture_reason
        return None if self.gallery.size else "no brand has a logo"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        best: dict[str, LogoMatch] = {}
        for match in self.matches(view):
            if match.strength < WORTH_SAYING:
                continue
            if match.brand not in best or _rank(match) > _rank(best[match.brand]):
                best[match.brand] = match
        crowd, aside = self._in_list(list(best.values())), self.named_as_service(view)
        findings = {}
        for brand, match in best.items():
            strength = match.strength
            sentence = (
                f"The logo of {self.display(brand)} ({Path(match.file).name}) {shown_at(match.box)}, "
                f"{_proof_clause(match.proof)}"
            )
            if brand in crowd:
                strength *= 0.2
                sentence += ", in a row with other companies' logos"
            elif brand in aside:
                strength *= 0.25
                sentence += ", and the text mentions it as another company's service"
            findings[brand] = self.finding(brand, strength, sentence + ".", match.box)
        return findings

    def _in_list(self, matches: list[LogoMatch]) -> set[str]:
        """Find brands whose best logo is beside logos of other owners: sign-in buttons, payment methods, references."""
        return {
            match.brand
            for match in matches
            if any(
                other.brand not in self.library.family(match.brand)
                and other.strength >= IN_A_LIST
                and _beside(match.box, other.box)
                for other in matches
            )
        }

    def matches(self, view: CaptureView) -> list[LogoMatch]:
        """Find all logos on the screenshot, the strongest last."""
        pixels = view.pixels
        if pixels is None:
            return []
        regions = self._regions(view, pixels)
        vectors = logo_encoder().embed([region.crop(pixels, 4)[0] for region in regions])
        found = []
        for region, near in zip(regions, self.gallery.nearest(vectors), strict=True):
            match = self._match(pixels, region, near)
            if match is not None:
                found.append(match)
        return sorted(found, key=lambda match: match.strength)

    def _regions(self, view: CaptureView, pixels: Rgb) -> list[ScreenRegion]:
        height, width = pixels.shape[:2]
        proposed = proposed_regions(pixels)
        if view.facts is not None:
            page = image_regions(view.facts.images, width, height)
            words = [region for region in proposed if region.width <= 2 * region.height or region.height >= TEXT_HEIGHT]
            return choose(page, words, MAX_REGIONS)
        lines = [line.box for line in view.reading.lines if line.box.height < TEXT_HEIGHT]
        marks = [region for region in proposed if not any(_within(region.box, line) for line in lines)]
        return choose([], marks, MAX_REGIONS_ALONE)

    def _match(self, pixels: Rgb, region: ScreenRegion, near: list[NearestDrawing]) -> LogoMatch | None:
        if not near or near[0].similarity < SUSPECT:
            return None
        seen = ViewedRegion([region.crop(pixels, margin) for margin in ((4, 0) if region.from_page else (4, -3))])
        suspects = [n for n in near if n.similarity >= max(SUSPECT, near[0].similarity - LEAD)][:3]
        matches = [self._weigh(region, suspect, near, seen) for suspect in suspects]
        return max(matches, key=lambda match: match.strength)

    def _weigh(
        self, region: ScreenRegion, suspect: NearestDrawing, near: list[NearestDrawing], seen: ViewedRegion
    ) -> LogoMatch:
        large = min(region.width, region.height) >= POINTS_SIDE
        proof = prove(seen, suspect.file, with_points=large and suspect.similarity >= POINTS_FROM)
        box = proof.box if proof.box.width else region.box
        family = self.library.family(suspect.brand)
        rival = max((n.similarity for n in near if n.brand not in family), default=0.0)
        strength = share_between(suspect.similarity, SUSPECT, SURE)
        strength *= UNPROVED + (1 - UNPROVED) * _certainty(proof)
        strength *= 0.4 + 0.6 * share_between(suspect.similarity - rival, 0.0, LEAD)
        agreement = 1.0 - share_between(proof.delta_e, SAME_COLOUR, OTHER_COLOUR) if proof.points == 0 else 1.0
        strength *= RECOLOURED + (1 - RECOLOURED) * agreement
        if proof.generic > proof.correlation - PLAIN_SHAPE:
            strength *= 0.25 + 0.5 * agreement
        side = (box.width * box.height) ** 0.5
        strength *= 0.3 + 0.7 * share_between(side, SMALL, LARGE)
        return LogoMatch(suspect.brand, suspect.file, box, suspect.similarity, proof, strength, region.from_page)


def shown_at(box: Box) -> str:
    """Return the clause of a finding's sentence about the place and size of its ``box``, in pixels of the screenshot."""
    return f"is shown at ({round(box.x)}, {round(box.y)}), {round(box.width)} x {round(box.height)} pixels large"


def _rank(match: LogoMatch) -> tuple[float, float]:
    """Rank by strength, then by size: of equally strong matches, the largest contains the others as its parts."""
    return round(match.strength, 1), match.box.width * match.box.height


def _certainty(proof: LogoProof) -> float:
    return 1.0 if proof.points else share_between(proof.correlation, FITS, FITS_WELL)


def _proof_clause(proof: LogoProof) -> str:
    if proof.points:
        return f"with {proof.points} matching key points"
    return (
        f"with {proof.correlation:.0%} agreement in shape"
        if proof.correlation > FITS
        else "recognised by its appearance only, as its outline differs"
    )


def _beside(first: Box, second: Box) -> bool:
    """Tell whether two logos of similar height are near each other in a row or column, and not one inside the other."""
    size = min(first.height, second.height) / max(first.height, second.height)
    row = abs((first.y + first.height / 2) - (second.y + second.height / 2)) < 0.6 * max(first.height, second.height)
    column = abs(first.x - second.x) < 40 or abs((first.x + first.width / 2) - (second.x + second.width / 2)) < 24
    reach = 12 * max(first.height, second.height) + 120
    near = abs(first.x - second.x) < reach and abs(first.y - second.y) < reach
    inside = _overlap(first, second) > 0.5
    return near and not inside and size > 0.3 and (row or column)


def _within(inner: Box, outer: Box) -> bool:
    """Tell whether a graphic is no higher than a line of text, and inside it but for its margins."""
    return inner.height < 1.5 * outer.height and _overlap(inner, outer) > 0.6


def _overlap(first: Box, second: Box) -> float:
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min(first.width * first.height, second.width * second.height)
