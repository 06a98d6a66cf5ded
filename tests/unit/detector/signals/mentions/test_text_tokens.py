"""Texts cut into folded tokens."""

from __future__ import annotations

import pytest

from detector.signals.mentions.text_tokens import fold, folded_words, tokens_of


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Sign in, now_or 2x!", ["Sign", "in", "now", "or", "2x"]),
        ("Gr\u00fc\u00dfe N\u200betflix", ["Gr\u00fc\u00dfe", "N\u200betflix"]),
        ("", []),
    ],
)
def test_runs_of_letters_and_digits(text: str, tokens: list[str]) -> None:
    assert tokens_of(text) == tokens


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ABC", "abc"), ("Stra\u00dfe", "strasse"), ("N\u200betflix", "netflix"), ("\uff30ay", "pay")],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_lookalike_letters_are_replaced_beside_what_is_written() -> None:
    text = "P\u0430yP\u0430l here"
    originals, words = folded_words(text, tokens_of(text))
    assert originals == ["p\u0430yp\u0430l", "here"]
    assert words == ["paypal", "here"]


def test_a_text_of_ascii_is_folded_once() -> None:
    originals, words = folded_words("Pay Pal", ["Pay", "Pal"])
    assert originals is words
    assert words == ["pay", "pal"]
