"""Pages that frighten or hold their visitor, with and without a number to call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from detector.brands import BrandLibrary
from detector.judge import Judge
from detector.model import Box, Brand, Capture, Decision, Finding, PageFacts, Phone, PhoneSource, Pressure
from detector.phones.scare import PHRASES, pressure_strength, scare_phrases
from detector.signals import CaptureView
from detector.signals.scareware import ScarewareSignal

OWN = "+18882804331"
ALARM = "Acme Security Center\nYour computer is infected with a virus. Do not shut down.\nCall Acme Support: {}"
HELD = Pressure(dialogs=40, history=200, fullscreen=1, keyboard_lock=1)
SCAM = "1-855-555-0199"
NO_PICTURE: Callable[[], bytes | None] = lambda: None  # noqa: E731


@pytest.fixture
def library() -> BrandLibrary:
    return BrandLibrary(
        [
            Brand("acme", "Acme", ("Acme",), ("acme.test",), phones=(OWN,)),
            Brand("acme-mail", "Acme Mail", family="acme"),
            Brand("zenith", "Zenith", ("Zenith",)),
        ]
    )


def look(
    library: BrandLibrary, facts: PageFacts | None, brand: str = "acme", phones: tuple[Phone, ...] = ()
) -> Finding:
    capture = Capture("https://x.test/", "ok", facts=facts, phones=phones)
    return ScarewareSignal(library).look(CaptureView(capture, NO_PICTURE), library[brand])


def test_words_and_a_number_are_a_lure_and_pressure_makes_it_certain(library: BrandLibrary) -> None:
    words = look(library, PageFacts(text=ALARM.format(SCAM)))
    both = look(library, PageFacts(text=ALARM.format(SCAM), pressure=HELD))
    assert words.measure is not None
    assert both.measure is not None
    assert 0.7 <= words.measure < both.measure
    assert both.measure > 0.97
    assert "+18555550199" in both.sentence
    assert "40 dialogs" in both.sentence
    assert "virus" in words.sentence


@pytest.mark.parametrize("written", ["(888) 280-4331", "+1 888 280 4331", "1.888.280.4331", "１-888-280-4331"])
@pytest.mark.parametrize("brand", ["acme", "acme-mail"])
def test_a_brands_own_number_is_not_suspicious_however_it_is_written(
    library: BrandLibrary, written: str, brand: str
) -> None:
    assert look(library, PageFacts(text=ALARM.format(written)), brand).measure == 0.0


def test_a_foreign_number_beside_the_official_one_is(library: BrandLibrary) -> None:
    text = ALARM.format(f"(888) 280-4331 or {SCAM}")
    finding = look(library, PageFacts(text=text))
    assert finding.measure is not None
    assert finding.measure > 0.7
    assert "+18555550199" in finding.sentence


def test_a_number_in_a_contact_page_is_nothing(library: BrandLibrary) -> None:
    assert look(library, PageFacts(text=f"Contact our office at {SCAM}, Monday to Friday.")).measure == 0.0


def test_pressure_alone_is_nothing_and_a_locker_without_a_number_is_for_review(library: BrandLibrary) -> None:
    assert look(library, PageFacts(text="A game", pressure=HELD)).measure == 0.0
    finding = look(library, PageFacts(text="Your PC is blocked: virus found", pressure=HELD))
    assert finding.measure is not None
    assert 0.4 < finding.measure < 0.7


def test_a_number_that_only_a_picture_shows_counts_and_says_where(library: BrandLibrary) -> None:
    box = Box(10, 20, 300, 40)
    hidden = Phone("+18555550199", SCAM, PhoneSource.PICTURE, "US", box)
    finding = look(library, PageFacts(text="Acme"), phones=(hidden,))
    assert finding.measure is not None
    assert 0.3 < finding.measure < 0.6
    assert finding.region == box
    assert "in a picture" in finding.sentence


def test_links_that_call_count_as_numbers(library: BrandLibrary) -> None:
    text = "Your computer is blocked: virus and spyware found"
    assert look(library, PageFacts(text=text)).measure == 0.0
    called = look(library, PageFacts(text=text, telephones=("tel:+18555550199",)))
    assert called.measure is not None
    assert called.measure > 0.7


def test_nothing_known_abstains(library: BrandLibrary) -> None:
    finding = look(library, None)
    assert finding.measure is None
    assert finding.abstained


def test_a_tech_support_page_without_any_form_is_flagged(library: BrandLibrary) -> None:
    facts = PageFacts(
        title="Acme Support",
        text=ALARM.format(SCAM) + "\nYour Acme account\n© 2026 Acme",
        pressure=HELD,
        links=("https://acme.test/help", "https://acme.test/privacy"),
    )
    capture = Capture("https://x.test/", "ok", final_url="https://x.test/", facts=facts)
    verdict = Judge(library).judge(capture, lambda: None)
    assert (verdict.decision, verdict.brand) == (Decision.FLAGGED, "acme")
    assert "number to call" in verdict.sentence


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("Your computer is infected. Do not restart. Error code 0x8. Call now", 4),
        ("Ihr Computer wurde gesperrt. Schadsoftware gefunden. Rufen Sie uns an, Fehlercode 22", 4),
        ("Su equipo ha sido bloqueado. No apague. Llame a soporte técnico", 4),
        ("Votre ordinateur est bloqué. N’éteignez pas. Appelez le support technique", 4),
        ("ウイルスに感染しました。電源を切らないでください。お電話ください", 4),
        ("आपका कंप्यूटर ब्लॉक है। वायरस मिला। कॉल करें", 3),
        ("Het systeem is geblokkeerd. Bel direct", 2),
        ("Il computer è bloccato. Non spegnere. Chiami", 3),
    ],
)
def test_frightening_phrases_by_language(text: str, least: int) -> None:
    assert len(scare_phrases(text)) >= least


def test_phrases_begin_words_and_are_folded() -> None:
    assert scare_phrases("antivirus software") == []
    assert scare_phrases("ＶＩＲＵＳ vi\u200brus") == ["virus"]
    assert scare_phrases("\ud800 half a character, and a virus \udfff") == ["virus"]
    assert len(PHRASES) == len(set(PHRASES))


@pytest.mark.parametrize(
    ("pressure", "low", "high"),
    [
        (Pressure(), 0.0, 0.0),
        (Pressure(history=3), 0.0, 0.0),
        (Pressure(audio=1), 0.3, 0.4),
        (Pressure(keyboard_lock=1), 0.9, 0.9),
        (HELD, 0.98, 1.0),
    ],
)
def test_strength_of_pressure(pressure: Pressure, low: float, high: float) -> None:
    assert low <= pressure_strength(pressure) <= high
