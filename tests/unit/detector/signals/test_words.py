"""Manner in which text and pictures mention a brand."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Box, Capture, Finding, ImageBox, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.about import ContextSignal
from detector.signals.words import DESCRIBED, WordsSignal

URL = "https://x.example/"


def view(facts: PageFacts) -> CaptureView:
    return CaptureView(Capture(URL, Outcome.OK, final_url=URL, facts=facts), lambda: None)


def of_picture(library: BrandLibrary, alt: str, brand: str = "paypal") -> Finding:
    image = ImageBox("img", Box(40, 40, 160, 60), alt, "")
    return WordsSignal(library).look(view(PageFacts(images=(image,), url=URL)), library[brand])


@pytest.mark.parametrize(
    ("alt", "measure"),
    [
        ("PayPal", 0.5),
        ("PayPal logo", 0.5),
        ("Logo of PayPal, go to the home page", 0.5),
        ("PayPal - Banking, Credit Cards, Loans and Investing", 0.5),
        ("A phone that shows the logo of PayPal", DESCRIBED),
        ("PayPal's logo, as fake mails show it", DESCRIBED),
        ("Screenshot: so sieht eine Nachricht aus, die im Namen von PayPal kommt", DESCRIBED),
        ("A phone that shows a lake", 0.0),
    ],
)
def test_a_pictures_text_names_or_describes(shipped_library: BrandLibrary, alt: str, measure: float) -> None:
    found = of_picture(shipped_library, alt)
    assert found.measure == pytest.approx(measure), found.sentence


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("How to spot a fake PayPal mail", "A guide against phishing"),
        ("Betrugsmasche mit PayPal", "Verbraucherzentrale warnt: gefälschte Mails. Ein Ratgeber"),
        ("Estafa con PayPal", "Noticias: correos falsos"),
        ("Arnaque PayPal : de faux courriels", "Actualités"),
        ("Мошенники пишут от имени PayPal", "Новости: поддельные письма"),
        ("PayPal down? Awaria", "Poradnik i opinie, wiadomości"),
    ],
)
def test_pages_about_brands_in_the_languages_of_their_readers(
    shipped_library: BrandLibrary, title: str, text: str
) -> None:
    found = ContextSignal(shipped_library).look(
        view(PageFacts(title=title, text=text, url=URL)), shipped_library["paypal"]
    )
    assert found.measure is not None
    assert found.measure > 0.3, found.sentence


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Einloggen bei PayPal", "Bestätigen Sie Ihr Konto. Sicherheit zuerst. Passwort vergessen?"),
        ("Iniciar sesión", "PayPal: confirme su cuenta, prevención de fraude"),
        ("Connexion", "Votre compte PayPal est limité. Avis de paiement"),
    ],
)
def test_clones_in_these_languages_are_no_such_pages(shipped_library: BrandLibrary, title: str, text: str) -> None:
    found = ContextSignal(shipped_library).look(
        view(PageFacts(title=title, text=text, url=URL)), shipped_library["paypal"]
    )
    assert found.measure == 0.0, found.sentence
