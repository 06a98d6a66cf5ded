"""Accounts in paths and queries."""

from __future__ import annotations

import pytest

from detector.hosters.path_patterns import LONGEST, PathPattern, segments_of, starts_with


@pytest.mark.parametrize(
    ("pattern", "path", "query", "account"),
    [
        ("/{}", "/anna/x", "", "anna"),
        ("/{}", "/", "", ""),
        ("/view/{}", "/VIEW/anna/home", "", "VIEW/anna"),
        ("/view/{}", "/view", "", ""),
        ("/a/*/{}", "/a/corp.example/site/x", "", "a/corp.example/site"),
        ("/~{}", "/~anna/", "", "~anna"),
        ("/~{}", "/~/", "", ""),
        ("/~{}", "/%7Eanna/", "", "~anna"),
        ("/p?id={}", "/p", "x=1&ID=a%2Fb", "p?id=a/b"),
        ("/p?id={}", "/p", "", ""),
        ("/p?id={}", "/p/deeper", "id=1", ""),
        ("/?cid={}", "/", "cid=7", "?cid=7"),
        ("/:*/{}", "/:w:/s!abc", "", ":w:/s!abc"),
        ("/forms/d/e/{}", "/forms/u/12/d/e/x", "", "forms/d/e/x"),
        ("/{}", "//anna//x", "", "anna"),
        ("/{}", "/an na\x00\n", "", "an%20na%00%0A"),
    ],
)
def test_account(pattern: str, path: str, query: str, account: str) -> None:
    """Find the part that names the account."""
    assert PathPattern.parse(pattern).account(segments_of(path), query) == account


def test_what_is_long_is_cut() -> None:
    """Bound what becomes part of a case's name."""
    assert len(segments_of("/" + "a" * 5000)[0]) == LONGEST
    assert len(segments_of("/a" * 5000)) < 50
    assert len(PathPattern.parse("/?q={}").account((), "q=" + "a" * 3000)) == LONGEST + len("?q=")


def test_starts() -> None:
    """Compare whole segments."""
    assert starts_with(("Login", "x"), "/login")
    assert not starts_with(("login2",), "/login")
