"""The signal ``lettering``: brands' names that a person reads on a page and its document does not have.

They stand in pictures, or the page draws other letters than it writes: with a font of its own, one letter at a time, in fields.
"""

from __future__ import annotations

from collections.abc import Mapping

from detector.model import Box, Finding
from detector.reading import CouldNotRead, TextLine, picture_areas, read_lines, text_regions
from detector.signals.capture_view import CaptureView
from detector.signals.lure import lure_of
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.picture_text import without_icons
from detector.signals.signal import noisy_or
from detector.signals.text import OF_OTHERS, SERVICE_OR_LIST, TextSignal

LURE_FROM = 0.5
"""Measure of the signal ``lure`` from which pictures are read: only pages that ask for something have a reason to hide a name."""
MAX_LINES, MAX_DRAWN = 8, 6
"""Most lines that are read in the page's pictures, and elsewhere on its first screen, where the largest type comes first."""
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
    version = 2
    nothing = "no picture on the page shows {brand}'s name in letters, and nothing that is drawn elsewhere does"

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
            height, width = pixels.shape[:2]
            areas = picture_areas(facts.images[:400], width, height)
            pictured = text_regions(pixels, areas)[:MAX_LINES]
            drawn = text_regions(pixels, [(0, 0, width, height)], most=MAX_LINES + MAX_DRAWN)
            elsewhere = [box for box in drawn if not any(_overlaps(box, other) for other in pictured)]
            largest = sorted(elsewhere, key=lambda box: -box.height)[:MAX_DRAWN]
            try:
                lines = without_icons(read_lines(pixels, [*pictured, *largest]))
            except CouldNotRead as problem:
                return f"the letters on its screenshot could not be read: {problem}"
            written = frozenset(tokens_of(fold(f"{facts.title}\n{facts.text}")))
            unwritten = [line for line in lines if not written.issuperset(tokens_of(fold(line.text)))]
            return unwritten or "all that can be read on its screenshot stands in its document"

        return view.memo("lettering", read)

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        lines = self._lines(view)
        assert not isinstance(lines, str)
        found: dict[str, list[tuple[float, TextLine]]] = {}
        for line in lines:
            for mention in self.index.find(line.text):
                if mention.manner not in SERVICE_OR_LIST:
                    found.setdefault(mention.brand, []).append((_weight(line), line))
        aside = {mention.brand for mention in self.body_mentions(view) if mention.manner in OF_OTHERS}
        findings = {}
        for brand, reasons in found.items():
            measure = noisy_or(weight for weight, _ in reasons)
            # pictures of several companies are a list of buttons, payment methods or references, as the text beside them says
            if brand in aside or any(self.unrelated(brand, other) for other in found):
                measure *= BESIDE_OTHERS
            line = max(reasons, key=lambda reason: reason[0])[1]
            said = " ".join(line.text.split())[:60]
            findings[brand] = self.finding(
                brand,
                measure,
                f"{self._where(view, line)} shows {self.display(brand)}'s name in letters: “{said}”.",
                line.box,
            )
        return findings

    @staticmethod
    def _where(view: CaptureView, line: TextLine) -> str:
        images = view.facts.images[:400] if view.facts else ()
        if any(_overlaps(line.box, image.box) for image in images):
            return "A picture"
        return "The screenshot, and not the document,"


def _overlaps(one: Box, other: Box) -> bool:
    """Tell whether a third of the first box, or more, lies in the other."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return width > 0 and height > 0 and 3 * width * height >= one.width * one.height


def _weight(line: TextLine) -> float:
    if line.box.y >= UPPER_PIXELS:
        return LOW
    short = len(line.text.split()) <= SHORT_LINE
    return LARGE if short and line.box.height >= LARGE_TYPE else SMALL
