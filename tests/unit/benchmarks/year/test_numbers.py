"""Telephone numbers of the year: valid by each land's plan, none twice, and found by the detector as they are printed."""

from __future__ import annotations

import phonenumbers
import pytest

from benchmarks.year.numbers import LANDS, number


@pytest.mark.parametrize("land", LANDS)
def test_numbers_of_a_land_are_valid_there(land: str) -> None:
    for index in range(0, 100_000, 97):
        made = number(land, index)
        assert made.e164 == phonenumbers.format_number(
            phonenumbers.parse(made.shown, land), phonenumbers.PhoneNumberFormat.E164
        )
        assert phonenumbers.is_valid_number(phonenumbers.parse(made.e164)), made


def test_no_number_comes_twice() -> None:
    made = [number(land, index).e164 for land in LANDS for index in range(20_000)]
    assert len(set(made)) == len(made)
