"""The signal ``domain``: the site's name imitates the brand's."""

from __future__ import annotations

from collections.abc import Mapping

from detector.brands import BrandLibrary
from detector.model import Brand, Finding
from detector.names.matcher import NameMatcher
from detector.signals.capture_view import CaptureView
from detector.signals.signal import SurveySignal, keep_stronger
from detector.signals.speaker.page_holder import holder_of, names_the_brand
from detector.signals.text import shared_index

WRITTEN_ABOUT = 0.3
"""Factor for a name in the path of a page that says that it is somebody else's: articles have their subject there."""


class DomainSignal(SurveySignal):
    """Look-alike, combined and nested names of brands in the page's address, before and after redirects."""

    name = "domain"
    version = 2
    nothing = "the address contains none of {brand}'s names"

    def __init__(self, library: BrandLibrary) -> None:
        super().__init__(library)
        self._matcher = NameMatcher(library)

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.url else "the page's address is not known"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        findings: dict[str, Finding] = {}
        for url in dict.fromkeys((view.url, view.capture.url)):
            for match in self._matcher.match(url):
                brand = self.library.get(match.brand)
                answer = brand.answer if brand else match.brand
                written_about = match.where == "path" and brand is not None and self._is_anothers(view, brand)
                score = match.score * (WRITTEN_ABOUT if written_about else 1.0)
                keep_stronger(findings, self.finding(answer, score, match.sentence))
        return findings

    def _is_anothers(self, view: CaptureView, brand: Brand) -> bool:
        """Tell whether the page says in two places that it belongs to somebody else."""
        holder = holder_of(view) if view.text_facts else None
        return holder is not None and not names_the_brand(holder, brand, self.library, shared_index(self.library))
