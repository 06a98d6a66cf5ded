"""Counts with their nouns, and text for terminals."""

from __future__ import annotations

import pytest

from detector.sentences import counted, printable, without_secrets


@pytest.mark.parametrize(
    ("count", "forms", "text"),
    [
        (0, ("page",), "0 pages"),
        (1, ("page",), "1 page"),
        (2, ("page",), "2 pages"),
        (1, ("page is", "pages are"), "1 page is"),
        (3, ("page is", "pages are"), "3 pages are"),
        (2, ("address", "addresses"), "2 addresses"),
    ],
)
def test_counted(count: int, forms: tuple[str, ...], text: str) -> None:
    assert counted(count, *forms) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 漢", "plain ä 漢"),
        ("a\x1b[31mb\r\nc", "a [31mb  c"),
        ("a\u202eb\u200bc", "a b c"),
        ("", ""),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_the_character_in_their_place_may_be_chosen() -> None:
    assert printable("a\x1bb", "?") == "a?b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no address: a=b@c#d?e=f", "no address: a=b@c#d?e=f"),
        ("https://feeds.example/list", "https://feeds.example/list"),
        ("https://u:word@feeds.example/list", "https://***@feeds.example/list"),
        ("socks5://u:w@rd@proxy.example:1080 fails", "socks5://***@proxy.example:1080 fails"),
        (
            "see http://a.example/?key=word&x=1, and http://b.example/?word",
            "see http://a.example/?key=***&x=*** and http://b.example/?***",
        ),
        ("https://a.example/?=word", "https://a.example/?=***"),
        ("https://a.example/#word", "https://a.example/#***"),
        ("https://a.example/@me/list?q=a?b#c", "https://a.example/@me/list?q=***#***"),
        ("imaps://me:word@mail.example/INBOX", "imaps://***@mail.example/INBOX"),
        ("'postgresql+psycopg://u:word@db/x'", "'postgresql+psycopg://***@db/x'"),
        ("http://u:word@[::1/list", "http://***@[::1/list"),
        ("https://a.example/?", "https://a.example/?"),
    ],
)
def test_addresses_without_their_secrets(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
