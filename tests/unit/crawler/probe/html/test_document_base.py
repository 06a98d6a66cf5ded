"""Addresses resolved against a document's base."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest

from crawler.probe.html.document_base import MOST_ADDRESS, DocumentBase


@pytest.mark.parametrize(
    "base",
    ["https://a.example/start/x.html", "https://a.example", "http://a.example:81/p/?q=/x", "https://a.example/a/b/"],
)
def test_addresses_are_those_that_a_browser_resolves(base: str) -> None:
    """RFC 3986, section 5.2; most addresses take a shorter way than the library's."""
    written = (
        "a.css", "/a.css", "a/b/c.js?v=1", "#top", "?q=1", "..", "../x", "./y", "/", "//cdn.example/x", "a/../b", "http://b.example/x",
        "https://b.example", "a/.hidden", "/a//b", "x y", "a.b/../c", "/..", "/.", "a/./b", ".", "/a/#x", "%20x", "a?b#c/../d",
    )  # fmt: skip
    resolved = [DocumentBase(base).absolute(address) for address in written]
    assert resolved == [urljoin(base, address) for address in written]


@pytest.mark.parametrize("address", [None, "", "//[", "http://[::1"])
def test_no_address_and_a_malformed_one_are_empty(address: str | None) -> None:
    assert DocumentBase("https://a.example/").absolute(address) == ""


def test_a_long_address_is_cut() -> None:
    assert len(DocumentBase("https://a.example/").absolute("../" + "x" * 3000)) == MOST_ADDRESS


def test_another_base_counts_from_then_on() -> None:
    base = DocumentBase("https://a.example/start/")
    base.change_to("https://b.example/app/")
    assert (base.absolute("x"), base.absolute("/x")) == ("https://b.example/app/x", "https://b.example/x")
