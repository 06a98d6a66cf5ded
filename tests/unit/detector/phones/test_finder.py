"""Numbers in links, official numbers, locales, disguises, and pages that are made to be slow."""

from __future__ import annotations

from collections import Counter

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.brands import BrandLibrary
from detector.model import Brand, Capture, PageFacts, Phone, PhoneSource
from detector.phones import find_phones, normal, official_numbers
from detector.phones.deobfuscation import plain
from detector.phones.locales import COMMON, own_regions, script_regions
from detector.phones.number_text import MAX_FOUND, MAX_TRIED, find_in_text

LIBRARY = BrandLibrary(
    [
        Brand("acme", "Acme", phones=("+44 800 279 7234", "nonsense")),
        Brand("acme-mail", "Acme Mail", phones=("+448002797234", "+18885550173"), family="acme"),
    ]
)


def found(facts: PageFacts, url: str = "https://x.example/") -> tuple[Phone, ...]:
    return find_phones(Capture(url, "ok", facts=facts), lambda: None, LIBRARY)


@pytest.mark.parametrize(
    ("target", "number"),
    [
        ("tel:+1-800-555-0142", "+18005550142"),
        ("TEL:18005550142", "+18005550142"),
        ("tel://1 (800) 555-0142", "+18005550142"),
        ("tel:%2B18005550142", "+18005550142"),
        ("tel:+1-800-555-0142;ext=12", "+18005550142"),
        ("tel:1-800-AMAZON1", "+18002629661"),
        ("tel:１８００５５５０１４２", "+18005550142"),
        ("callto:+448081570192", "+448081570192"),
        ("sms:+491701234567?body=help", "+491701234567"),
        ("https://wa.me/447911123456?text=hi", "+447911123456"),
        ("https://api.whatsapp.com/send?phone=919876543210", "+919876543210"),
        ("whatsapp://send?phone=+919876543210", "+919876543210"),
        ("viber://chat?number=%2B447911123456", "+447911123456"),
        ("skype:+18005550142?call", "+18005550142"),
        ("tel:4930231251234", "+4930231251234"),
    ],
)
def test_links(target: str, number: str) -> None:
    [phone] = found(PageFacts(telephones=(target,)))
    assert (phone.number, phone.source) == (number, PhoneSource.LINK)
    assert phone.vanity is ("AMAZON" in target)


@pytest.mark.parametrize(
    "target",
    ["tel:", "tel:123", "tel:call-me", "sms:", "https://wa.me/", "skype:echo123?call", "tel:[", "https://[wa.me/"],
)
def test_links_without_a_number(target: str) -> None:
    assert found(PageFacts(telephones=(target,))) == ()


def test_a_national_number_in_a_link_is_the_pages_own_countrys() -> None:
    facts = PageFacts(telephones=("tel:08001234567",))
    assert [phone.number for phone in found(facts, "https://x.co.uk/")] == ["+448001234567"]
    assert [phone.number for phone in found(facts, "https://x.de/")] == ["+498001234567"]


def test_official_numbers_are_marked_and_settle_of_which_country_a_number_is() -> None:
    text, link = found(PageFacts(text="Hotline 0800 279 7234", language="de", telephones=("tel:+448002797234",)))
    assert (text.number, text.official) == ("+448002797234", "acme")
    assert (link.number, link.official) == ("+448002797234", "acme")
    other = found(PageFacts(text="Call 1-888-555-0173 or 1-800-555-0142"))
    assert [phone.official for phone in other] == ["acme-mail", None]


def test_what_is_known_of_brands() -> None:
    assert official_numbers(LIBRARY) == {"+448002797234": "acme", "+18885550173": "acme-mail"}
    assert normal("(800) 555-0142", "US") == "+18005550142"
    assert normal("hello") is None


def test_a_number_is_listed_once_a_source_and_the_title_is_read() -> None:
    facts = PageFacts(
        title="Call 1-800-555-0142", text="800-555-0142 or (800) 555-0142", telephones=("tel:8005550142",) * 3
    )
    shown = [(phone.raw, phone.source) for phone in found(facts)]
    assert shown == [("1-800-555-0142", PhoneSource.TEXT), ("8005550142", PhoneSource.LINK)]


@pytest.mark.parametrize(
    ("language", "url", "first"),
    [
        ("en-GB", "https://x.example/", "GB"),
        ("de", "https://x.at/", "AT"),
        ("", "https://x.co.uk/", "GB"),
        ("ja", "", "JP"),
        ("fr-CA", "", "CA"),
        ("pt_BR", "", "BR"),
        ("en", "https://[bad", "US"),
    ],
)
def test_regions_that_a_page_points_to(language: str, url: str, first: str) -> None:
    assert own_regions(language, url)[0] == first


def test_writing_tells_the_country_where_the_page_does_not() -> None:
    assert script_regions("お電話ください") == ("JP",)
    assert script_regions("कॉल करें") == ("IN",)
    assert script_regions("Bitte rufen Sie uns an, Ihr Computer ist gesperrt")[0] == "DE"
    assert script_regions("Hello there") == ()


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_searched_and_points_back(text: str) -> None:
    read = plain(text)
    assert len(read.text) == len(read.offsets)
    for one in find_in_text(text):
        assert text[one.start : one.end] == one.raw
        assert one.number.startswith("+")


@pytest.mark.timeout(120)  # a search that is quadratic in any of these takes longer than that
@pytest.mark.parametrize(
    "text",
    [
        "1" * 200_000,
        "1 " * 100_000,
        "1-800-" * 40_000,
        "O0" * 90_000,
        "one " * 50_000,
        "+1 800 555 0142\n" * 12_000,
        "(" * 200_000,
    ],
)
def test_texts_that_are_made_to_be_slow_are_bounded(text: str) -> None:
    assert len(find_in_text(text)) <= MAX_FOUND


BALLAST = {
    "short numbers": [f"Label {number}" for number in range(10_000)],
    "times": [f"12:{number:05} - 12:30" for number in range(5_000)],
    "long numbers": [f"9{number:09}" for number in range(8_000)],
    "grouped numbers": [f"9{number % 10}9 {number % 1000:03} {number:04}" for number in range(5_000)],
    "numbers to be called": [f"Call {number:08}" for number in range(5_000)],
}
"""Lines of digits that are no numbers, or not worth trying as numbers of every country."""


@pytest.mark.parametrize("kind", BALLAST)
def test_a_number_among_thousands_is_found_with_bounded_work(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: Counter[str] = Counter()

    def counting(number: str, region: str, *, keep_raw_input: bool) -> phonenumbers.PhoneNumber:
        tries[region] += 1
        return phonenumbers.parse(number, region, keep_raw_input=keep_raw_input)

    monkeypatch.setattr("phonenumbers.phonenumbermatcher.parse", counting)
    lines = BALLAST[kind]
    middle = len(lines) // 2
    text = "\n".join((*lines[:middle], "Call Support +1-800-555-0142 immediately", *lines[middle:]))
    assert "+18005550142" in {one.number for one in find_in_text(text)}
    assert 0 < tries.total() <= 8 * MAX_TRIED * len(COMMON)  # a run is tried as a whole, and each of its parts


def test_an_extension_beside_a_number_is_part_of_it() -> None:
    text = "\n".join((*BALLAST["short numbers"][:50], "Call +1 800-555-0142 ext. 1234"))
    assert [one.raw for one in find_in_text(text)] == ["+1 800-555-0142 ext. 1234"]
