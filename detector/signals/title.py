"""The signal ``title``: the page's title names the brand."""

from __future__ import annotations

from collections.abc import Mapping

from detector.model import Finding
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.speaker.about_lines import is_guide
from detector.signals.speaker.own_lines import MAX_TITLE, title_segments
from detector.signals.text import SERVICE_OR_LIST, TextSignal, other_words


class TitleSignal(TextSignal):
    """The title names the brand, alone or beside words of signing in."""

    name = "title"
    version = 3
    nothing = "the title does not name {brand}"

    def abstains(self, view: CaptureView) -> str | None:
        reason = super().abstains(view)
        if reason:
            return reason
        title = view.text_facts.title if view.text_facts else ""
        named = any(self.index.find(segment) for segment in title_segments(title))
        if view.facts is None and not named:
            return "the largest lines of the picture name no brand, as those of many pages do"
        return None if named or len(other_words(title, [])) > 1 else "the title names neither a brand nor anything else"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        assert view.text_facts is not None
        title = " ".join(view.text_facts.title.split())[:MAX_TITLE]
        best: dict[str, tuple[float, str]] = {}
        segments = title_segments(title)
        claimed = self.claimed(view)
        for segment in segments:
            # the title of an imitated helper is that of a service: `Pay with X`
            mentions = [m for m in self.index.find(segment) if m.manner not in SERVICE_OR_LIST or m.brand in claimed]
            if not mentions:
                continue
            rest = other_words(segment, mentions)
            alone = len(segments) == 1
            guide = is_guide(tokens_of(fold(segment)))
            for mention in mentions:
                measure = self._grade(len(rest), alone, segments, segment)
                about = lexicon.INNOCENT_AROUND.intersection(rest) or lexicon.ABOUT_RUNS.search(segment)
                if about or (len(segments) > 1 and guide):
                    measure = min(measure, 0.15)
                if any(self.unrelated(m.brand, mention.brand) for m in mentions):
                    measure *= 0.6
                if measure > best.get(mention.brand, (0.0, ""))[0]:
                    best[mention.brand] = (measure, mention.name)
        where = "page's title names" if view.facts and view.facts.title else "picture's largest lines name"
        return {
            brand: self.finding(brand, measure, f"The {where} “{name}”: “{title[:80]}”.")
            for brand, (measure, name) in best.items()
        }

    @staticmethod
    def _grade(rest: int, alone: bool, segments: list[str], segment: str) -> float:
        """Measure 1 for a name beside generic words only; less for one segment of several, and for each other word."""
        if rest == 0:
            if alone:
                return 1.0
            others = [s for s in segments if s is not segment]
            generic = all(not other_words(s, []) for s in others)
            return 1.0 if generic else 0.7
        return max(0.1, 0.6 - 0.15 * (rest - 1)) if alone else max(0.1, 0.4 - 0.15 * (rest - 1))
