"""Systems that name a brand for a screenshot, with a score: perceptual hashes, key points, and features of ImageNet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cv2
import dnstwist
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.labelled_pages import LabelledPage
from benchmarks.logo_retrieval import imagenet
from detector.brands import BrandLibrary, render_logo
from detector.errors import BrandFileError
from detector.picture_file import capture_of_picture
from detector.signals.logo.regions import choose, image_regions, proposed_regions

Pixels = NDArray[np.uint8]
REGIONS = 12


class Answer(NamedTuple):
    """The best brand and its score, larger is better; ``None`` and 0 where there is none."""

    brand: str | None
    score: float


class System(Protocol):
    """A method that names a page's brand."""

    name: str
    threshold: float
    """Score from which a page is flagged, as published or measured elsewhere: never on these pages."""
    reference: str
    """The pictures that it compares a page with."""

    def answer(self, page: LabelledPage) -> Answer: ...


class WholePageHash:
    """The nearest page of another variant, as if each brand's pages had been collected: easier than with one official page."""

    reference = "the labelled clone pages of all other variants"

    def __init__(
        self,
        name: str,
        hash_of: Callable[[Path], Any],
        similarity: Callable[[Any, Any], float],
        threshold: float,
        pages: Sequence[LabelledPage],
    ) -> None:
        self.name, self.threshold = name, threshold
        self._hash_of, self._similarity = hash_of, similarity
        self._known = [(page, hash_of(page.picture)) for page in pages if page.clone and page.label]

    def answer(self, page: LabelledPage) -> Answer:
        mine = self._hash_of(page.picture)
        others = [
            (self._similarity(mine, other), known.label)
            for known, other in self._known
            if not (page.clone and known.variant == page.variant)
        ]
        score, brand = max(others, key=lambda pair: pair[0])
        return Answer(brand, score)


def whole_page_hashes(pages: Sequence[LabelledPage]) -> list[System]:
    """dnstwist's average hash, ImageHash's 256-bit pHash and PDQ, each at its published threshold."""
    import pdqhash

    def pdq(path: Path) -> NDArray[np.uint8]:
        bits, _ = pdqhash.compute(np.asarray(Image.open(path).convert("RGB")))
        return np.asarray(bits, dtype=np.uint8)

    return [
        WholePageHash("dnstwist, average hash, 90 of 100", _average, lambda a, b: float(a - b), 90.0, pages),
        WholePageHash(
            "ImageHash pHash-256, distance <= 26",
            lambda path: imagehash.phash(Image.open(path), hash_size=16),
            lambda a, b: 256.0 - float(a - b),
            256.0 - 26.0,
            pages,
        ),
        WholePageHash("PDQ, distance <= 31", pdq, lambda a, b: 256.0 - float((a != b).sum()), 256.0 - 31.0, pages),
    ]


def _average(path: Path) -> Any:
    with path.open("rb") as file:
        return dnstwist.pHash(file)


class SiftRansac:
    """Key points of every logo against those of the whole screenshot; the score is how many agree on one homography."""

    name = "SIFT and RANSAC, >= 10 points"
    threshold = 10.0
    reference = "the shipped logos"

    def __init__(self, library: BrandLibrary) -> None:
        self._finder = cv2.SIFT.create(nfeatures=1500)
        self._matcher = cv2.BFMatcher(cv2.NORM_L2)
        self._logos = []
        for brand, picture in shipped_logos(library):
            points, described = self._finder.detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None)
            if described is not None and len(points) >= 4:
                self._logos.append((brand, points, described))

    def answer(self, page: LabelledPage) -> Answer:
        grey = cv2.imread(str(page.picture), cv2.IMREAD_GRAYSCALE)
        assert grey is not None, f"{page.picture} is no picture"
        points, described = self._finder.detectAndCompute(grey, None)
        best = Answer(None, 0.0)
        if described is None or len(points) < 4:
            return best
        for brand, logo_points, logo_described in self._logos:
            pairs = self._matcher.knnMatch(logo_described, described, k=2)
            good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.75 * pair[1].distance]
            if len(good) < 4 or len(good) <= best.score:
                continue
            here = np.asarray([logo_points[match.queryIdx].pt for match in good], np.float32)
            there = np.asarray([points[match.trainIdx].pt for match in good], np.float32)
            _, agree = cv2.findHomography(here, there, cv2.RANSAC, 4.0)
            score = float(agree.sum()) if agree is not None else 0.0
            if score > best.score:
                best = Answer(brand, score)
        return best


class ImageNetFeatures:
    """EfficientNet-lite0 without further training, on the same image regions as our encoder."""

    name = "ImageNet features, cosine >= .87"
    threshold = 0.87
    reference = "the shipped logos"

    def __init__(self, library: BrandLibrary, model: Path) -> None:
        self._embed = imagenet(model)
        logos = shipped_logos(library)
        self._brands = [brand for brand, _ in logos]
        self._gallery = self._embed([picture for _, picture in logos])

    def answer(self, page: LabelledPage) -> Answer:
        pixels = np.asarray(Image.open(page.picture).convert("RGB"))
        facts = capture_of_picture(page.picture)[0].facts
        boxes = image_regions(facts.images, pixels.shape[1], pixels.shape[0]) if facts else []
        places = choose(boxes, proposed_regions(pixels), REGIONS)
        if not places:
            return Answer(None, 0.0)
        scores = self._embed([place.crop(pixels, 4)[0] for place in places]) @ self._gallery.T
        column = int(scores.max(axis=0).argmax())
        return Answer(self._brands[column], float(scores[:, column].max()))


def shipped_logos(library: BrandLibrary) -> list[tuple[str, Pixels]]:
    """Every logo on white, 256 pixels, under the brand that a verdict would name."""
    found = []
    for brand in library:
        for logo in brand.logos:
            try:
                drawn = render_logo(logo, 256)
            except BrandFileError:
                continue
            ground = Image.new("RGBA", (drawn.width + 32, drawn.height + 32), "white")
            ground.alpha_composite(drawn, (16, 16))
            found.append((brand.answer, np.asarray(ground.convert("RGB"))))
    return found
