"""The signal ``lettering``: brands' names that a page shows only in its pictures, not in its text."""

from __future__ import annotations

from collections.abc import Mapping

from detector.model import Finding
from detector.reading import CouldNotRead, TextLine, picture_areas, read_lines, text_regions
from detector.signals.capture_view import CaptureView
from detector.signals.lure import lure_of
from detector.signals.picture_text import without_icons
from detector.signals.signal import noisy_or
from detector.signals.text import SERVICE_OR_LIST, TextSignal

LURE_FROM = 0.5
"""Measure of the signal ``lure`` from which pictures are read: only pages that ask for something have a reason to hide a name."""
MAX_LINES = 8
SHORT_LINE = 4
LARGE, SMALL, LOW = 0.9, 0.45, 0.3
"""Weight of a short line in large type, of another line in the upper part of the page, and of a line below."""
LARGE_TYPE = 18
BESIDE_OTHERS = 0.25
UPPER_PIXELS = 500
"""Pixels from the top beyond which pictures rarely show the page's own name."""


class LetteringSignal(TextSignal):
    """Read the page's pictures where the page asks for something and its text names no brand."""

    name = "lettering"
    version = 1
    nothing = "no picture on the page shows {brand}'s name in letters"

    def abstains(self, view: CaptureView) -> str | None:
        facts = view.facts
        if facts is None or view.text_facts is not facts:
            return "the whole screenshot was read instead"
        if view.pixels is None:
            return view.no_picture_reason
        if lure_of(view)[0] < LURE_FROM:
            return "the page asks for nothing, so its pictures were not read"
        if self._names_somebody(view):
            return "the page's text names brands, so its pictures were not read"
        lines = self._lines(view)
        return lines if isinstance(lines, str) else None

    def _names_somebody(self, view: CaptureView) -> bool:
        title = view.facts.title[:300] if view.facts else ""
        mentions = [*self.body_mentions(view), *self.index.find(title)]
        return any(mention.manner not in SERVICE_OR_LIST for mention in mentions)

    def _lines(self, view: CaptureView) -> list[TextLine] | str:
        """Return the lines, or the reason why there are none, as a clause."""
        pixels, facts = view.pixels, view.facts
        assert pixels is not None
        assert facts is not None

        def read() -> list[TextLine] | str:
            areas = picture_areas(facts.images[:400], pixels.shape[1], pixels.shape[0])
            regions = text_regions(pixels, areas)[:MAX_LINES]
            try:
                lines = without_icons(read_lines(pixels, regions))
            except CouldNotRead as problem:
                return f"the pictures' text could not be read: {problem}"
            return lines or "no text can be read in the page's pictures"

        return view.memo("lettering", read)

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        lines = self._lines(view)
        assert not isinstance(lines, str)
        found: dict[str, list[tuple[float, TextLine]]] = {}
        for line in lines:
            for mention in self.index.find(line.text):
                if mention.manner not in SERVICE_OR_LIST:
                    found.setdefault(mention.brand, []).append((_weight(line), line))
        aside = {mention.brand for mention in self.body_mentions(view) if mention.manner in SERVICE_OR_LIST}
        findings = {}
        for brand, reasons in found.items():
            measure = noisy_or(weight for weight, _ in reasons)
            # pictures of several companies are a list of buttons, payment methods or references, as the text beside them says
            if brand in aside or any(self.unrelated(brand, other) for other in found):
                measure *= BESIDE_OTHERS
            line = max(reasons, key=lambda reason: reason[0])[1]
            said = " ".join(line.text.split())[:60]
            findings[brand] = self.finding(
                brand, measure, f"A picture shows {self.display(brand)}'s name in letters: “{said}”.", line.box
            )
        return findings


def _weight(line: TextLine) -> float:
    if line.box.y >= UPPER_PIXELS:
        return LOW
    short = len(line.text.split()) <= SHORT_LINE
    return LARGE if short and line.box.height >= LARGE_TYPE else SMALL
