"""Sightings of letters in ordinary names, and their places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.names.ordinary_names import (
    is_in_longer_word,
    is_ordinary_word,
    run_hashes,
    sightings,
    stands_alone,
    stands_first,
)


@pytest.mark.parametrize(
    ("often", "seldom"), [("online", "netflix"), ("cloud", "icloud"), ("-shop-", "-paypal-"), ("tion", "xqzv")]
)
def test_words_are_seen_more_often_than_names(often: str, seldom: str) -> None:
    assert sightings(often) > 2 * sightings(seldom)


def test_what_no_name_holds_is_not_seen_however_long_it_is() -> None:
    assert sightings("xqzvkw") == sightings("münchen") == sightings("xqzvkw" * 20) == 0.0
    assert sightings("bankofamericanflags") <= sightings("bankofameric")


@pytest.mark.parametrize("name", ["google", "netflix", "paypal", "unheardofname"])
def test_names_stand_first(name: str) -> None:
    assert stands_first(name)


@pytest.mark.parametrize("chance", ["icloud", "tonline", "ymail", "tmobile", "inggroup"])
def test_chance_meetings_of_two_words_do_not(chance: str) -> None:
    assert not stands_first(chance)


def test_the_beginning_of_another_word_is_no_word() -> None:
    assert is_ordinary_word("mining")
    assert is_ordinary_word("tender")
    assert not is_ordinary_word("googl")
    assert not is_ordinary_word("xqzv")
    assert stands_alone("casino")
    assert not stands_alone("tion")


@pytest.mark.parametrize(
    ("text", "name", "longer"),
    [
        ("revolutionparts", "revolut", True),
        ("intuitively", "intuit", True),
        ("amazonas", "amazon", True),
        ("amazonite", "amazon", True),
        ("netflixinyourtown", "netflix", False),
        ("paypalapp", "paypal", False),
        ("googlepay", "google", False),
    ],
)
def test_a_name_in_a_longer_word(text: str, name: str, longer: bool) -> None:
    assert is_in_longer_word(text, 0, 0, len(name), len(text)) is longer


@given(st.integers(min_value=1, max_value=2**64 - 1))
def test_one_hash_whether_counted_or_looked_up(code: int) -> None:
    assert int(run_hashes(np.array([code], np.uint64))[0]) == run_hashes(code)


@given(st.text())
def test_any_text_has_a_number(text: str) -> None:
    assert sightings(text) >= 0.0
