"""The signal ``scareware``: tech-support scams.

Such a page frightens its visitors or keeps them from leaving, and gives a number to call that is no brand's official number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from detector.brands import BrandLibrary
from detector.model import Box, Brand, Capture, Finding, PageFacts, Phone, PhoneSource, Pressure
from detector.phones import find_phones
from detector.phones.scare import pressure_strength, scare_phrases
from detector.sentences import counted
from detector.signals.capture_view import CaptureView
from detector.signals.signal import SurveySignal, noisy_or

OF_PHRASES = (0.0, 0.2, 0.4, 0.75, 0.95)
"""Measure by the number of frightening phrases, on a page with a number to call."""
HELD = 0.9
"""Factor for the strength of the pressure, beside a number and a phrase."""
HELD_WITHOUT_WORDS = 0.55
"""The factor beside a number alone."""
HELD_WITHOUT_NUMBER = 0.6
"""The factor beside two phrases and no number: a locker whose number was not found deserves review, and is not proved."""
HIDDEN_NUMBER = 0.4
"""Measure of a number that is in a picture only, where neither a search nor a filter finds it."""
NAMES = {
    "dialogs": "dialog",
    "history": "entry in the history",
    "fullscreen": "full screen",
    "keyboard_lock": "a locked keyboard",
    "pointer_lock": "a captured mouse",
    "audio": "sound",
    "clipboard": "the clipboard",
    "popups": "pop-up",
    "prints": "print dialog",
    "notifications": "notifications",
    "unloads": "a question before leaving",
    "vibrations": "vibration",
}
PLURALS = {"dialogs": "dialogs", "history": "entries in the history", "popups": "pop-ups", "prints": "print dialogs"}
"""Plurals of the marks that are shown with a count."""


class ScarewareSignal(SurveySignal):
    """Measure how strongly the page frightens its visitor into a call; the same for every brand."""

    name = "scareware"
    version = 2

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.text_facts or view.capture.phones else "the page's text and behaviour are not known"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        reason = self.abstains(view)
        if reason is not None:
            return super().look(view, brand)
        measure, sentence, region = view.memo("scareware", lambda: self._measure(view))
        return self.finding(brand.id, measure, sentence, region)

    def _measure(self, view: CaptureView) -> tuple[float, str, Box | None]:
        capture, facts = view.capture, view.text_facts or PageFacts()
        if capture.phones:
            return scare(facts, [phone for phone in capture.phones if phone.official is None])
        # old captures and pages given as files have no list of numbers
        return scare_of(capture, facts, self.library)


def scare_of(capture: Capture, facts: PageFacts, library: BrandLibrary) -> tuple[float, str, Box | None]:
    """Measure as :func:`scare` does, for a capture without a list of numbers; they are searched for only if the page frightens."""
    if not pressure_strength(facts.pressure) and not scare_phrases(f"{facts.title}\n{facts.text}"):
        return 0.0, "The page shows no frightening text, and does not keep its visitor from leaving.", None
    phones = find_phones(replace(capture, screenshot=None, facts=facts), lambda: None, library)
    return scare(facts, [phone for phone in phones if phone.official is None])


def scare(facts: PageFacts, phones: Sequence[Phone]) -> tuple[float, str, Box | None]:
    """Return (measure, sentence, region); ``phones`` are the page's numbers that are no brand's official ones."""
    phrases = scare_phrases(f"{facts.title}\n{facts.text}")
    strength = pressure_strength(facts.pressure)
    said = " and ".join(part for part in (_frightens(phrases), _holds(facts.pressure) if strength else "") if part)
    if not phones:
        if strength and len(phrases) >= 2:
            return HELD_WITHOUT_NUMBER * strength, f"The page {said}, but no number to call was found.", None
        return 0.0, "The page gives no number to call, or only official ones.", None
    readable = {phone.number for phone in phones if phone.source is not PhoneSource.PICTURE}
    hidden = next((phone for phone in phones if phone.number not in readable), None)
    measure = noisy_or(
        (
            OF_PHRASES[min(len(phrases), len(OF_PHRASES) - 1)],
            strength * (HELD if phrases or hidden else HELD_WITHOUT_WORDS),
            HIDDEN_NUMBER if hidden else 0.0,
        )
    )
    shown = hidden or phones[0]
    where = " in a picture" if hidden else ""
    start = f"The page {said} and gives" if said else "The page gives"
    sentence = f"{start} a number to call{where}: {shown.raw[:60].strip()} ({shown.number})."
    return measure, sentence, next((phone.box for phone in phones if phone.box), None)


def _frightens(phrases: Sequence[str]) -> str:
    return f"shows frightening text (“{'”, “'.join(phrases[:2])}”)" if phrases else ""


def _holds(pressure: Pressure) -> str:
    counts = [(field.name, getattr(pressure, field.name)) for field in fields(pressure)]
    named = [_named(mark, count) for mark, count in counts if count > 0]
    return f"keeps its visitor from leaving ({', '.join(named[:3])})"


def _named(mark: str, count: int) -> str:
    if mark not in PLURALS:
        return NAMES[mark]
    return counted(count, NAMES[mark], PLURALS[mark])
