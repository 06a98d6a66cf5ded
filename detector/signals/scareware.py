"""Tech-support scams: a page that frightens or holds its visitor, and gives a number to call that is nobody's official one."""

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
"""By the number of frightening phrases beside a number to call."""
HELD = 0.9
"""Of the strength of the pressure, beside a number and any phrase."""
HELD_WITHOUT_WORDS = 0.55
HELD_WITHOUT_NUMBER = 0.6
"""A locker that says to call, with a number that was not found: review, not proof."""
HIDDEN_NUMBER = 0.4
"""A number that stands in a picture only, where neither a search nor a filter finds it."""
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
"""Of the marks whose number says something."""


class ScarewareSignal(SurveySignal):
    """The same answer for every brand: how much the page is made to frighten its visitor into a call."""

    name = "scareware"
    version = 2

    def abstains(self, view: CaptureView) -> str | None:
        return None if view.said or view.capture.phones else "the page's text and behaviour are not known"

    def survey(self, view: CaptureView) -> Mapping[str, Finding]:
        return {}

    def look(self, view: CaptureView, brand: Brand) -> Finding:
        reason = self.abstains(view)
        if reason is not None:
            return super().look(view, brand)
        measure, sentence, region = view.memo("scareware", lambda: self._measure(view))
        return self.finding(brand.id, measure, sentence, region)

    def _measure(self, view: CaptureView) -> tuple[float, str, Box | None]:
        capture, facts = view.capture, view.said or PageFacts()
        if capture.phones:
            return scare(facts, [phone for phone in capture.phones if phone.official is None])
        # captures of before the search for numbers, and pages given as files, have none listed
        return scare_of(capture, facts, self.library)


def scare_of(capture: Capture, facts: PageFacts, library: BrandLibrary) -> tuple[float, str, Box | None]:
    """The same as :func:`scare` for a page in which numbers have not been looked for; they are where it frightens."""
    if not pressure_strength(facts.pressure) and not scare_phrases(f"{facts.title}\n{facts.text}"):
        return 0.0, "The page does not frighten its visitor.", None
    phones = find_phones(replace(capture, screenshot=None, facts=facts), lambda: None, library)
    return scare(facts, [phone for phone in phones if phone.official is None])


def scare(facts: PageFacts, phones: Sequence[Phone]) -> tuple[float, str, Box | None]:
    """(measure, sentence, region) of a page with the numbers that are nobody's official ones."""
    phrases = scare_phrases(f"{facts.title}\n{facts.text}")
    strength = pressure_strength(facts.pressure)
    said = " and ".join(part for part in (_frightens(phrases), _holds(facts.pressure) if strength else "") if part)
    if not phones:
        if strength and len(phrases) >= 2:
            return HELD_WITHOUT_NUMBER * strength, f"The page {said}, but no number to call was found.", None
        return 0.0, "The page gives no number to call but official ones, if any.", None
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
    return f"frightens (“{'”, “'.join(phrases[:2])}”)" if phrases else ""


def _holds(pressure: Pressure) -> str:
    counts = [(field.name, getattr(pressure, field.name)) for field in fields(pressure)]
    named = [_named(mark, count) for mark, count in counts if count > 0]
    return f"holds its visitor ({', '.join(named[:3])})"


def _named(mark: str, count: int) -> str:
    if mark not in PLURALS:
        return NAMES[mark]
    return counted(count, NAMES[mark], PLURALS[mark])
