"""The signals ``words`` and ``prompt``: how the page's text, pictures and fields mention a brand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from detector.hosts import path_of
from detector.invisible import is_spoiled
from detector.model import Finding, ImageBox, PageFacts
from detector.signals import lexicon
from detector.signals.capture_view import CaptureView
from detector.signals.lure import ASKING_NOTHING
from detector.signals.mentions.mention_index import Mention
from detector.signals.mentions.mention_manner import MentionManner
from detector.signals.mentions.text_tokens import fold, tokens_of
from detector.signals.signal import noisy_or
from detector.signals.text import SERVICE_OR_LIST, TextSignal, keep_best, other_words, quote_of, split_words

CREDENTIAL_TYPES = frozenset({"text", "email", "tel", "password"})
SHORT_TEXT = 300
"""Most words of a page that is hardly more than a form."""
LOGO_FILE = re.compile(r"\blogo|logo\b", re.IGNORECASE)
LOGO_WEIGHT = 0.7
"""Weight of a large picture high on the page whose file name says that it is the brand's logo."""
ABOUT = 0.3
"""Factor for a mention beside words of news, reviews and resellers."""
NAMED_OFTEN = 2
"""Mentions in running text that count, the strongest first."""
SPOILED = 0.7
"""Weight of a name whose letters are spoiled: who hides a name from programs and shows it to people means to deceive."""
DESCRIPTION = 4
"""Words beside the name, generic ones aside, from which the text of a picture is a description."""
DESCRIBED = 0.12
"""Weight of a name in such a description, as in running text: newspapers describe pictures, the text of a logo is a name."""
EARLY = 200
"""Characters at the beginning of the visible text: a visitor reads them first."""


class WordsSignal(TextSignal):
    """The brand's name in the visible text and in the texts and file names of pictures, by how it is mentioned."""

    name = "words"
    version = 5
    nothing = "neither the visible text nor the alternative texts name {brand}"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        facts = view.text_facts
        assert facts is not None
        parts: dict[str, list[tuple[float, str]]] = defaultdict(list)
        text = facts.text
        words = max(1, len(tokens_of(text[:60_000])))
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

    def _from_text(self, view: CaptureView, text: str, base: float, parts: dict[str, list[tuple[float, str]]]) -> None:
        mentions = self.body_mentions(view)
        # a page that offers "Pay with X" or "Continue with X" uses X as a service: its other mentions of X count less
        served = {m.brand for m in mentions if m.manner in {MentionManner.SERVICE, MentionManner.BUILDER}} - {
            m.brand for m in mentions if m.manner is MentionManner.PROMPT
        }
        # unless it says that it is X: pages of the helper itself are imitated, too
        served -= self.claimed(view)
        named: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for mention in mentions:
            dampen = base * (0.4 if mention.brand in served else 1.0)
            quote = quote_of(text, mention)
            if is_spoiled(text[mention.start : mention.end]) and mention.manner not in SERVICE_OR_LIST:
                said = f"“{quote}” spells “{mention.name}” with characters that only look like its letters"
                parts[mention.brand].append((SPOILED * dampen, said))
            if mention.manner is MentionManner.PROMPT:
                parts[mention.brand].append(
                    (0.7 * dampen, f"the text asks for a login at {self.display(mention.brand)}: “{quote}”")
                )
            elif mention.manner is MentionManner.HEADING:
                early = mention.start < EARLY
                where = "at the top of the text" if early else "on a line of its own"
                weight = 0.5 if early else 0.25
                parts[mention.brand].append((weight * dampen, f"“{mention.name}” is {where}"))
            elif mention.manner in {MentionManner.PLAIN, MentionManner.PRODUCT}:
                weight = 0.35 if mention.start < EARLY else 0.12
                if mention.manner is MentionManner.PRODUCT:
                    weight *= 0.5
                if lexicon.INNOCENT_AROUND.intersection(tokens_of(fold(quote))) or lexicon.ABOUT_RUNS.search(quote):
                    weight *= ABOUT
                named[mention.brand].append((weight * dampen, f"the text names “{mention.name}”: “{quote}”"))
        for brand, reasons in named.items():
            # a page that sells or discusses a brand's products names it in every line
            parts[brand] += sorted(reasons, reverse=True)[:NAMED_OFTEN]

    def _from_images(self, facts: PageFacts, parts: dict[str, list[tuple[float, str]]]) -> None:
        found: dict[str, tuple[float, str]] = {}
        for image in facts.images[:400]:
            alt = image.alt[:200]
            mentions = self.index.find(alt)
            weight = DESCRIBED if mentions and _describes(alt, mentions) else _image_weight(image)
            for mention in mentions:
                if mention.manner not in SERVICE_OR_LIST:
                    keep_best(found, mention.brand, weight, f"a picture's alternative text is “{alt[:60]}”")
            name = _file_words(image.src)
            for mention in self.index.find(name):
                weight = 0.8 * _image_weight(image)
                if weight >= 0.4 and LOGO_FILE.search(name):
                    weight = LOGO_WEIGHT
                keep_best(found, mention.brand, weight, f"a picture's file is named after “{mention.name}”")
        # pictures of several companies are a list of sign-in buttons, payment methods or references
        crowd = [brand for brand in found if any(self.unrelated(brand, other) for other in found)]
        for brand, (weight, sentence) in found.items():
            parts[brand].append((weight * (0.25 if brand in crowd else 1.0), sentence))


