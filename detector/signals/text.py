"""What the page says: the brand's name in the title, the visible text, alternative texts and the copyright line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from urllib.parse import urlsplit

from detector.brands import BrandLibrary
from detector.model import Brand, Finding, ImageBox, PageFacts
from detector.signals import lexicon
from detector.signals.base import SurveySignal, noisy_or
from detector.signals.mentions import TOKEN, Manner, Mention, NameIndex, ascii_skeleton, fold
from detector.signals.view import View

SEPARATOR = re.compile(r"\s[|:–—\-»•·/~]+\s|[|»•·–—]|:\s")
ASIDE = frozenset({Manner.SERVICE, Manner.INNOCENT})
"""Manners that say nothing about who the page is."""
LIST_GAP = 14
"""Characters between two brands' names that make them entries of one list."""
MAX_TITLE = 300
"""Characters of a title that are read."""
CREDENTIAL_TYPES = frozenset({"text", "email", "tel", "password"})
SHORT_TEXT = 300
"""Words of a page that is hardly more than a form."""
EARLY = 200
"""Characters of the visible text that a visitor reads first."""


class TextSignal(SurveySignal):
    """Base of the signals that read page facts with one index of names."""

    def __init__(self, library: BrandLibrary) -> None:
        super().__init__(library)
        self.index = shared_index(library)

    def abstains(self, view: View) -> str | None:
        return None if view.facts else "the page's text is not known"

    def unrelated(self, first: str, second: str) -> bool:
        """Two brands of different owners."""
        return second not in self.library.family(first)

    def display(self, brand: str) -> str:
        found = self.library.get(brand)
        return found.name if found else brand

    def body_mentions(self, view: View) -> list[Mention]:
        """Mentions in the visible text, those in lists of several brands marked as innocent."""
        text = view.facts.text if view.facts else ""
        return view.memo("body mentions", lambda: self.mark_lists(text, self.index.find(text)))

    def mark_lists(self, text: str, mentions: list[Mention]) -> list[Mention]:
        """``Facebook  Google  VK`` in a row: buttons or links to others, not who the page is."""
        listed: set[int] = set()
        for left, right in pairwise(mentions):
            gap = text[left.end : right.start].strip()
            joined = len(gap) <= LIST_GAP and len(TOKEN.findall(gap)) <= 1
            if joined and self.unrelated(left.brand, right.brand) and Manner.PROMPT not in (left.manner, right.manner):
                listed |= {left.start, right.start}
        return [Mention(m.brand, m.name, m.start, m.end, Manner.INNOCENT) if m.start in listed else m for m in mentions]


_INDEXES: dict[str, NameIndex] = {}


def shared_index(library: BrandLibrary) -> NameIndex:
    """One index for all signals of one library."""
    key = library.fingerprint
    if key not in _INDEXES:
        _INDEXES.clear()
        _INDEXES[key] = NameIndex(library)
    return _INDEXES[key]


class TitleSignal(TextSignal):
    """The title names the brand, alone or beside words of signing in."""

    name = "title"
    version = 1
    nothing = "the title names something else than {brand}"

    def abstains(self, view: View) -> str | None:
        reason = super().abstains(view)
        if reason:
            return reason
        title = view.facts.title if view.facts else ""
        named = any(self.index.find(segment) for segment in _segments(title))
        return None if named or len(_other_words(title, [])) > 1 else "the title names nobody"

    def survey(self, view: View) -> Mapping[str, Finding]:
        assert view.facts is not None
        title = " ".join(view.facts.title.split())[:MAX_TITLE]
        best: dict[str, tuple[float, str]] = {}
        segments = _segments(title)
        for segment in segments:
            mentions = [m for m in self.index.find(segment) if m.manner not in ASIDE]
            if not mentions:
                continue
            rest = _other_words(segment, mentions)
            alone = len(segments) == 1
            for mention in mentions:
                measure = self._grade(len(rest), alone, segments, segment)
                if lexicon.INNOCENT_AROUND.intersection(rest):
                    measure = min(measure, 0.15)
                if any(self.unrelated(m.brand, mention.brand) for m in mentions):
                    measure *= 0.6
                if measure > best.get(mention.brand, (0.0, ""))[0]:
                    best[mention.brand] = (measure, mention.name)
        return {
            brand: self.finding(brand, measure, f"The page's title names “{name}”: “{title[:80]}”.")
            for brand, (measure, name) in best.items()
        }

    @staticmethod
    def _grade(rest: int, alone: bool, segments: list[str], segment: str) -> float:
        """1 for a name beside generic words only; less for a segment among others and for each other word."""
        if rest == 0:
            if alone:
                return 1.0
            others = [s for s in segments if s is not segment]
            generic = all(not _other_words(s, []) for s in others)
            return 1.0 if generic else 0.7
        return max(0.1, 0.6 - 0.15 * (rest - 1)) if alone else max(0.1, 0.4 - 0.15 * (rest - 1))


