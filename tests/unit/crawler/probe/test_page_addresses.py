"""Addresses that a front page names."""

from __future__ import annotations

import pytest

from crawler.probe.page_addresses import icon_address, joined

PAGE = "https://a.example/deep/page"


@pytest.mark.parametrize(
    ("body", "address"),
    [
        (b"<p>", "https://a.example/favicon.ico"),
        (b"<link rel=icon href=i.png>", "https://a.example/deep/i.png"),
        (b"<link rel='shortcut icon' href='//b.example/i.png'>", "https://b.example/i.png"),
        (b'<link rel="icon" href="i.svg"><link rel="apple-touch-icon" href="/t.png">', "https://a.example/t.png"),
        (b'<link rel="icon" href="data:image/png;base64,x">', "data:image/png;base64,x"),
        (b'<link rel="icon" href="javascript:x">', "https://a.example/favicon.ico"),
    ],
)
def test_the_icon_of_a_page(body: bytes, address: str) -> None:
    assert icon_address(body, PAGE) == address


@pytest.mark.parametrize("place", ["ftp://b.example/", "data:,x", "http://", "http://b:99999/", "/" + "x" * 4000])
def test_what_is_no_web_address(place: str) -> None:
    assert joined(PAGE, place) is None
