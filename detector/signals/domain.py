"""The signal ``domain``: the site's name imitates the brand's."""

from __future__ import annotations

from collections.abc import Mapping

from detector.brands import BrandLibrary
from detector.model import Finding
from detector.names.matcher import NameMatcher
from detector.signals.capture_view import CaptureView
from detector.signals.signal import SurveySignal


class DomainSignal(SurveySignal):
    """Look-alike, combined and nested names of brands in the page's address, before and after redirects."""

    name = "domain"
    version = 1
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
                known = findings.get(answer)
                if known is None or match.score > (known.measure or 0.0):
                    findings[answer] = self.finding(answer, match.score, match.sentence)
        return findings