def _segments(title: str) -> list[str]:
    """``Sign in | Example`` -> ``Sign in``, ``Example``."""
    return [part for part in SEPARATOR.split(" ".join(title.split())[:MAX_TITLE]) if part and part.strip()]


def _other_words(text: str, mentions: list[Mention]) -> list[str]:
    """Folded words beside the mentions that are not generic, numbers aside."""
    rest = []
    for match in TOKEN.finditer(text):
        inside = any(m.start <= match.start() < m.end for m in mentions)
        word = ascii_skeleton(fold(match.group()))
        if not inside and word not in lexicon.GENERIC_TITLE and fold(match.group()) not in lexicon.GENERIC_TITLE:
            rest.append(word)
    return [word for word in rest if not word.isdigit()]


class WordsSignal(TextSignal):
    """The brand's name in the visible text, placeholders and alternative texts, by the manner it is spoken of."""

    name = "words"
    version = 1
    nothing = "neither the visible text nor the alternative texts name {brand}"

    def survey(self, view: View) -> Mapping[str, Finding]:
        facts = view.facts
        assert facts is not None
        parts: dict[str, list[tuple[float, str]]] = defaultdict(list)
        text = facts.text
        words = max(1, len(TOKEN.findall(text[:60_000])))
        dampen = 1.0 if words < 250 else max(0.35, 250 / words)
        self._from_text(view, text, dampen, parts)
        self._from_images(facts, parts)
        findings = {}
        for brand, reasons in parts.items():
            reasons.sort(reverse=True)
            measure = noisy_or(weight for weight, _ in reasons[:5])
            said = "; ".join(dict.fromkeys(sentence for _, sentence in reasons[:2]))
            findings[brand] = self.finding(brand, measure, f"{said[0].upper()}{said[1:]}.")
        return findings

    def _from_text(self, view: View, text: str, base: float, parts: dict[str, list[tuple[float, str]]]) -> None:
        mentions = self.body_mentions(view)
        # a page that offers "Pay with X" or "Continue with X" uses X as a service: its other mentions weigh less
        served = {m.brand for m in mentions if m.manner is Manner.SERVICE} - {
            m.brand for m in mentions if m.manner is Manner.PROMPT
        }
        for mention in mentions:
            dampen = base * (0.4 if mention.brand in served else 1.0)
            quote = _quote(text, mention)
            if mention.manner is Manner.PROMPT:
                parts[mention.brand].append((0.7 * dampen, f"the text asks for the brand's account: “{quote}”"))
            elif mention.manner is Manner.HEADING:
                early = mention.start < EARLY
                where = "at the top of the text" if early else "on a line of its own"
                weight = 0.5 if early else 0.25
                parts[mention.brand].append((weight * dampen, f"“{mention.name}” stands {where}"))
            elif mention.manner in {Manner.PLAIN, Manner.PRODUCT}:
                weight = 0.35 if mention.start < EARLY else 0.12
                if mention.manner is Manner.PRODUCT:
                    weight *= 0.5
                parts[mention.brand].append((weight * dampen, f"the text names “{mention.name}”: “{quote}”"))

    def _from_images(self, facts: PageFacts, parts: dict[str, list[tuple[float, str]]]) -> None:
        found: dict[str, tuple[float, str]] = {}
        for image in facts.images[:400]:
            for mention in self.index.find(image.alt[:200]):
                if mention.manner not in ASIDE:
                    _keep_best(found, mention.brand, _image_weight(image), f"a picture's text is “{image.alt[:60]}”")
            name = _file_words(image.src)
            for mention in self.index.find(name):
                weight = 0.8 * _image_weight(image)
                _keep_best(found, mention.brand, weight, f"a picture's file is named after “{mention.name}”")
        # a row of several companies' pictures is a list of sign-in buttons, payment marks or references
        crowd = [brand for brand in found if any(self.unrelated(brand, other) for other in found)]
        for brand, (weight, sentence) in found.items():
            parts[brand].append((weight * (0.25 if brand in crowd else 1.0), sentence))


def _quote(text: str, mention: Mention, around: int = 30) -> str:
    """A mention with the words around it on its line."""
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


def _keep_best(found: dict[str, tuple[float, str]], brand: str, weight: float, sentence: str) -> None:
    if weight > found.get(brand, (0.0, ""))[0]:
        found[brand] = (weight, sentence)


def _image_weight(image: ImageBox) -> float:
    """Small pictures and those far down are icons of links to others."""
    if image.box.width * image.box.height < 28 * 28:
        return 0.2
    return 0.5 if image.box.y < 500 else 0.25


