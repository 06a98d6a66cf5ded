"""Shared parts of the signals that read a page's text: one index of names, and the words beside a name."""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import replace
from itertools import groupby, pairwise

from detector.brands import BrandLibrary
from detector.names.skeleton import plain_letters
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.mentions.mention_index import Mention, MentionIndex
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.mentions.text_tokens import TOKEN, fold, tokens_of
from detector.signals.signal import SurveySignal
from detector.signals.speaker.about_lines import is_guide, writes_about
from detector.signals.speaker.own_lines import MAX_TITLE, copyright_lines, title_segments
from detector.signals.speaker.page_holder import holder_of, names_the_brand

SERVICE_OR_LIST = frozenset(
    {MentionManner.SERVICE, MentionManner.HELPER, MentionManner.BUILDER, MentionManner.INNOCENT}
)
"""Ways of mentioning a brand that do not claim to be the brand."""
OF_OTHERS = SERVICE_OR_LIST - {MentionManner.HELPER}
"""Those beside which a logo or a drawn name is that of another company: ``use your X account`` stands on X's own pages as well."""
LIST_GAP = 14
"""Most characters between two brands' names that are entries of one list."""

MANY = 3
"""Owners of brands that one line names from which it is a list: ``We accept Sam's Club Mastercard, Visa, Discover``."""
LONGEST_LINE = 500
"""Characters of a line that are looked at on each side of a mention."""


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
        return view.memo(
            "body mentions", lambda: self._settle(view, text, self.mark_lists(text, self.index.find(text)))
        )

    def claimed(self, view: CaptureView) -> frozenset[str]:
        """Brands that the page gives as its own name: in a title of hardly more, a copyright line, or its first line."""
        return view.memo("claimed brands", lambda: self._claimed(view))

    def _claimed(self, view: CaptureView) -> frozenset[str]:
        facts = view.text_facts
        if facts is None:
            return frozenset()
        title = " ".join(facts.title.split())[:MAX_TITLE]
        named = [m for m in self.index.find(title) if m.manner not in SERVICE_OR_LIST]
        # `X | Kettle Works` is a page of Kettle Works on X, where it says so in two places
        found = {
            m.brand for m in named if len(other_words(title, named)) <= (0 if self._is_anothers(view, m.brand) else 1)
        }
        for line in copyright_lines(view):
            mentions = self.index.find(line)
            if mentions and not other_words(line[: mentions[0].start], []):
                found.add(mentions[0].brand)
        first = facts.text[:MAX_TITLE].lstrip().partition("\n")[0]
        found |= {m.brand for m in self.index.find(first) if m.manner is MentionManner.HEADING}
        return frozenset(found)

    def _is_anothers(self, view: CaptureView, brand_id: str) -> bool:
        """Tell whether the page says in two places that it belongs to somebody else than the brand."""

        def find() -> bool:
            holder, brand = holder_of(view) if view.text_facts else None, self.library.get(brand_id)
            return bool(holder and brand and not names_the_brand(holder, brand, self.library, self.index))

        return view.memo(("another's", brand_id), find)

    def _settle(self, view: CaptureView, text: str, mentions: list[Mention]) -> list[Mention]:
        """Settle what depends on who speaks: requests for an account that the page only writes about, and keys of others."""
        claimed = self.claimed(view)
        facts = view.text_facts
        holder = holder_of(view) if facts else None
        parts = title_segments(facts.title) if facts and holder else []
        guide = any(is_guide(tokens_of(fold(part))) and self.index.find(part) for part in parts)
        spoken_of = {mention.brand for mention in mentions if mention.manner not in SERVICE_OR_LIST}
        settled = []
        for mention in mentions:
            manner = mention.manner
            if manner is MentionManner.HELPER:
                # a page that says more of a brand than that, and not that it is somebody else's, speaks for it
                own = mention.brand in claimed or (holder is None and mention.brand in spoken_of)
                if own or holder is not None:
                    manner = MentionManner.PROMPT if own else MentionManner.SERVICE
            elif manner is MentionManner.PROMPT and mention.brand not in claimed:
                words, place = _line_of(text, mention)
                if not lexicon.TO_PAY.isdisjoint(words):
                    manner = MentionManner.SERVICE
                elif self._is_anothers(view, mention.brand) and (guide or writes_about(words, place)):
                    manner = MentionManner.PLAIN
            settled.append(replace(mention, manner=manner))
        return settled

    def named_as_service(self, view: CaptureView) -> frozenset[str]:
        """Brands that the page names only as services of others: "Continue with X", "Get it on X", a list."""
        title = view.text_facts.title[:300] if view.text_facts else ""
        mentions = [*self.body_mentions(view), *self.index.find(title)]
        own = {mention.brand for mention in mentions if mention.manner not in OF_OTHERS}
        return frozenset({mention.brand for mention in mentions} - own)

    def mark_lists(self, text: str, mentions: list[Mention]) -> list[Mention]:
        """Mark names in a row (``Facebook  Google  VK``), and many in a line, as innocent: they are buttons or links to others."""
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
        ends = [match.start() for match in re.finditer("\n", text)]
        for _, line in groupby(mentions, lambda mention: bisect(ends, mention.start)):
            named = list(line)
            if len({min(self.library.family(mention.brand)) for mention in named}) >= MANY:
                listed |= {mention.start for mention in named if mention.manner is not MentionManner.PROMPT}
        return [
            Mention(m.brand, m.name, m.start, m.end, MentionManner.INNOCENT) if m.start in listed else m
            for m in mentions
        ]


def _line_of(text: str, mention: Mention) -> tuple[list[str], int]:
    """Return the folded words of a mention's line, and the number of those before it."""
    start = max(text.rfind("\n", 0, mention.start) + 1, mention.start - LONGEST_LINE)
    end = text.find("\n", mention.end)
    before = text[start : mention.start]
    after = text[mention.start : min(end if end >= 0 else len(text), mention.end + LONGEST_LINE)]
    place = len(tokens_of(fold(before)))
    return tokens_of(fold(before + after)), place


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
