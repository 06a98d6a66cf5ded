"""The canonical spelling: what selects a page stays, everything else has one form."""

from __future__ import annotations

import pytest

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.canonical import canonical


@pytest.mark.parametrize(
    ("rest", "url"),
    [
        ("a.example/x/../y/./z/..", "https://a.example/y/"),
        ("a.example:443?q=\u00e4#\u00e4", "https://a.example/?q=%C3%A4#%C3%A4"),
        ("a.example/#", "https://a.example/"), ("a.example/#Top", "https://a.example/"),
        ("a.example/#topic", "https://a.example/#topic"), ("a.example/#:~:text=x", "https://a.example/"),
        ("bank.example:x@a.example/", "https://bank.example:x@a.example/"), (":@a.example", "https://a.example/"),
        ("b c@a.example/b c", "https://b%20c@a.example/b%20c"),
    ],
)  # fmt: skip
def test_one_form(rest: str, url: str) -> None:
    assert canonical("https", rest) == url


def test_other_schemes_are_refused() -> None:
    with pytest.raises(BadUrl, match="scheme 'ftp'"):
        canonical("ftp", "a.example")