def _file_words(src: str) -> str:
    """``https://x/img/PayPal-logo_2x.png`` as ``PayPal logo 2x``; nothing for data addresses."""
    if not src or src.startswith("data:"):
        return ""
    name = urlsplit(src[:2000]).path.rsplit("/", 1)[-1]
    return _split_words(name[:120])


def _split_words(name: str) -> str:
    """``fb_user``, ``PayPalEmail`` as words: as they are written, and cut at capitals on a second line."""
    written = re.sub(r"[-_.%+]+", " ", name)
    cut = re.sub(r"(?<=[a-z])(?=[A-Z][a-z]{3})", " ", written)
    return written if cut == written else f"{written}\n{cut}"


def _names_somebody(line: str) -> bool:
    known = lexicon.GENERIC_TITLE | lexicon.COMPANY_FORMS | lexicon.COPYRIGHT_WORDS
    words = TOKEN.findall(line)
    return any(not word.isdigit() and fold(word) not in known for word in words)


class PromptSignal(TextSignal):
    """The brand's own credentials are asked for: in a field's label, or in the text of a short page."""

    name = "prompt"
    version = 1
    nothing = "no field and no short text asks for an account of {brand}"

    def survey(self, view: View) -> Mapping[str, Finding]:
        facts = view.facts
        assert facts is not None
        found: dict[str, tuple[float, str]] = {}
        if len(facts.text.split()) <= SHORT_TEXT:
            for mention in self.body_mentions(view):
                if mention.manner is Manner.PROMPT:
                    quote = _quote(facts.text, mention)
                    _keep_best(found, mention.brand, 0.6, f"The page asks for the brand's account: “{quote}”.")
        for field in facts.inputs[:200]:
            label = f"{field.placeholder}\n{field.label}"
            for mention in self.index.find(label):
                if mention.manner not in ASIDE:
                    _keep_best(found, mention.brand, 1.0, f"An input field asks for “{' '.join(label.split())[:60]}”.")
            if field.type in CREDENTIAL_TYPES:
                for mention in self.index.find(_split_words(field.name[:80])):
                    _keep_best(found, mention.brand, 0.7, f"An input field is named “{field.name[:40]}”.")
        return {brand: self.finding(brand, measure, sentence) for brand, (measure, sentence) in found.items()}


class CopyrightSignal(TextSignal):
    """Whom the copyright line names."""

    name = "copyright"
    version = 1
    nothing = "the copyright line does not name {brand}"

    def abstains(self, view: View) -> str | None:
        reason = super().abstains(view)
        if reason:
            return reason
        return None if self._lines(view) else "the page has no copyright line that names somebody"

    def _lines(self, view: View) -> list[str]:
        assert view.facts is not None
        text = view.facts.text[:200_000]

        def search() -> list[str]:
            lines = text.splitlines()
            hits = []
            for number, line in enumerate(lines):
                low = line.casefold()
                if any(mark in low for mark in lexicon.COPYRIGHT_MARKS):
                    # the holder's name often stands in an element of its own, on the next line
                    hits.append((line if len(line) > 20 else " ".join(lines[number : number + 2]))[:300])
            return [hit for hit in hits[:5] if _names_somebody(hit)]

        return view.memo("copyright lines", search)

    def survey(self, view: View) -> Mapping[str, Finding]:
        found: dict[str, Finding] = {}
        for line in self._lines(view):
            for mention in self.index.find(line):
                if mention.brand not in found:
                    quote = " ".join(line.split())[:80]
                    found[mention.brand] = self.finding(
                        mention.brand, 1.0, f"The copyright line claims to be {self.display(mention.brand)}: “{quote}”."
                    )
        return found


class ContextSignal(TextSignal):
    """The page speaks *about* brands, as news, reviews, repair shops and status pages do; the same for every brand."""

    name = "context"
    version = 1

    def survey(self, view: View) -> Mapping[str, Finding]:
        return {}

    def look(self, view: View, brand: Brand) -> Finding:
        if view.facts is None:
            return super().look(view, brand)
        measure, sentence = view.memo("context", lambda: self._measure(view))
        return self.finding(brand.id, measure, sentence)

    def _measure(self, view: View) -> tuple[float, str]:
        assert view.facts is not None
        title = set(TOKEN.findall(fold(view.facts.title)))
        text = set(TOKEN.findall(fold(view.facts.text[:6_000])))
        words = sorted(lexicon.INNOCENT_AROUND & (title | text), key=lambda word: (word not in title, word))
        score = len(words) + len(lexicon.INNOCENT_AROUND & title)
        if score < 3:
            return 0.0, "The page does not speak about brands as news, reviews or status pages do."
        named = ", ".join(f"“{word}”" for word in words[:3])
        return min(1.0, (score - 2) / 3), f"The page speaks about brands rather than for one: {named}."
