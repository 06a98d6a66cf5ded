"""Addresses that cannot be captured at all, and those that can be tried."""

from __future__ import annotations

import pytest

from crawler.capture.target import MAX_URL, url_problem


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("http://shop.example/\0x", "U+0000"),
        ("http://shop.example/\r\nX: y", "U+000D"),
        ("http://shop.example/" + "a" * MAX_URL, "characters"),
        ("shop.example/login", "no scheme"),
        ("ftp://shop.example/", "'ftp'"),
        ("file:///etc/passwd", "'file'"),
        ("javascript:alert(1)", "'javascript'"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http://shop.example:99999/", "malformed"),
        ("http://shop.example:0/", "port 0"),
        ("http://[::1/", "malformed"),
        ("http://shop .example/", "blank"),
        ("http://" + "a" * 64 + ".example/", "63"),
        ("http://" + ".".join(["abcdefgh"] * 30) + "/", "253"),
        ("http://xn--0000000000a.example/", "punycode"),
        ("http://xn--\u00e9.example/", "punycode"),
        ("http://shop.example/\ud800", "malformed"),
    ],
)
def test_the_sentence_says_what_is_wrong(url: str, part: str) -> None:
    assert part in str(url_problem(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/",
        "HTTP://SHOP.EXAMPLE:8080/a?b#c",
        "http://127.0.0.1/",
        "http://[2001:db8::1]:8080/",
        "http://user:password@shop.example/",
        "https://xn--pypl-53dc.example/",
        "https://\u0440\u0430ypal.example/",
        "http://2130706433/",
    ],
)
def test_everything_else_is_tried(url: str) -> None:
    assert url_problem(url) is None
