"""The company that a page names as its own, compared between two places of the page."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Finding, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.holder import HolderSignal


def look(
    library: BrandLibrary, title: str, text: str, url: str = "https://x.example/", brand: str = "netflix"
) -> Finding:
    facts = PageFacts(title=title, text=text, url=url)
    seen = CaptureView(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)
    return HolderSignal(library).look(seen, library[brand])


@pytest.mark.parametrize(
    ("title", "text", "url", "measure"),
    [
        ("Netflix raises prices - Daily Glimmer", "A text\n© 2026 Daily Glimmer. All rights reserved.", "", 1.0),
        ("Log in | Glimmerworks", "Sign in\nCopyright 2024 Glimmerworks Ltd", "", 1.0),
        ("Data engineer | Glimmer Works", "Apply now", "https://www.glimmer-works.co.uk/jobs", 0.7),
        ("Welcome", "A text\n© 2026 Glimmerworks", "https://glimmerworks.example/", 0.7),
        ("A fake Netflix mail | Kettle & Byte", "A text", "https://kettle-and-byte.example/a", 0.7),
        ("Netflix im Test | Meyer & Sohn", "Ein Text", "https://www.meyerundsohn.example/", 0.7),
        ("A fake Netflix mail | Kettle & Byte", "A text", "https://kettle-or-byte.example/a", None),
        ("Netflix - Log in", "Sign in\n© 2026 Netflix", "", 0.0),
        ("Netfliix | Log in", "Sign in\n© 2026 Netfliix", "", 0.0),
        ("N\u0435tflix | Log in", "Sign in\n© 2026 N\u0435tflix", "", 0.0),
        ("Welcome", "A text\n© 2026 Netflix", "https://netflix-secure.example/", None),
        ("Log in | Glimmerworks", "Sign in\n© 2026 Netflix", "", None),
        ("Log in", "Sign in\n© 2026 Glimmerworks", "", None),
        ("", "", "", None),
    ],
)
def test_measure(shipped_library: BrandLibrary, title: str, text: str, url: str, measure: float | None) -> None:
    finding = look(shipped_library, title, text, url or "https://x.example/")
    assert finding.measure == measure, finding
    assert bool(finding.abstained) is (measure is None)


def test_the_sentence_names_both_places(shipped_library: BrandLibrary) -> None:
    finding = look(shipped_library, "Prices rise - Daily Glimmer", "A text\n© 2026 Daily Glimmer")
    assert finding.sentence == (
        "The page says in its title and its copyright line that it is “daily glimmer”, not Netflix."
    )


def test_another_brand_of_the_library_is_somebody_else(shipped_library: BrandLibrary) -> None:
    finding = look(shipped_library, "Spotify - Log in", "Continue with Facebook\n© 2026 Spotify", brand="facebook")
    assert finding.measure == 1.0
    assert look(shipped_library, "Facebook", "© 2026 Facebook", brand="messenger").measure == 0.0


def test_who_asks_for_the_brands_account_is_not_excused_by_a_name(shipped_library: BrandLibrary) -> None:
    text = "Free followers for everybody\nEnter your Instagram password\n© 2026 Glimmer Followers"
    asking = look(shipped_library, "Glimmer Followers", text, brand="instagram")
    assert asking.measure is not None
    assert asking.measure < 0.7
    assert asking.sentence.endswith("but asks for an account at Instagram.")
