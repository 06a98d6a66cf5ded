"""Counts with their nouns, and text for terminals."""

from __future__ import annotations

import pytest

from detector.sentences import counted, printable


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
