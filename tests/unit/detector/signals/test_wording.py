"""Text and form against the brand's captured pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detector.brands import BrandLibrary
from detector.model import Brand, Capture, Finding, InputField, OfficialPage, Outcome, PageFacts, to_json
from detector.signals import CaptureView
from detector.signals.wording import WordingSignal, form_of, shingles_of

TEXT = (
    "Sign in to online banking. Use your customer number and the pass phrase that you chose when you joined. We will never ask "
    "you for all of it by phone or by mail. Lost your card? Call us at once, day or night, and we will block it while you wait."
)
FIELDS = (InputField("text", "customer_no"), InputField("password", "phrase"))
OTHER_TEXT = (
    "A page about gardens. Plant the bulbs in autumn, four inches deep, and cover them with leaves before the first frost. "
    "Then wait for spring."
)


def brand(folder: Path, name: str, facts: PageFacts) -> Brand:
    home = folder / name
    home.mkdir()
    (home / "signin.json").write_bytes(to_json(facts))
    pages = (OfficialPage("signin", str(home / "signin.png"), str(home / "signin.json")),)
    return Brand(name, name.title(), domains=(f"{name}.test",), pages=pages, folder=str(home))


@pytest.fixture
def signal(tmp_path: Path) -> WordingSignal:
    common = (InputField("email", "email"), InputField("password", "password"))
    return WordingSignal(
        BrandLibrary(
            [
                brand(tmp_path, "acme", PageFacts(text=TEXT, inputs=FIELDS)),
                brand(tmp_path, "zenith", PageFacts(text=OTHER_TEXT, inputs=common)),
                Brand("bare", "Bare", domains=("bare.test",), folder=str(tmp_path / "acme")),
            ]
        )
    )


def look(signal: WordingSignal, text: str, inputs: tuple[InputField, ...] = (), name: str = "acme") -> Finding:
    facts = PageFacts(text=text, inputs=inputs, url="https://x.example/")
    return signal.look(
        CaptureView(Capture("https://x.example/", Outcome.OK, facts=facts), lambda: None), signal.library[name]
    )


def test_a_copy_is_found_under_what_was_added(signal: WordingSignal) -> None:
    finding = look(signal, f"Your account was limited!\n{OTHER_TEXT}\n{TEXT}")
    assert finding.measure == 1.0
    assert finding.sentence == "The page repeats 100% of the text of Acme's page “signin”."
    assert look(signal, f"{OTHER_TEXT}\n{TEXT}", name="zenith").measure is not None


def test_half_a_copy_counts_for_half(signal: WordingSignal) -> None:
    measure = look(signal, TEXT[: len(TEXT) // 2]).measure
    assert measure is not None
    assert 0.3 < measure < 0.9


def test_other_texts_and_single_sentences_are_no_copy(signal: WordingSignal) -> None:
    assert look(signal, "Sign in to online banking with your customer number.").measure == 0.0
    assert look(signal, "A text about something else altogether, in as many words as it takes.").measure == 0.0
    assert look(signal, "").measure == 0.0


def test_a_form_of_its_own_tells_and_a_common_one_does_not(signal: WordingSignal) -> None:
    finding = look(signal, "Another text than theirs, yet the form is the same one.", FIELDS)
    assert (finding.measure, finding.sentence) == (0.6, "The page asks for the same fields as Acme's page “signin”.")
    common = (InputField("email", "email"), InputField("password", "password"))
    assert look(signal, "Another text than theirs.", common, "zenith").measure == 0.0
    assert form_of(common) == 0
    assert form_of((InputField("hidden", "customer_no"), InputField("text", "phrase"))) == 0


def test_brands_without_captured_text_abstain(signal: WordingSignal) -> None:
    finding = look(signal, TEXT, name="bare")
    assert finding.measure is None
    assert finding.abstained == "no official page of Bare has been captured with its text"


def test_damaged_facts_are_left_out_and_said(tmp_path: Path) -> None:
    damaged = brand(tmp_path, "acme", PageFacts(text=TEXT))
    (tmp_path / "acme" / "signin.json").write_text("{")
    signal = WordingSignal(BrandLibrary([damaged]))
    assert look(signal, TEXT).measure is None


def test_shingles_are_the_same_however_the_text_is_set() -> None:
    np.testing.assert_array_equal(shingles_of("One two, three FOUR five"), shingles_of("one  two\nthree four — five"))
    assert len(shingles_of("one two three")) == 0


def test_a_translated_copy_is_built_alike(tmp_path: Path) -> None:
    hashes = sorted(int(value) for value in np.random.default_rng(2).choice(1 << 32, 64, replace=False))
    signal = WordingSignal(
        BrandLibrary(
            [
                brand(tmp_path, "acme", PageFacts(text=TEXT, structure=tuple(hashes))),
                brand(tmp_path, "zenith", PageFacts(text=OTHER_TEXT, structure=tuple(hashes[:20]))),
            ]
        )
    )

    def measure(structure: tuple[int, ...], name: str = "acme") -> float | None:
        facts = PageFacts(text="Ein ganz anderer Text", structure=structure, url="https://x.example/")
        seen = CaptureView(Capture("https://x.example/", Outcome.OK, facts=facts), lambda: None)
        return signal.look(seen, signal.library[name]).measure

    assert measure(tuple(hashes)) == 0.6
    assert measure((*hashes[3:], 7, 8)) == pytest.approx(0.6, abs=0.12)
    assert measure(tuple(hashes[::2])) == 0.0
    assert measure(tuple(range(64))) == 0.0
    assert measure(tuple(hashes[:20]), "zenith") == 0.0
    assert measure((-1, 1 << 40, *hashes)) is not None


def test_the_sentence_says_all_that_is_alike(tmp_path: Path) -> None:
    hashes = tuple(range(1, 65))
    signal = WordingSignal(
        BrandLibrary([brand(tmp_path, "acme", PageFacts(text=TEXT, inputs=FIELDS, structure=hashes))])
    )
    facts = PageFacts(text=TEXT, inputs=FIELDS, structure=hashes, url="https://x.example/")
    seen = CaptureView(Capture("https://x.example/", Outcome.OK, facts=facts), lambda: None)
    assert signal.look(seen, signal.library["acme"]).sentence == (
        "The page repeats 100% of the text, asks for the same fields and has 100% of the structure of Acme's page “signin”."
    )


CONSENT = (
    "We value your privacy\nWe and our 143 partners store and access information on a device, such as cookies, and process "
    "personal data, such as unique identifiers, for personalised ads and content, audience insights and product development.\n"
    "With your permission we and our partners may use precise location data and identification through device scanning.\n"
    "Accept all\nReject all\nMore options"
)


def test_a_dialog_that_strangers_have_too_is_no_evidence(tmp_path: Path) -> None:
    built = tuple(range(1, 65))
    official = PageFacts(text=f"{CONSENT}\n{TEXT}", inputs=FIELDS, structure=built)
    signal = WordingSignal(BrandLibrary([brand(tmp_path, "acme", official)]))
    stranger = PageFacts(text=f"{CONSENT}\n{OTHER_TEXT}", url="https://x.example/", structure=built)
    view = CaptureView(Capture("https://x.example/", Outcome.OK, facts=stranger), lambda: None)
    assert signal.look(view, signal.library["acme"]).measure == 0.0
    assert look(signal, TEXT).measure == 1.0
    assert look(signal, f"{CONSENT}\n{TEXT}").measure == 1.0


def test_words_that_pages_of_two_owners_have_are_no_evidence(tmp_path: Path) -> None:
    notice = " ".join(
        f"Protected by the common notice, part {number} of the many that all banks show." for number in range(9)
    )
    brands = [
        brand(tmp_path, "acme", PageFacts(text=f"{notice} {TEXT}", inputs=FIELDS)),
        brand(tmp_path, "zenith", PageFacts(text=f"{notice} {OTHER_TEXT}", inputs=FIELDS)),
    ]
    signal = WordingSignal(BrandLibrary(brands))
    assert look(signal, notice).measure == look(signal, notice, name="zenith").measure == 0.0
    assert look(signal, TEXT).measure == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "We will be back soon! Sorry for the inconvenience, we are performing some maintenance at the moment. If you need to "
        "you can always contact us, otherwise we will be back online shortly. Thank you for your patience and your trust in us.",
        "404 Not Found. The page that you asked for cannot be found on this server, or has been moved, or never was here at all.",
        "Checking your browser before you go on. This is automatic, you will be sent to the page that you asked for shortly.",
    ],
)
def test_a_page_in_the_place_of_the_brands_is_no_evidence(tmp_path: Path, text: str) -> None:
    signal = WordingSignal(BrandLibrary([brand(tmp_path, "acme", PageFacts(title="Acme", text=text))]))
    finding = look(signal, text)
    assert finding.measure is None
    assert finding.abstained
