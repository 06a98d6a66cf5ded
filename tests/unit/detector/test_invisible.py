"""Words with characters that nobody sees, marks, frames and styles: how they read, and which of them are spoiled."""

from __future__ import annotations

import pytest

from detector.invisible import UNSEEN, as_read, is_spoiled

SPOILED = {
    "P\u034fayPal": "paypal",
    "P\ufe0eayPal": "paypal",
    "P\U000e0100ayPal": "paypal",
    "Pay\U000e0041Pal": "paypal",
    "Pay\u3164Pal": "paypal",
    "Pay\u200bPal": "paypal",
    "PayPa\u0332l\u0332": "paypal",
    "\U0001d40f\U0001d41a\U0001d432": "pay",
    "\u24c5\u24d0\u24e8": "pay",
    "\U0001f15f\U0001f150\U0001f168": "pay",
    "\U0001f1f5\U0001f1e6\U0001f1fe": "pay",
    "\u1d3e\u1d43\u02b8": "pay",
}
PLAIN = {
    "PayPal": "paypal",
    "Nestl\u00e9": "nestl\u00e9",
    "Citroe\u0308n": "citro\u00ebn",
    "Pay\u00adPal": "paypal",
    "\uff30\uff41\uff59\uff30\uff41\uff4c": "paypal",
    "\u0130stanbul": "istanbul",
    "Stra\u00dfe": "strasse",
}
"""Accents, hyphenation, and the full width of Japanese text."""


@pytest.mark.parametrize(("word", "read"), [*SPOILED.items(), *PLAIN.items()])
def test_a_word_is_read_as_a_person_reads_it(word: str, read: str) -> None:
    assert as_read(word) == read
    assert is_spoiled(word) is (word in SPOILED)


def test_letters_of_another_alphabet_in_a_name_spoil_it() -> None:
    assert is_spoiled("P\u0430yPal")


def test_what_is_not_drawn_is_nowhere_left() -> None:
    assert as_read("".join(UNSEEN)) == ""
    assert len(UNSEEN) > 4000
