"""The longer name that a page gives as its own, compared with every mention of the brand's word."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Finding, InputField, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.namesake import NamesakeSignal

URL = "https://site.example/"


def look(
    library: BrandLibrary, title: str, text: str, url: str = URL, brand: str = "apple", label: str = "Email"
) -> Finding:
    facts = PageFacts(title=title, text=text, url=url, inputs=(InputField("email", "email", label),))
    seen = CaptureView(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)
    return NamesakeSignal(library).look(seen, library[brand])


@pytest.mark.parametrize(
    ("title", "text", "url", "brand", "measure"),
    [
        # title or copyright line, and the host name
        ("Apple Valley Credit Union", "Sign in", "https://applevalleycu.example/", "apple", 1.0),
        ("Log in", "Sign in\n© 2026 Apple Valley Credit Union", "https://www.apple-valley.example/", "apple", 1.0),
        ("Apple Valley Credit Union | Log in", "Sign in", "https://avcu.example/", "apple", 1.0),
        ("Ayuntamiento de Santander", "Sede", "https://ayuntamiento-santander.example/", "santander", 1.0),
        ("Heath Ledger", "Sign in", "https://heathledger.example/", "ledger", 1.0),
        # title and copyright line, on a host name that says nothing
        ("Log in - Norton Museum of Art", "Sign in\n© 2026 Norton Museum of Art", URL, "norton", 0.9),
        ("Members", "Orange Grove Dental\nSign in\n© 2026 Orange Grove Dental", URL, "orange", 0.9),
        # the text names the brand's word alone as well
        ("Norton Museum of Art", "Norton\nSign in\n© 2026 Norton Museum of Art", URL, "norton", 0.45),
        ("Norton Museum of Art", "Norton\nSign in", "https://norton-museum.example/", "norton", 1.0),
        # one place is not enough
        ("Apple Valley Credit Union", "Sign in", URL, "apple", 0.0),
        ("Log in", "Sign in\n© 2026 Apple Valley", URL, "apple", 0.0),
        # a coined word is nobody else's
        ("PayPal Valley", "Sign in\n© 2026 PayPal Valley", "https://paypal-valley.example/", "paypal", 0.0),
        # business, products, countries and other scripts make no other name
        ("Apple Support", "Sign in\n© 2026 Apple Support Team", "https://apple-support.example/", "apple", 0.0),
        (
            "Apple Kundenservice",
            "Anmelden\n© Apple Kundenservice",
            "https://apple-kundenservice.example/",
            "apple",
            0.0,
        ),
        ("Apple Music", "Sign in\n© 2026 Apple Music", "https://apple-music.example/", "apple", 0.0),
        ("Amazon Brasil", "Entrar\n© 2026 Amazon Brasil", "https://amazon-brasil.example/", "amazon", 0.0),
        (
            "Apple \u041f\u043e\u043c\u043e\u0449\u044c",
            "© 2026 Apple \u041f\u043e\u043c\u043e\u0449\u044c",
            URL,
            "apple",
            0.0,
        ),
        # a host name that lures to the brand, and a name that is business as well
        ("Apple Valley", "Sign in\n© 2026 Apple Valley", "https://apple-id-verify.example/", "apple", 0.0),
        ("Apple Valley Security", "© 2026 Apple Valley Security", "https://apple-valley.example/", "apple", 0.7),
    ],
)
def test_measure(shipped_library: BrandLibrary, title: str, text: str, url: str, brand: str, measure: float) -> None:
    finding = look(shipped_library, title, text, url, brand)
    assert finding.measure == pytest.approx(measure), finding


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Sign in to Apple\n© 2026 Apple Valley Credit Union", "Email"),
        ("Your Apple account is locked\n© 2026 Apple Valley Credit Union", "Email"),
        ("Sign in with your Apple ID\nApple ID\n© 2026 Apple Valley Credit Union", "Email"),
        ("Sign in\n© 2026 Apple Valley Credit Union", "Apple ID"),
        ("iCloud\nSign in\n© 2026 Apple Valley Credit Union", "Email"),
    ],
)
def test_who_asks_for_the_brands_account_is_no_namesake(shipped_library: BrandLibrary, text: str, label: str) -> None:
    finding = look(shipped_library, "Apple Valley Credit Union", text, "https://applevalley.example/", label=label)
    assert finding.measure == 0.0, finding


def test_the_sentence_names_the_name_and_its_places(shipped_library: BrandLibrary) -> None:
    finding = look(shipped_library, "Norton Museum of Art", "© 2026 Norton Museum of Art", brand="norton")
    assert finding.sentence == (
        "The page gives “Norton Museum of Art” as its own name in its title and its copyright line: "
        "Norton's word within another name."
    )


@pytest.mark.parametrize("text", ["", "\u0000" * 500, "apple " * 30_000, "Apple Valley " * 20_000])
def test_any_text(shipped_library: BrandLibrary, text: str) -> None:
    assert look(shipped_library, text[:500], text).measure is not None
