"""The signals ``copyright`` (the name in the copyright line) and ``context`` (a page that writes about brands)."""

from __future__ import annotations

from collections.abc import Mapping

from detector.model import Brand, Finding
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.speaker.own_lines import copyright_lines
from detector.signals.text import TextSignal


class CopyrightSignal(TextSignal):
    """The copyright line names the brand."""

    name = "copyright"
    version = 3
    nothing = "the copyright line does not name {brand}"

    def abstains(self, view: CaptureView) -> str | None:
        reason = super().abstains(view)
        if reason:
            return reason
        return None if copyright_lines(view) else "the page has no copyright line that names somebody"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        found: dict[str, Finding] = {}
        for line in copyright_lines(view):
            for mention in self.index.find(line):
                # `© 2026 Kettle Works. Powered by X`
                if mention.brand not in found and mention.manner is not MentionManner.BUILDER:
                    quote = " ".join(line.split())[:80]
                    found[mention.brand] = self.finding(
                        mention.brand, 1.0, f"The copyright line names {self.display(mention.brand)}: “{quote}”."
                    )
        return found


class ContextSignal(TextSignal):
    """The page writes *about* brands, as news, reviews, repair shops and status pages do; the same for every brand."""

    name = "context"
    version = 2

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        if view.text_facts is None:
            return super().look(view, brand)
        measure, sentence = view.memo("context", lambda: self._measure(view))
        return self.finding(brand.id, measure, sentence)

    def _measure(self, view: CaptureView) -> tuple[float, str]:
        assert view.text_facts is not None
        title = set(tokens_of(fold(view.text_facts.title)))
        text = set(tokens_of(fold(view.text_facts.text[:6_000])))
        words = sorted(lexicon.INNOCENT_AROUND & (title | text), key=lambda word: (word not in title, word))
        score = len(words) + len(lexicon.INNOCENT_AROUND & title)
        if score < 3:
            return 0.0, "The page does not write about brands as news, reviews or status pages do."
        named = ", ".join(f"“{word}”" for word in words[:3])
        return min(1.0, (score - 2) / 3), f"The page writes about brands, as news and reviews do: {named}."
