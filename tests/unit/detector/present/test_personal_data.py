"""Victims' mail addresses and passwords in the addresses of pages: masked in every encoding, and nothing else is touched."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.present.personal_data import mask_personal_data

MAIL = "jane.doe@corp.example.com"
IN_BASE64 = base64.b64encode(MAIL.encode()).decode()
NOBODY = "masked@example.invalid"
NOBODY_IN_BASE64 = base64.b64encode(NOBODY.encode()).decode()

MASKED = {
    "query": (f"https://evil.example/?email={MAIL}", f"https://evil.example/?email={NOBODY}"),
    "second parameter": (f"https://evil.example/a?x=1&e={MAIL}&y=2", f"https://evil.example/a?x=1&e={NOBODY}&y=2"),
    "percent": (
        "http://evil.example/?e=jane.doe%40corp.example.com",
        "http://evil.example/?e=masked%40example.invalid",
    ),
    "percent twice": (
        "http://evil.example/?next=http%3A%2F%2Fb.example%2F%3Fe%3Djane%2540corp.com",
        "http://evil.example/?next=http%253A%252F%252Fb.example%252F%253Fe%253Dmasked%2540example.invalid",
    ),
    "fragment": (f"https://evil.example/login#{MAIL}", f"https://evil.example/login#{NOBODY}"),
    "fragment with a key": (f"https://evil.example/#/in?u={MAIL}", f"https://evil.example/#/in?u={NOBODY}"),
    "path": (f"https://evil.example/u/{MAIL}/next", f"https://evil.example/u/{NOBODY}/next"),
    "base64": (f"https://evil.example/?c={IN_BASE64}", f"https://evil.example/?c={NOBODY_IN_BASE64}"),
    "base64 in the fragment": (f"https://evil.example/#{IN_BASE64}", f"https://evil.example/#{NOBODY_IN_BASE64}"),
    "base64 without padding": (
        f"https://evil.example/{IN_BASE64.rstrip('=')}",
        f"https://evil.example/{NOBODY_IN_BASE64.rstrip('=')}",
    ),
    "hexadecimal": (
        f"https://evil.example/?h={MAIL.encode().hex()}",
        f"https://evil.example/?h={NOBODY.encode().hex()}",
    ),
    "user and password": ("http://jane:hunter2@evil.example/", "http://jane:masked@evil.example/"),
    "mail as the user": (
        "http://jane%40corp.com:x@evil.example/",
        "http://masked%40example.invalid:masked@evil.example/",
    ),
    "password": ("https://evil.example/?user=jane&Password=hunter2", "https://evil.example/?user=jane&Password=masked"),
    "semicolons": (f"https://evil.example/;mail={MAIL};pin=1234", f"https://evil.example/;mail={NOBODY};pin=masked"),
    "several": (
        f"https://evil.example/?a={MAIL}&b=x.y%2Bz@firma.co.uk",
        f"https://evil.example/?a={NOBODY}&b=masked%40example.invalid",
    ),
    "file of a mail": (f"https://evil.example/{MAIL}.html", f"https://evil.example/{NOBODY}.html"),
    "list of parameters": (
        "https://evil.example/?user%5Bpassword%5D=a&PWD[]=b&my_pin=c",
        "https://evil.example/?user%5Bpassword%5D=masked&PWD[]=masked&my_pin=masked",
    ),
    "base64 twice": (
        f"https://evil.example/?c={base64.b64encode(IN_BASE64.encode()).decode()}",
        f"https://evil.example/?c={base64.b64encode(NOBODY_IN_BASE64.encode()).decode()}",
    ),
    "list of mails": (f"https://evil.example/?e={MAIL},{MAIL}", f"https://evil.example/?e={NOBODY},{NOBODY}"),
    "international": ("https://evil.example/?e=jürgen@münchen.de", f"https://evil.example/?e={NOBODY}"),
    "without a slash": (f"https://evil.example?{MAIL}", f"https://evil.example?{NOBODY}"),
    "a key that is a mail": (f"https://evil.example/?{MAIL}=1", f"https://evil.example/?{NOBODY}=1"),
}
UNTOUCHED = [
    "https://evil.example/login?session=8f14e45fceea167a5a36dedd4bea2543",
    "https://netflix.com@evil.example/",
    "https://cdn.example/npm/lodash@4.17.21/lodash.min.js",
    "https://cdn.example/pkg@1.0.0-beta.js",
    "https://cdn.example/lodash@4.17.21.min.js",
    "https://evil.example/?shopping=1&spinner=2&passage=3",
    "https://medium.example/@writer/story",
    "https://evil.example/?pass=",
    "https://evil.example/passwords/reset",
    "https://evil.example/?c=aGVsbG8gd29ybGQ=",
    "https://evil.example/%40",
    "mailto:scammer@evil.example",
    "javascript:x@y.com",
    "jane.doe@corp.example.com",
    "",
]


@pytest.mark.parametrize(("url", "wanted"), MASKED.values(), ids=MASKED.keys())
def test_mail_addresses_and_passwords_are_replaced_in_their_encoding(url: str, wanted: str) -> None:
    assert mask_personal_data(url) == wanted


@pytest.mark.parametrize("url", UNTOUCHED)
def test_other_addresses_stay_as_they_are(url: str) -> None:
    assert mask_personal_data(url) == url


@pytest.mark.parametrize("url", [masked for _, masked in MASKED.values()])
def test_a_masked_address_stays_as_it_is(url: str) -> None:
    assert mask_personal_data(url) == url


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    mask_personal_data(text)
    mask_personal_data(f"https://evil.example/{text}")


@given(
    st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=20), st.sampled_from("/?#&;=")
)
def test_a_mail_address_never_stays_behind_a_delimiter(name: str, delimiter: str) -> None:
    mail = f"{name}@corp.com"
    assert mail not in mask_personal_data(f"https://evil.example/a{delimiter}{mail}").replace(NOBODY, "")


def test_a_long_address_costs_no_more_than_its_length() -> None:
    url = "https://evil.example/?" + "&".join(f"k{number}=" + "a@" * 50 for number in range(2_000))
    assert mask_personal_data(url) == url
