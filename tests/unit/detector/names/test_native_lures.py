"""Lure words in the alphabets of their languages."""

from __future__ import annotations

import unicodedata

import pytest

from detector.hosts import ascii_host, fits_dns
from detector.names.lures import LURES, lures_of
from detector.names.native_lures import NATIVE_LURES, NATIVE_WORDS, alphabet_of, native_endings, native_words


def test_twelve_languages_and_more_have_words_that_dns_can_carry() -> None:
    assert len(NATIVE_WORDS) >= 12
    assert NATIVE_LURES <= LURES
    for word in NATIVE_LURES:
        assert unicodedata.is_normalized("NFC", word)
        assert word == word.lower()
        assert fits_dns(ascii_host(f"{word}.example"))


@pytest.mark.parametrize(
    ("label", "suffix", "word"),
    [
        ("морозко", "рф", "вход"),
        ("сонечко", "укр", "вхід"),
        ("さくら銀行", "jp", "ログイン"),
        ("星河", "中国", "登录"),
        ("נור", "co.il", "כניסה"),
    ],
)
def test_the_words_are_those_of_the_alphabet_and_the_ending(label: str, suffix: str, word: str) -> None:
    assert native_words(label, suffix)[0] == word
    assert native_endings(label) or alphabet_of(label) == "HEBREW"


def test_a_latin_label_has_none() -> None:
    assert not native_words("münchen", "de")
    assert not native_endings("paypal")
    assert alphabet_of("paypal-1") == ""


def test_they_are_found_in_labels() -> None:
    assert lures_of("морозко-вход") == {"вход"}
    assert lures_of("вход24онлайн") == {"вход", "онлайн"}
