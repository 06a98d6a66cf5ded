"""Shared parts of the signals that read a page's text: one index of names, and the words beside a name."""

from __future__ import annotations

import re
from itertools import pairwise

from detector.brands import BrandLibrary
from detector.names.skeleton import plain_letters
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.mention_index import Mention, MentionIndex
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.mentions.text_tokens import TOKEN, fold, tokens_of
from detector.signals.signal import SurveySignal

SERVICE_OR_LIST = frozenset({MentionManner.SERVICE, MentionManner.INNOCENT})
"""Ways of mentioning a brand that do not claim to be the brand."""
LIST_GAP = 14
"""Most characters between two brands' names that are entries of one list."""


class TextSignal(SurveySignal):
    """Base of the signals that read page facts with one index of names."""

    def __init__(self, library: BrandLibrary) -> None:
        super().__init__(library)
        self.index = shared_index(library)

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.text_facts else f"the page's text is not known ({view.no_text_reason})"

    def unrelated(self, first: str, second: str) -> bool:
        """Tell whether two brands have different owners."""
        return second not in self.library.family(first)

    def body_mentions(self, view: CaptureView) -> list[Mention]:
        """Find mentions in the visible text; those in lists of several brands are marked as innocent."""
        text = view.text_facts.text if view.text_facts else ""
        return view.memo("body mentions", lambda: self.mark_lists(text, self.index.find(text)))

    def named_as_service(self, view: CaptureView) -> frozenset[str]:
        """Brands that the page names only as services of others: "Continue with X", "Get it on X", a list."""
        title = view.text_facts.title[:300] if view.text_facts else ""
        mentions = [*self.body_mentions(view), *self.index.find(title)]
        own = {mention.brand for mention in mentions if mention.manner not in SERVICE_OR_LIST}
        return frozenset({mention.brand for mention in mentions} - own)

    def mark_lists(self, text: str, mentions: list[Mention]) -> list[Mention]:
        """Mark names in a row (``Facebook  Google  VK``) as innocent: they are buttons or links to others."""
        listed: set[int] = set()
        for left, right in pairwise(mentions):
            gap = text[left.end : right.start].strip()
            joined = len(gap) <= LIST_GAP and len(tokens_of(gap)) <= 1
            if (
                joined
                and self.unrelated(left.brand, right.brand)
                and MentionManner.PROMPT not in (left.manner, right.manner)
            ):
                listed |= {left.start, right.start}
        return [
            Mention(m.brand, m.name, m.start, m.end, MentionManner.INNOCENT) if m.start in listed else m
            for m in mentions
        ]


_INDEXES: dict[str, MentionIndex] = {}


def shared_index(library: BrandLibrary) -> MentionIndex:
    """Return the index of a library's names, one for all its signals."""
    key = library.fingerprint
    if key not in _INDEXES:
        _INDEXES.clear()
        _INDEXES[key] = MentionIndex(library)
    return _INDEXES[key]


def other_words(text: str, mentions: list[Mention]) -> list[str]:
    """Folded words of the text that are neither part of a mention, nor generic, nor numbers."""
    rest = []
    for match in TOKEN.finditer(text):
        inside = any(m.start <= match.start() < m.end for m in mentions)
        word = plain_letters(fold(match.group()))
        if not inside and word not in lexicon.GENERIC_TITLE and fold(match.group()) not in lexicon.GENERIC_TITLE:
            rest.append(word)
    return [word for word in rest if not word.isdigit()]


def quote_of(text: str, mention: Mention, around: int = 30) -> str:
    """Quote a mention with the words around it on its line."""
    line_start = text.rfind("\n", 0, mention.start) + 1
    line_end = text.find("\n", mention.end)
    line_end = len(text) if line_end < 0 else line_end
    start, end = max(line_start, mention.start - around), min(line_end, mention.end + around)
    if start > line_start:
        space = text.find(" ", start, mention.start)
        start = space if space >= 0 else start
    if end < line_end:
        space = text.rfind(" ", mention.end, end)
        end = space if space >= 0 else end
    return " ".join(text[start:end].split())


def keep_best(found: dict[str, tuple[float, str]], brand: str, weight: float, sentence: str) -> None:
    if weight > found.get(brand, (0.0, ""))[0]:
        found[brand] = (weight, sentence)


def split_words(name: str) -> str:
    """Split names like ``fb_user`` and ``PayPalEmail`` into words: as written, and, on a second line, cut at capitals."""
    written = re.sub(r"[-_.%+]+", " ", name)
    cut = re.sub(r"(?<=[a-z])(?=[A-Z][a-z]{3})", " ", written)
    return written if cut == written else f"{written}\n{cut}"