def _describes(alt: str, mentions: list[Mention]) -> bool:
    """Tell whether the text describes a picture.

    ``A phone that shows the logo of X`` does; ``X - Banking, Credit Cards, Loans`` is the text of a logo.
    """
    others = other_words(alt, mentions)
    begins = not alt[: mentions[0].start].strip()
    return len(others) >= DESCRIPTION and (not begins or not lexicon.INNOCENT_AROUND.isdisjoint(others))


def _image_weight(image: ImageBox) -> float:
    """Weight of a picture by size and position: small ones and those far down are icons of links to others."""
    if image.box.width * image.box.height < 28 * 28:
        return 0.2
    return 0.5 if image.box.y < 500 else 0.25


def _file_words(src: str) -> str:
    """Split a file name into words: ``https://x/img/PayPal-logo_2x.png`` -> ``PayPal logo 2x``; empty for ``data:`` URLs."""
    if not src or src.startswith("data:"):
        return ""
    name = path_of(src[:2000]).rsplit("/", 1)[-1]
    return split_words(name[:120])


class PromptSignal(TextSignal):
    """The page asks for the visitor's login at the brand: in a field's label, or in the text of a short page."""

    name = "prompt"
    version = 4
    nothing = "no field and no short text asks for an account of {brand}"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        facts = view.text_facts
        assert facts is not None
        found: dict[str, tuple[float, str]] = {}
        if len(facts.text.split()) <= SHORT_TEXT:
            for mention in self.body_mentions(view):
                if mention.manner is MentionManner.PROMPT:
                    quote = quote_of(facts.text, mention)
                    sentence = f"The page asks for a login at {self.display(mention.brand)}: “{quote}”."
                    keep_best(found, mention.brand, 0.6, sentence)
        for field in facts.inputs[:200]:
            # the text beside a box to tick is a condition, an offer or a choice
            label = f"{field.placeholder}\n{field.label}" if field.type not in ASKING_NOTHING else ""
            for mention in self.index.find(label):
                if mention.manner not in SERVICE_OR_LIST and mention.manner is not MentionManner.PRODUCT:
                    keep_best(found, mention.brand, 1.0, f"An input field asks for “{' '.join(label.split())[:60]}”.")
            if field.type in CREDENTIAL_TYPES:
                for mention in self.index.find(split_words(field.name[:80])):
                    keep_best(found, mention.brand, 0.7, f"An input field is named “{field.name[:40]}”.")
        return {brand: self.finding(brand, measure, sentence) for brand, (measure, sentence) in found.items()}
