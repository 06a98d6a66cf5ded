"""Heads of our own requests: each part stays in its line."""

from __future__ import annotations

import pytest

from crawler.net.guard import FailureError, FailureKind
from crawler.net.guard.request_head import host_header, referrer, request_head, request_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a.example", "/"),
        ("http://a.example?q", "/?q"),
        ("http://a.example/a b?c d#e", "/a%20b?c%20d"),
        ("http://a.example/a\r\nMAIL FROM:<x>\r\n", "/aMAIL%20FROM:<x>"),
        ("http://a.example/%0d%0a%zz", "/%0d%0a%zz"),
        ("http://a.example/\u20ac\xe9\x85\u2028", "/%E2%82%AC%C3%A9%C2%85%E2%80%A8"),
        ("http://a.example/\0\x0b\x7f", "/%00%0B%7F"),
        ("http://a.example/\ud83d", "/%EF%BF%BD"),
    ],
)
def test_the_target_is_one_word(url: str, target: str) -> None:
    assert request_target(url) == target


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://me:secret@A.example:8443/x#y", "https://a.example:8443/x"),
        ("http://b\xfccher.example/\r\nX: y", "http://xn--bcher-kva.example/X:%20y"),
        ("http://[2001:db8::1]:81/", "http://[2001:db8::1]:81/"),
    ],
)
def test_a_referrer_is_written_as_browsers_write_it(url: str, said: str) -> None:
    assert referrer(url) == said


@pytest.mark.parametrize(
    "url", ["http://a b/", "http://a\x0bb/", "http://a\x7f/", "http://<a>/", "http://\ufffd/", "data:,x"]
)
def test_a_host_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(FailureError, match="cannot be written as a host name") as caught:
        host_header(url)
    assert caught.value.failure.kind is FailureKind.GUARD


@pytest.mark.parametrize("name", ["Referer", "Cookie", "User-Agent", "Accept"])
@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nX: y", "a\rX", "a\0", "a\x0b", "a\x7f", "\u20ac"])
def test_a_value_that_would_leave_its_line_is_refused(name: str, value: str) -> None:
    with pytest.raises(FailureError, match=r"holds U\+"):
        request_head("/", "a.example", ((name, value),))


@pytest.mark.parametrize("name", ["", "X Y", "X:", "X\r\nY", "\xe9"])
def test_a_name_that_is_no_header_is_refused(name: str) -> None:
    with pytest.raises(FailureError, match="holds the header"):
        request_head("/", "a.example", ((name, "x"),))


def test_host_and_target_cannot_leave_their_lines_either() -> None:
    assert request_head("/ HTTP/1.1\r\nX: y", "a", ()) == b"GET /%20HTTP/1.1%0D%0AX:%20y HTTP/1.1\r\nHost: a\r\n\r\n"
    with pytest.raises(FailureError, match=r"holds U\+000D"):
        request_head("/", "a\r\nX: y", ())
