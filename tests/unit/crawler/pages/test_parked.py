"""Parked, for-sale and default pages, and pages that only sound like them."""

from __future__ import annotations

import pytest

from crawler.pages.parked import parked_sentence
from detector.model import Form, InputField, NetworkEntry, PageFacts

PARKED = {
    "English": "glimmer-login.test\nThis domain is for sale! Make an offer",
    "may be for sale": "The domain glimmers.test may be for sale by its owner.",
    "names itself": "glimmers.com is parked",
    "German": "Diese Domain steht zum Verkauf",
    "German, with name": "Die Domain glimmers.de ist zu verkaufen",
    "Spanish": "Este dominio está en venta",
    "French": "Ce nom de domaine est à vendre",
    "Italian": "Questo dominio è in vendita",
    "Portuguese": "Este domínio está à venda",
    "Dutch": "Deze domeinnaam is te koop",
    "Polish": "Ta domena jest na sprzedaż",
    "Russian": "Домен продается",
    "Japanese": "このドメインは販売中です",
    "Chinese": "本域名出售",
    "two hints": "Related searches\nCredit cards\nSponsored listings",
    "nginx": "Welcome to nginx!\nIf you see this page, the nginx web server is successfully installed and working.",
    "Apache": "Apache2 Debian Default Page\nIt works!",
    "Plesk": "Default Plesk Page",
    "hoster": "Hier entsteht eine neue Internetpräsenz",
}
NOT_PARKED = {
    "a house": "The house by the lake is for sale. Make us an offer!",
    "one hint": "Related searches\nBread, butter, jam",
    "a shop": "Fresh bread every morning. Buy online.",
    "an article on the trade": "How domain names are sold. " * 200 + "This domain is for sale, says the banner.",
    "nothing": "",
}
PASSWORD = InputField("password", "pw")


@pytest.mark.parametrize("name", PARKED)
def test_words_of_parked_pages(name: str) -> None:
    assert parked_sentence(PageFacts(text=PARKED[name]), [])


@pytest.mark.parametrize("name", NOT_PARKED)
def test_words_of_other_pages(name: str) -> None:
    assert parked_sentence(PageFacts(text=NOT_PARKED[name]), []) == ""


@pytest.mark.parametrize("name", PARKED)
def test_a_page_that_asks_for_a_password_is_never_parked(name: str) -> None:
    facts = PageFacts(text=PARKED[name], inputs=(PASSWORD,), resources=("https://cdn.parkingcrew.net/x.js",))
    assert parked_sentence(facts, [], final_url="https://sedoparking.com/", address="103.120.80.111") == ""


def test_an_offer_form_does_not_matter() -> None:
    facts = PageFacts(
        text="This domain is for sale",
        inputs=(InputField("text", "name"), InputField("text", "offer")),
        forms=(Form("/offer"),),
    )
    assert parked_sentence(facts, [])


@pytest.mark.parametrize(
    "url",
    [
        "https://img.sedoparking.com/templates/bg.jpg",
        "https://www.google.com/adsense/domains/caf.js",
        "https://d38psrni17bvxu.cloudfront.net/x.js",
    ],
)
def test_services_are_known_by_their_files(url: str) -> None:
    facts = PageFacts(text="glimmers.test\nCredit cards\nLoans")
    assert "parking service" in parked_sentence(facts, [NetworkEntry(url, "GET", "script")])
    assert "parking service" in parked_sentence(PageFacts(text=facts.text, resources=(url,)), [])
    assert parked_sentence(PageFacts(text="A long story. " * 300, resources=(url,)), []) == ""


def test_led_on_to_a_marketplace() -> None:
    assert "hugedomains.com" in parked_sentence(
        PageFacts(text="A fine name"), [], final_url="https://www.hugedomains.com/domain_profile.cfm?d=glimmers"
    )
    assert parked_sentence(PageFacts(text="A fine name"), [], final_url="https://nothugedomains.com/") == ""


def test_a_parking_services_address_needs_a_word_of_the_page() -> None:
    assert parked_sentence(PageFacts(text="Related searches: loans"), [], address="103.120.80.111")
    assert parked_sentence(PageFacts(text="Fresh bread"), [], address="103.120.80.111") == ""
    assert parked_sentence(PageFacts(text="Related searches: loans"), [], address="192.0.2.1") == ""
