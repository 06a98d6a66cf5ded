"""User names in addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.names.user_info import LONGEST, user_info, words_of


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("https://bank.example@evil.example/", "bank.example"),
        ("https://BANK.example:secret@evil.example/", "bank.example:secret"),
        ("hxxps://bank[.]example[@]evil[.]example/", "bank.example"),
        ("https:\\\\bank.example@evil.example", "bank.example"),
        ("//bank.example@evil.example", "bank.example"),
        ("bank.example@evil.example", "bank.example"),
        ("https://bank.example%252Fsignin@evil.example", "bank.example/signin"),
        ("https://evil.example/@bank.example", ""),
        ("https://evil.example/?to=jane@bank.example", ""),
        ("https://evil.example#@bank.example", ""),
        ("https://@evil.example/", ""),
        ("", ""),
    ],
)
def test_the_user_name_is_what_stands_before_the_host(url: str, user: str) -> None:
    assert user_info(url) == user


def test_words_are_spelled_as_hosts() -> None:
    assert words_of("www.bänk.example/signin&bänk") == ("www.xn--bnk-qla.example", "signin", "xn--bnk-qla")


@given(st.text(max_size=6000))
def test_any_text_is_read(text: str) -> None:
    assert len(user_info(text)) <= LONGEST
    assert all(words_of(text[:600]))
