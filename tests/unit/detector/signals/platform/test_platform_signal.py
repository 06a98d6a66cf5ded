"""Banner, files and icon of the platform that a page was built with."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Finding, InputField, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.platform import PlatformSignal

URL = "https://club.example/"
WIX_FILES = ("https://static.parastorage.com/a.js", "https://static.wixstatic.com/a.css")
WIX_AD = "This site was designed with the WIX.com website builder. Create your website today."


def look(
    library: BrandLibrary,
    text: str,
    *,
    title: str = "Rowing Club",
    resources: tuple[str, ...] = (),
    label: str = "Email",
    brand: str = "wix",
) -> Finding:
    facts = PageFacts(
        title=title, text=text, url=URL, resources=resources, inputs=(InputField("email", "email", label),)
    )
    seen = CaptureView(Capture(URL, Outcome.OK, final_url=URL, facts=facts), lambda: None)
    return PlatformSignal(library).look(seen, library[brand])


@pytest.mark.parametrize(
    ("text", "resources", "brand"),
    [
        (WIX_AD, WIX_FILES, "wix"),
        (WIX_AD, (), "wix"),
        ("Rowing Club", WIX_FILES, "wix"),
        ("Erstellt mit Wix", (), "wix"),
        ("Diese Website wurde mit Squarespace erstellt", (), "squarespace"),
        ("Ecommerce software by Shopify", (), "shopify"),
        ("Create a website or blog at WordPress.com", (), "wordpress"),
        ("Powered by GoDaddy Website Builder", ("https://img1.wsimg.com/a.js",), "godaddy"),
        ("This content is neither created nor endorsed by Google.", ("https://www.gstatic.com/a.js",), "google"),
    ],
)
def test_banner_or_files_show_the_platform(
    shipped_library: BrandLibrary, text: str, resources: tuple[str, ...], brand: str
) -> None:
    finding = look(shipped_library, text, resources=resources, brand=brand)
    assert finding.measure == 1.0, finding


@pytest.mark.parametrize(
    ("text", "title", "resources", "label", "brand"),
    [
        # the page says that it is the platform, or asks for an account there
        (WIX_AD, "Wix - Log in", WIX_FILES, "Email", "wix"),
        (f"Wix\n{WIX_AD}", "Log in", WIX_FILES, "Email", "wix"),
        (f"{WIX_AD}\nLog in to your Wix account", "Log in", WIX_FILES, "Email", "wix"),
        (f"{WIX_AD}\n© 2026 Wix.com", "Log in", WIX_FILES, "Email", "wix"),
        (WIX_AD, "Log in", WIX_FILES, "Wix password", "wix"),
        # files that its customers' pages do not have
        (WIX_AD, "Log in", (*WIX_FILES, "https://users.wix.com/signin.js"), "Email", "wix"),
        # files alone, beside a word of the brand's own
        ("Wix sign-in", "Log in", WIX_FILES, "Email", "wix"),
        # files that clones of the owner's pages have as well
        ("Rowing Club", "Log in", ("https://www.gstatic.com/a.js",), "Email", "google"),
        # no platform
        ("Powered by PayPal", "Log in", (), "Email", "paypal"),
        ("Rowing Club", "Log in", (), "Email", "wix"),
    ],
)
def test_who_speaks_for_the_platform_is_no_customer(
    shipped_library: BrandLibrary, text: str, title: str, resources: tuple[str, ...], label: str, brand: str
) -> None:
    finding = look(shipped_library, text, title=title, resources=resources, label=label, brand=brand)
    assert finding.measure == 0.0, finding


def test_it_says_what_it_saw(shipped_library: BrandLibrary) -> None:
    assert look(shipped_library, WIX_AD).sentence == (
        "The page is built with tools of Wix, or hosted there: it has the banner “wix.com website builder”."
    )
    assert look(shipped_library, "Rowing Club", resources=WIX_FILES).sentence == (
        "The page is built with tools of Wix, or hosted there: it has files that Wix puts on pages of others."
    )
