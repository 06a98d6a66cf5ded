"""Normalised spelling of URLs."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.urls import BadUrl, normalise, refang
from detector.hosts import host_of
from detector.present.defang import defang


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("EXAMPLE.com", "http://example.com/"),
        ("hxxps[:]//evil[.]example/a/../b?x=1#f", "https://evil.example/b?x=1"),
        ("https[://]evil.example/a[:]b", "https://evil.example/a[:]b"),
        ("http://evil.example/?next=https[:]//a.example/", "http://evil.example/?next=https[:]//a.example/"),
        ("evil.example[:]8080/", "http://evil.example:8080/"),
        ("hXXp://evil(dot)example[.]com/hxxp://x", "http://evil.example.com/hxxp://x"),
        ("http://user:pw@Ex.com:80/%2e%2e/a/./", "http://ex.com/a/"),
        ("https://x.com:443", "https://x.com/"),
        ("https://x.com:8443/", "https://x.com:8443/"),
        ("host.example:8080/x", "http://host.example:8080/x"),
        ("//x.com/b", "http://x.com/b"),
        ("http://x.com\\@evil.com/", "http://x.com/@evil.com/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://пример.рф/ы?q=ы", "http://xn--e1afmkfd.xn--p1ai/%D1%8B?q=%D1%8B"),
        ("http://☃.com", "http://xn--n3h.com/"),
        ("http://a_b.example.", "http://a_b.example/"),
        (' <"http://x.com/ab c"> ', "http://x.com/ab%20c"),
        ("http://%65vil.com/", "http://evil.com/"),
        ("http://x.com/?", "http://x.com/"),
        ("http://hello", "http://hello/"),
    ],
)
def test_normalise(written: str, url: str) -> None:
    assert normalise(written) == url
    assert normalise(url) == url


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        ("hello", "names no host"),
        ("http://", "names no host"),
        ("ftp://x.com/", "scheme 'ftp'"),
        ("javascript:alert(1)", "scheme 'javascript'"),
        ("mailto:a@b.c", "scheme 'mailto'"),
        ("http://a\x00b.com/", "control character U+0000"),
        ("http://x.com/a\x85b", "control character U+0085"),
        ("http://a..b/", "is not a host name"),
        ("http://-a.com/", "is not a host name"),
        ("http://x.com:99999/", "is not a port"),
        ("http://x.com:8a/", "is not a port"),
        ("http://1.2.3.4.5/", "is not an IPv4 address"),
        ("http://[::1/", "is not a host"),
        ("http://[fe80::1%eth0]/", "is not a host"),
        ("http://[zz]/", "is not an IPv6 address"),
        ("http://" + "a" * 64 + ".com/", "is not a host name"),
        ("http://x.com/" + "a" * 9000, "longer than"),
    ],
)
def test_what_is_no_url_says_why(written: str, reason: str) -> None:
    with pytest.raises(BadUrl) as caught:
        normalise(written)
    assert reason in str(caught.value)


def test_refang_undoes_defang() -> None:
    for url in ("https://evil.example/a", "http://user@evil.example:8080/x?y=z", "http://192.0.2.1/"):
        assert refang(defang(url)) == url


@given(st.text(max_size=200))
def test_any_text_gives_a_stable_url_or_a_reason(text: str) -> None:
    with contextlib.suppress(BadUrl):
        url = normalise(text)
        assert normalise(url) == url
        assert url.isascii()
        assert host_of(url)
