"""Defanged URLs: written so that nobody opens them by accident."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.present.defang import defang

LINKS = st.text(alphabet="htpsHTPSx:/.[]@1?#\\%a \t", max_size=60)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a.php", "hxxps://example[.]com/a.php"),
        ("HTTP://Example.com:8080", "hxxp://Example[.]com:8080"),
        ("https://user:pw@evil.co.uk/", "hxxps://user:pw[@]evil[.]co[.]uk/"),
        ("http://[2001:db8::1]:80/", "hxxp://[2001[:]db8[:][:]1]:80/"),
        ("https://a.example/?next=https://b.example/", "hxxps://a[.]example/?next=hxxps://b.example/"),
        ("https://a.example/r/http%3A%2F%2Fb.example", "hxxps://a[.]example/r/hxxp%3A%2F%2Fb.example"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("mailto:drop@evil.example", "mailto[:]drop[@]evil[.]example"),
        ("ftp://files.example/x", "fxp://files[.]example/x"),
        ("gopher://old.example/x.y", "gopher[:]//old[.]example/x.y"),
        ("//evil.example/x", "//evil[.]example/x"),
        ("evil.example:8443/x", "evil[.]example:8443/x"),
        ("https:\\\\evil.example", "hxxps:\\\\evil[.]example"),
        ("ht\ntps://evil\t.example/", "hxxps://evil[.]example/"),
        ("http://evil。example/", "hxxp://evil[。]example/"),
        ("", ""),
        ("http://[broken", "hxxp://[broken"),
    ],
)
def test_known_shapes(url: str, shown: str) -> None:
    assert defang(url) == shown


@given(st.one_of(st.text(), LINKS))
def test_twice_is_once_and_nothing_stays_clickable(url: str) -> None:
    shown = defang(url)
    assert defang(shown) == shown
    assert not re.search(r"https?(?=:)", shown, re.IGNORECASE)
