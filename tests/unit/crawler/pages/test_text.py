"""Text of hostile pages that can be stored."""

from __future__ import annotations

from crawler.pages.text import clean


def test_text_is_freed_of_nul_and_lone_surrogates() -> None:
    assert clean("a\0b\ud800c\U0001f600") == "ab\ufffdc\U0001f600"
