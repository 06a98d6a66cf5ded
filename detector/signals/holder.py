"""The signal ``holder``: the page says in two places that it belongs to somebody else than the brand."""

from __future__ import annotations

from collections.abc import Mapping

from detector.brands import BrandLibrary
from detector.model import Brand, Finding
from detector.signals.capture_view import CaptureView
from detector.signals.speaker.page_holder import holder_of, names_the_brand
from detector.signals.text import TextSignal
from detector.signals.words import PromptSignal

ASKED = 0.3
"""Measure of ``prompt`` from which the sentence mentions it: a shop of followers names itself, and still steals accounts."""


class HolderSignal(TextSignal):
    """Title, copyright line and the site's own name agree on a name that is not the brand's.

    Pages of shops, newspapers and forums do this; clones do not, since they want to be taken for the brand.
    """

    name = "holder"
    version = 3

    def __init__(self, library: BrandLibrary) -> None:
        super().__init__(library)
        self.prompt = PromptSignal(library)

    def abstains(self, view: CaptureView) -> str | None:
        reason = super().abstains(view)
        if reason:
            return reason
        return None if holder_of(view) else "the page does not give one name as its own in two places"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        holder = None if self.abstains(view) else holder_of(view)
        if holder is None:
            return super().look(view, brand)
        if names_the_brand(holder, brand, self.library, self.index):
            return self.finding(brand.id, 0.0, f"The page gives “{holder.shown}” as its own name.")
        sentence = f"The page says in {holder.places} that it is “{holder.shown}”, not {brand.name}"
        asked = self.prompt.look(view, brand).measure or 0.0
        if asked >= ASKED:
            sentence += f", but asks for an account at {brand.name}"
        return self.finding(brand.id, holder.measure * (1.0 - asked), f"{sentence}.")
