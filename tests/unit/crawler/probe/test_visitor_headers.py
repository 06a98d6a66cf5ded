"""Request headers of probes, and names that have no front page to probe."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.capture.profiles import profile_named
from crawler.discovery.front_pages import front_pages
from crawler.probe.visitor_headers import browser_major, head_of, weighted
from detector.brands import BrandLibrary, load_library
from tests.support.servers.discovery import OSTRELIN, write_brand


@pytest.fixture
def library(tmp_path: Path) -> BrandLibrary:
    return load_library((write_brand(tmp_path, "ostrelin", OSTRELIN),))


def test_of_a_certificates_names_the_sites_are_left(library: BrandLibrary) -> None:
    names = [
        "*.garden.example", "www.garden.example", "garden.example", "mail.garden.example",
        "autodiscover.garden.example", "cpanel.garden.example",
        "shop.garden.example", "Login.Ostrelin.example", "192.0.2.7", "localhost", "mail.example",
        "x" * 260 + ".example", "garden.example.", "[x].example", "a b.example", "x\0.example",
    ]  # fmt: skip
    assert front_pages(names, library) == ["garden.example", "shop.garden.example", "mail.example"]


def test_a_phone_come_from_a_search_introduces_itself_as_its_browser_does() -> None:
    head = head_of(profile_named("phone-de@search"), "https://a.example/")
    assert f"Chrome/{browser_major()}." in head["User-Agent"]
    assert "Mobile" in head["User-Agent"]
    assert head["Accept-Language"].startswith("de-DE,de;q=0.9")
    assert head["Referer"].startswith("https://www.google.")
    assert (head["Sec-CH-UA-Mobile"], head["Sec-Fetch-Site"]) == ("?1", "cross-site")


def test_client_hints_are_for_secure_addresses_and_for_browsers_that_have_them() -> None:
    assert "Sec-CH-UA" not in head_of(profile_named("desktop"), "http://a.example/")
    iphone = head_of(profile_named("iphone"), "https://a.example/")
    assert "Sec-CH-UA" not in iphone
    assert "Safari" in iphone["User-Agent"]
    assert "Referer" not in iphone


def test_weights_of_languages() -> None:
    assert weighted(("en-US",)) == "en-US"
    assert weighted(("fr-CH", "fr", "en")) == "fr-CH,fr;q=0.9,en;q=0.8"
