"""Look-alike names."""

from __future__ import annotations

import pytest

from crawler.discovery.lookalikes import lookalikes, main_domains
from crawler.discovery.registrable_names import registrable
from detector.brands import BrandLibrary
from detector.hosts import ascii_host, unicode_host
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


@pytest.mark.parametrize(
    ("name", "domain", "expected"),
    [
        ("Морозко", "морозко.рф", ("морозко-вход.рф", "вход-морозко.рф", "морозкокабинет.рф", "морозко-вход.онлайн")),
        ("Сонечко", "сонечко.укр", ("сонечко-вхід.укр", "сонечко-оплата.укр")),
        ("Ήλιος", "ήλιος.ελ", ("ήλιος-σύνδεση.ελ", "ilios-login.com")),
        ("Արև Բանկ", "արևբանկ.հայ", ("արեւբանկ-մուտք.հայ",)),
        ("მზე", "მზე-ბანკი.გე", ("მზე-ბანკი-შესვლა.გე",)),
        ("بنك النور", "بنكالنور.شبكة", ("بنكالنور-دخول.شبكة", "حساب-بنكالنور.شبكة")),
        ("בנק כוכב", "בנקכוכב.co.il", ("בנקכוכב-כניסה.co.il",)),
        ("सूर्य बैंक", "सूर्यबैंक.भारत", ("सूर्यबैंक-लॉगिन.भारत", "सूर्यबैंक.com")),
        ("ธนาคารดาว", "ธนาคารดาว.ไทย", ("ธนาคารดาว-เข้าสู่ระบบ.ไทย",)),
        ("さくら銀行", "さくら銀行.jp", ("さくら銀行-ログイン.jp", "さくら銀行ログイン.com")),
        ("星河银行", "星河银行.中国", ("星河银行-登录.中国", "星河银行登录.com")),
        ("하늘은행", "하늘은행.한국", ("하늘은행-로그인.한국", "하늘은행인증.com")),
        (
            "München Kredit",
            "münchen-kredit.de",
            ("münchen-kredit-login.de", "muenchen-kredit-login.de", "munchen-kredit.de"),
        ),
    ],
)
def test_a_brand_of_another_alphabet_is_imitated_in_its_own_words(
    name: str, domain: str, expected: tuple[str, ...]
) -> None:
    brand = Brand(id="own", name=name, names=(name,), domains=(ascii_host(domain),), keywords=("login",))
    found = {unicode_host(each.domain): each for each in lookalikes(brand, BrandLibrary([brand]), 5000)}
    assert set(expected) <= set(found)
    assert not [each for each in found if "xn--" in each], "an A-label is one word, and nothing is put beside it"
    assert not [each.sentence for each in found.values() if "xn--" in each.sentence]
