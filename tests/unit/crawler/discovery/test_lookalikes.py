"""Look-alike names."""

from __future__ import annotations

from crawler.discovery.lookalikes import lookalikes, main_domains
from crawler.discovery.registrable_names import registrable
from detector.brands import BrandLibrary
from detector.model import Brand

PAYPAL = Brand(
    id="paypal",
    name="PayPal",
    names=("PayPal",),
    domains=("paypal.com", "paypal.me", "paypalobjects.com"),
    signin_urls=("https://www.paypal.com/signin",),
    keywords=("resolution",),
)
DHL = Brand(
    id="dhl", name="DHL", names=("DHL",), domains=("dhl.com", "express.dhl"), signin_urls=("https://my.express.dhl/",)
)
HMRC = Brand(id="hmrc", name="HMRC", names=("HMRC",), domains=("hmrc.gov.uk",))
GOV = Brand(id="gov-uk", name="GOV.UK", names=("GOV.UK",), domains=("gov.uk",))
OWNER = Brand(id="owner", name="Owner", names=("Owner",), domains=("paypal-login.com",))
LIBRARY = BrandLibrary([PAYPAL, DHL, HMRC, GOV, OWNER])


def test_the_names_that_the_literature_knows_are_there() -> None:
    names = {name.domain: name for name in lookalikes(PAYPAL, LIBRARY, 5000)}
    expected = {
        "paypa1.com": "homoglyph",
        "paypal-support.com": "combosquat",
        "support-paypal.net": "combosquat",
        "paypalsecure.com": "combosquat",
        "paypal-resolution.com": "combosquat",
        "paypla.com": "transposition",
        "payal.com": "omission",
        "paypal.xyz": "tld-swap",
        "xn--80aa0cbo65f.com": "cyrillic",
    }
    assert {domain: names[domain].family for domain in expected} == expected
    assert (
        names["paypa1.com"].sentence == "`paypa1.com` differs from paypal.com by one look-alike character (homoglyph)."
    )


def test_owned_names_and_the_domain_itself_are_left_out() -> None:
    domains = {name.domain for name in lookalikes(PAYPAL, LIBRARY, 5000)}
    assert domains.isdisjoint({"paypal.com", "paypal.me", "paypal-login.com"})


def test_each_name_once_most_dangerous_first_and_a_limit_keeps_the_best() -> None:
    everything = lookalikes(PAYPAL, LIBRARY, 5000)
    dangers = [name.danger for name in everything]
    assert dangers == sorted(dangers, reverse=True)
    assert len({name.domain for name in everything}) == len(everything) > 1000
    assert lookalikes(PAYPAL, LIBRARY, 50) == everything[:50]


def test_names_nobody_could_register_are_left_out() -> None:
    for name in lookalikes(PAYPAL, LIBRARY, 5000):
        assert registrable(name.domain)


def test_main_domains() -> None:
    assert main_domains(PAYPAL) == ["paypal.com"]
    assert main_domains(DHL) == ["dhl.com"]
    assert main_domains(GOV) == ["govuk.com"]


def test_short_names_are_not_fuzzed_and_closed_endings_are_left() -> None:
    assert {name.family for name in lookalikes(DHL, LIBRARY, 5000)} == {"combosquat", "tld-swap"}
    assert not any(name.domain.endswith(".gov.uk") for name in lookalikes(HMRC, LIBRARY, 5000))


def test_words_of_the_customers_languages_are_tried() -> None:
    brand = Brand(
        id="ostrelin", name="Ostrelin", domains=("ostrelin.com", "ostrelin.de", "ostrelin.at", "ostrelin.com.br")
    )
    names = {name.domain: name for name in lookalikes(brand, BrandLibrary([brand]), 5000)}
    for wanted in (
        "ostrelin-login.com",
        "ostrelin-anmelden.de",
        "konto-ostrelin.com",
        "ostrelin-entrar.com",
        "contaostrelin.com",
    ):
        assert wanted.replace(".de", ".com") in names, wanted
    assert "ostrelin-connexion.com" not in names
    assert names["ostrelin-login.com"].danger > names["ostrelin-anmelden.com"].danger
