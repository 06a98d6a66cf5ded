"""Links to a brand's sites, and files loaded from them."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.model import Box, Capture, Form, ImageBox, Outcome, PageFacts
from detector.signals import CaptureView
from detector.signals.links import HotlinkSignal, LinksSignal


def view(facts: PageFacts, url: str = "https://page.example/") -> CaptureView:
    return CaptureView(Capture(url, Outcome.OK, final_url=url, facts=facts), lambda: None)


def measure(
    signal: LinksSignal | HotlinkSignal, facts: PageFacts, brand: str, url: str = "https://page.example/"
) -> float:
    found = signal.library.get(brand)
    assert found is not None
    finding = signal.look(view(facts, url), found)
    assert finding.measure is not None
    return finding.measure


def test_account_links_speak_for_a_copy(shipped_library: BrandLibrary) -> None:
    signal = LinksSignal(shipped_library)
    copied = PageFacts(
        links=(
            "https://www.paypal.com/signin/recover",
            "https://www.paypal.com/legal/privacy",
            "https://www.paypal.com/help",
        )
    )
    assert measure(signal, copied, "paypal") > 0.6
    hidden = PageFacts(
        links=tuple(f"https://page.example/{i}?next=https%3A%2F%2Fwww.paypal.com%2Fsignin%2F{i}" for i in range(3))
    )
    assert measure(signal, hidden, "paypal") > 0.3


@pytest.mark.parametrize(
    "link",
    [
        "https://www.facebook.com/acme",
        "https://www.facebook.com/sharer/sharer.php?u=1",
        "https://twitter.com/intent/tweet?text=1",
        "https://policies.google.com/privacy",
        "https://fonts.googleapis.com/css",
        "http://[broken",
        "javascript:alert(1)",
        "mailto:x@paypal.com",
        "",
    ],
)
def test_links_that_any_site_has_say_nothing(shipped_library: BrandLibrary, link: str) -> None:
    signal = LinksSignal(shipped_library)
    for brand in ("facebook", "twitter", "google", "paypal"):
        assert measure(signal, PageFacts(links=(link,)), brand) == 0.0


def test_borrowed_resources(shipped_library: BrandLibrary) -> None:
    signal = HotlinkSignal(shipped_library)
    facts = PageFacts(
        icons=("https://www.paypalobjects.com/webstatic/icon/pp64.png",),
        images=(ImageBox("img", Box(0, 0, 10, 10), "", "https://www.paypalobjects.com/a.png"),),
        forms=(Form("https://page.example/x"),),
    )
    assert measure(signal, facts, "paypal") > 0.85
    common = PageFacts(resources=("https://fonts.gstatic.com/s/x.woff2", "https://connect.facebook.net/sdk.js"))
    assert measure(signal, common, "google") == 0.0
    assert measure(signal, common, "facebook") == 0.0


def test_without_facts_it_abstains(shipped_library: BrandLibrary) -> None:
    paypal = shipped_library["paypal"]
    for signal in (LinksSignal(shipped_library), HotlinkSignal(shipped_library)):
        finding = signal.look(CaptureView(Capture("https://x.example/", Outcome.OK), lambda: None), paypal)
        assert finding.measure is None
        assert finding.abstained


def test_what_somebody_keeps_at_a_hoster_is_not_the_hosters(shipped_library: BrandLibrary) -> None:
    kept = (
        "https://s3.amazonaws.com/acme-site/logo.png",
        "https://acme-site.s3.eu-west-1.amazonaws.com/app.js",
        "https://docs.google.com/forms/d/e/1FAIpQLSa/viewform",
        "https://acme.wordpress.com/contact",
        "https://www.dropbox.com/scl/fi/abc/terms.pdf",
        "https://storage.googleapis.com/acme/help.css",
        "https://raw.githubusercontent.com/acme/site/main/help.js",
    )
    facts = PageFacts(links=kept, resources=kept, icons=kept[:1])
    for signal in (LinksSignal(shipped_library), HotlinkSignal(shipped_library)):
        for brand in ("amazon", "google", "wordpress", "dropbox", "github"):
            assert measure(signal, facts, brand) == 0.0, (signal.name, brand)
    owned = PageFacts(resources=("https://www.dropbox.com/static/x.js",), links=("https://www.dropbox.com/login",))
    assert measure(HotlinkSignal(shipped_library), owned, "dropbox") > 0.3
    assert measure(LinksSignal(shipped_library), owned, "dropbox") > 0.3
