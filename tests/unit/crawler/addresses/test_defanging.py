"""Marks of defanging are undone where they are marks, and left where they are parts of a path."""

from __future__ import annotations

import pytest

from crawler.addresses.bad_url import BadUrl
from crawler.addresses.defanging import Refanged, refang


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example/x[.]y", Refanged("https", "a.example/x[.]y", is_defanged=False)),
        ("hxxps://a[.]example/x[.]y", Refanged("https", "a.example/x.y", is_defanged=True)),
        ("a[.]example", Refanged("", "a.example", is_defanged=True)),
        ("a.example", Refanged("", "a.example", is_defanged=False)),
        ("ftp://a[.]example", Refanged("ftp", "a.example", is_defanged=True)),
        ("h[tt]p://a.example/[xx]", Refanged("http", "a.example/[xx]", is_defanged=True)),
        ("hxxp://hxxp:x[@]a[.]example/", Refanged("http", "http:x@a.example/", is_defanged=True)),
    ],
)
def test_scheme_and_rest(text: str, found: Refanged) -> None:
    assert refang(text) == found


def test_a_host_that_is_one_for_browsers_and_another_for_people_is_refused() -> None:
    with pytest.raises(BadUrl, match="backslash"):
        refang("https://bank.example\\.evil.example/")
