"""The age and kind of the name that a page stands on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from detector.brands import BrandLibrary
from detector.model import Capture, Finding, Outcome, Registration
from detector.signals import CaptureView
from detector.signals.site import SiteSignal

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def look(library: BrandLibrary, url: str, age: timedelta | None = None) -> Finding:
    known = Registration("shop.example", NOON - age, "https://rdap.example/", NOON) if age is not None else None
    seen = CaptureView(Capture(url, Outcome.OK, started=NOON, final_url=url, registration=known), lambda: None)
    signal = SiteSignal(library)
    assert signal.suspects(seen) == ()
    return signal.look(seen, library["paypal"])


@pytest.mark.parametrize(
    ("age", "measure", "sentence"),
    [
        (timedelta(hours=3), 1.0, "shop.example was registered 0 days before the capture, on 2026-11-20."),
        (timedelta(days=1), 1.0, "shop.example was registered 1 day before the capture, on 2026-11-19."),
        (timedelta(hours=-5), 1.0, "shop.example was registered 0 days before the capture, on 2026-11-20."),
        (timedelta(days=30), 1.0, "shop.example was registered 30 days before the capture, on 2026-10-21."),
        (timedelta(days=197), 0.5015, "shop.example was registered 197 days before the capture, on 2026-05-07."),
        (timedelta(days=365), 0.0, "shop.example was registered 365 days before the capture, on 2025-11-20."),
        (timedelta(days=5000), 0.0, "shop.example was registered 14 years before the capture, on 2013-03-13."),
    ],
)
def test_ages(shipped_library: BrandLibrary, age: timedelta, measure: float, sentence: str) -> None:
    finding = look(shipped_library, "https://www.shop.example/", age)
    assert (finding.measure, finding.sentence, finding.abstained) == (measure, sentence, None)


@pytest.mark.parametrize(
    ("url", "measure", "said"),
    [
        ("http://8.8.8.8/", 0.8, "The page is at the IP address 8.8.8.8, without a domain name."),
        (
            "http://[2606:4700::1111]:8080/",
            0.8,
            "The page is at the IP address 2606:4700::1111, without a domain name.",
        ),
        ("https://somebody.github.io/paypal", 0.5, "a name that its hoster gives to anybody"),
        ("https://sites.google.com/view/x", 0.5, "The page is at sites.google.com, where anybody can publish."),
        ("http://192.168.1.1/", None, "an address of a private network"),
        ("http://127.0.0.1:8000/", None, "an address of a private network"),
        ("http://[fe80::1%25eth0]/", None, "an address of a private network"),
        ("https://shop.example/", None, "the date on which the page's domain was registered is not known"),
        ("about:blank", None, "the page's address is not known"),
        ("", None, "the page's address is not known"),
    ],
)
def test_kinds(shipped_library: BrandLibrary, url: str, measure: float | None, said: str) -> None:
    finding = look(shipped_library, url)
    assert finding.measure == measure
    assert said in finding.sentence
    assert (finding.abstained is None) == (measure is not None)


def test_a_hosters_name_has_no_age_of_its_own(shipped_library: BrandLibrary) -> None:
    """GitHub's age says nothing of whoever published there this morning."""
    assert look(shipped_library, "https://somebody.github.io/", timedelta(days=5000)).measure == 0.5
