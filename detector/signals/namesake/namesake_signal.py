"""The signal ``namesake``: the page's own, longer name holds the brand's word and is somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from detector.invisible import is_spoiled
from detector.model import Brand, Finding
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.mention_index import Mention, names_of
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.mentions.shared_words import SharedWord, shared_words
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.namesake.longer_name import LongerName, host_holds, host_is_a_lure, longer_name
from detector.signals.signal import listed
from detector.signals.text import SERVICE_OR_LIST, TextSignal, quote_of

WITH_HOST, WITHOUT_HOST = 1.0, 0.9
"""Measure where the host name gives the longer name too, and where title, copyright line and text do."""
OF_NO_KIND = 0.5
"""Measure where they do, and no word says what kind of place, institution, trade or person has the name."""
BUSINESS = 0.7
"""Factor where the name is one of security, support or accounts as well."""
NEIGHBOURS = 5
"""Words on each side of a mention among which one of the longer name is looked for."""
STRAY = 0.5
"""Factor where the page also names the brand's word alone, and its host name does not tell the longer one."""
EVERYWHERE = 3
"""Places that give the longer name from which a host name with the shared word is enough for that: ``ayto-santander``."""


class NamesakeSignal(TextSignal):
    """Compare every mention of the brand's word with the longer name that the page gives as its own.

    It speaks against a suspicion only: the judge discounts what names prove by it, unless the page has the brand's looks or assets.
    """

    name = "namesake"
    version = 1
    nothing = "the page gives no longer name as its own that holds {brand}'s"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        if self.abstains(view) is not None:
            return super().look(view, brand)
        own = self._words_of(brand)
        best = max(
            (self._measure(view, brand, shared, own) for shared in self._shared(brand)),
            default=(0.0, ""),
        )
        return self.finding(brand.id, *best) if best[0] else super().look(view, brand)

    def _members(self, brand: Brand) -> list[Brand]:
        found = [self.library.get(member) for member in self.library.family(brand.id)]
        return [member for member in found if member is not None]

    def _shared(self, brand: Brand) -> list[SharedWord]:
        known = shared_words()
        names = {tuple(tokens_of(fold(name))) for name in names_of(brand)}
        return [known[name] for name in sorted(names) if name in known]

    def _words_of(self, brand: Brand) -> frozenset[str]:
        texts = [text for member in self._members(brand) for text in (member.name, *member.names, *member.keywords)]
        return self._single_names | {token for text in texts for token in tokens_of(fold(text))}

    @cached_property
    def _single_names(self) -> frozenset[str]:
        """Names of one word of all brands: `Apple PayPal` is nobody's."""
        names = (tokens_of(fold(name)) for brand in self.library for name in names_of(brand))
        return frozenset(tokens[0] for tokens in names if len(tokens) == 1)

    def _measure(self, view: CaptureView, brand: Brand, shared: SharedWord, own: frozenset[str]) -> tuple[float, str]:
        found = view.memo(("longer name", brand.id, shared.tokens), lambda: longer_name(view, shared, own))
        if found is None or (not found.on_host and host_is_a_lure(view, shared)):
            return 0.0, ""
        strays = self._strays(view, brand, shared, found)
        if any(manner is MentionManner.PROMPT for manner in strays):
            return 0.0, ""
        lone = strays and not (len(found.places) >= EVERYWHERE and host_holds(view, shared))
        without = (WITHOUT_HOST if found.kind else OF_NO_KIND) * (STRAY if lone else 1.0)
        measure = WITH_HOST if found.on_host else without
        places = listed(list(found.places))
        sentence = (
            f"The page gives “{found.shown[:60]}” as its own name in {places}: {brand.name}'s word within another name."
        )
        return measure * (BUSINESS if found.business else 1.0), sentence

    def _strays(self, view: CaptureView, brand: Brand, shared: SharedWord, found: LongerName) -> list[MentionManner]:
        """Collect the ways in which the page mentions the brand apart from the longer name."""
        assert view.text_facts is not None
        facts = view.text_facts
        strays = []
        for text, mentions in (
            (facts.text, self.body_mentions(view)),
            (facts.title, self.index.find(facts.title)),
            *(
                (label, self.index.find(label))
                for label in (f"{field.placeholder}\n{field.label}" for field in facts.inputs[:50])
            ),
        ):
            for mention in mentions:
                if mention.brand != brand.answer or mention.manner in SERVICE_OR_LIST:
                    continue
                written = text[mention.start : mention.end]
                if is_spoiled(written):
                    strays.append(MentionManner.PROMPT)
                elif tuple(tokens_of(fold(written))) == shared.tokens:
                    if not _within(text, mention, found):
                        strays.append(mention.manner)
                elif not _ends_name(text, mention, shared, found):
                    # a name of the brand's that nobody shares: Apple ID
                    strays.append(MentionManner.PROMPT)
        return strays


def _within(text: str, mention: Mention, found: LongerName) -> bool:
    """Tell whether words of the longer name stand beside the mention."""
    quoted = quote_of(text, mention, around=60)
    words = [fold(word) for word in tokens_of(quoted)]
    wanted = tokens_of(fold(text[mention.start : mention.end]))
    for start in range(len(words) - len(wanted) + 1):
        if words[start : start + len(wanted)] == wanted:
            beside = (
                words[max(0, start - NEIGHBOURS) : start]
                + words[start + len(wanted) : start + len(wanted) + NEIGHBOURS]
            )
            if found.words.intersection(beside):
                return True
    return False


def _ends_name(text: str, mention: Mention, shared: SharedWord, found: LongerName) -> bool:
    """Tell whether a longer name ends within the mention: ``Fiona`` before ``Apple account``."""
    before = tokens_of(fold(text[max(0, mention.start - 40) : mention.start]))[-1:]
    return bool(found.words.intersection(before)) and " ".join((*before, *shared.tokens)) in " ".join(
        tokens_of(fold(found.shown))
    )
