"""Probability of letter sequences: names that people chose, and random ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.names.letters import bits_per_letter, is_made_up


@pytest.mark.parametrize("text", ["fdagfdgdf", "ssq", "vbnorqp", "securityqwh", "x7k2q9wz"])
def test_what_a_script_or_a_fist_types_is_made_up(text: str) -> None:
    assert is_made_up(text)


@pytest.mark.parametrize(
    "text", ["garden", "berliner", "onlineshop", "matsuda", "krankenhaus", "verify", "2024", "", "xq"]
)
def test_words_and_what_is_too_short_are_not(text: str) -> None:
    assert not is_made_up(text)


def test_only_letters_count() -> None:
    assert bits_per_letter("gar-den24") == bits_per_letter("garden")
    assert bits_per_letter("123") == 0.0


@given(st.text())
def test_any_text_has_a_number(text: str) -> None:
    assert 0.0 <= bits_per_letter(text) < 16.0
