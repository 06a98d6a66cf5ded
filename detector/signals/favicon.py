"""The signal ``favicon``: the page's icon is the brand's, wherever it was loaded from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from PIL import Image

from detector.brands import BrandLibrary
from detector.index import kept
from detector.index.channels import contrast
from detector.index.logo_encoder import logo_encoder
from detector.index.search import Arrays
from detector.model import Finding
from detector.signals.capture_view import MAX_ICON_PIXELS, CaptureView, UnreadablePicture, decode_picture
from detector.signals.logo.gallery import LogoGallery, open_gallery
from detector.signals.logo.logo_proof import ViewedRegion, prove
from detector.signals.signal import SurveySignal, keep_stronger, share_between

VERSION = 1
SIDE = 32
"""Pixels to which icons are scaled before they are compared: icons are too flat for perceptual hashes."""
SAME, NEAR = 6.0, 14.0
"""Mean difference of pixels, of 255: up to the first it is the brand's own icon, up to the second a slightly changed one."""
SUSPECT, SURE = 0.6, 0.85
"""Cosine similarity from which an icon may be a brand's logo, and from which it is one if the shape agrees as well."""
FITS, FITS_WELL = 0.75, 0.92
"""Correlation of the shapes: below the first it proves nothing, from the second on it proves all."""
LEAD = 0.08
FRAME = 8
PLAIN, PLAIN_LEAD = 0.88, 0.25
"""Cosine similarity, and lead over the next brand, from which an icon counts without agreement in shape."""
UNPROVED = 0.75
"""Share of the measure that such an icon gets."""
MOST = 0.9
"""Measure of an icon that is a logo; that of the brand's own icon is 1."""
log = structlog.get_logger(__name__)


class FaviconSignal(SurveySignal):
    """Compares the stored icon with the icons of official pages, and with all logos by encoder and geometry."""

    name = "favicon"
    version = 1
    nothing = "the page's icon is not {brand}'s"

    @cached_property
    def gallery(self) -> LogoGallery:
        return open_gallery(self.library)

    @cached_property
    def icons(self) -> Arrays:
        """``brands`` of the official pages' icons, and ``thumbnails`` of them."""
        return kept(f"icons-v{VERSION}-{self.library.fingerprint[:32]}", lambda: _build(self.library))

    def prepare(self) -> None:
        """Open the icons and the gallery of logos; build them where this machine has none for these brands yet."""
        _ = self.gallery, self.icons

    def abstains(self, view: CaptureView) -> str | None:
        return view.no_icon_reason if view.icon is None else None

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        assert view.icon is not None
        findings = self._by_logo(view.icon)
        apart = _apart(self.icons["thumbnails"], view.icon)
        for row in np.flatnonzero(apart <= NEAR):
            brand = str(self.icons["brands"][row])
            measure = 1.0 if apart[row] <= SAME else MOST
            how = "is" if measure == 1.0 else "is nearly"
            sentence = f"The page's icon {how} that of {self.display(brand)}'s own pages."
            keep_stronger(findings, self.finding(brand, measure, sentence))
        # a customer of a brand that hosts sites shows the hoster's icon until they have one of their own
        own = self.own_family(view)
        return {brand: finding for brand, finding in findings.items() if brand not in own}

    def _by_logo(self, icon: NDArray[np.uint8]) -> dict[str, Finding]:
        near = self.gallery.nearest(logo_encoder().embed([icon]))[0] if self.gallery.size else []
        if not near or near[0].similarity < SUSPECT:
            return {}
        best = near[0]
        family = self.library.family(best.brand)
        rival = max((other.similarity for other in near if other.brand not in family), default=0.0)
        # a logo that fills its icon has no margin, which the comparison of shapes needs
        framed = np.pad(icon, ((FRAME, FRAME), (FRAME, FRAME), (0, 0)), constant_values=255)
        proof = prove(ViewedRegion([(icon, 0, 0), (framed, FRAME, FRAME)]), best.file, with_points=False)
        certain = share_between(proof.correlation, FITS, FITS_WELL)
        if best.similarity >= PLAIN and best.similarity - rival >= PLAIN_LEAD:
            certain = max(certain, UNPROVED)
        measure = (
            MOST
            * share_between(best.similarity, SUSPECT, SURE)
            * certain
            * share_between(best.similarity - rival, 0.0, LEAD)
        )
        if measure < 0.1:
            return {}
        name = self.display(best.brand)
        shape = f"with {proof.correlation:.0%} agreement in shape"
        how = shape if proof.correlation > FITS else "recognised by its appearance"
        sentence = f"The page's icon shows the logo of {name} ({Path(best.file).name}), {how}."
        return {best.brand: self.finding(best.brand, measure, sentence)}


def _apart(thumbnails: NDArray[np.uint8], icon: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean difference of an icon's pixels from each of the thumbnails, of 255.

    What is smaller than a thumbnail lacks some of its details: then both are compared at half the size as well.
    """
    apart = np.asarray(np.abs(thumbnails.astype(np.int16) - _thumbnail(icon)).mean(axis=(1, 2, 3)))
    if max(icon.shape[:2]) >= SIDE:
        return apart
    half = SIDE // 2
    pooled = thumbnails.reshape(len(thumbnails), half, 2, half, 2, 3).mean(axis=(2, 4))
    small = np.asarray(Image.fromarray(icon).resize((half, half), Image.Resampling.BOX))
    return np.asarray(np.minimum(apart, np.abs(pooled - small).mean(axis=(1, 2, 3))))


def _thumbnail(icon: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(icon).resize((SIDE, SIDE), Image.Resampling.BOX))


def _build(library: BrandLibrary) -> Arrays:
    brands, thumbnails = [], []
    for brand in library:
        for page in brand.pages:
            if page.favicon is None:
                continue
            try:
                icon = decode_picture(Path(page.favicon).read_bytes(), MAX_ICON_PIXELS)
            except (OSError, UnreadablePicture) as error:
                log.warning("official icon left out", brand=brand.id, page=page.name, error=str(error))
                continue
            if contrast(icon) >= 8:
                brands.append(brand.answer)
                thumbnails.append(_thumbnail(icon))
    return {
        "brands": np.asarray(brands, np.str_),
        "thumbnails": np.asarray(thumbnails, np.uint8).reshape(len(thumbnails), SIDE, SIDE, 3),
    }
