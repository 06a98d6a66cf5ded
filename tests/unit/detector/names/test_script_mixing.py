"""Labels that mix alphabets."""

from __future__ import annotations

import pytest

from detector.names.script_mixing import mixes_scripts


@pytest.mark.parametrize("label", ["pаypal", "tiкtoк", "ɴetflix", "αmazon", "ᏼank", "bɑnk"])
def test_letters_of_two_alphabets_that_look_alike_are_mixed(label: str) -> None:
    assert mixes_scripts(label)


@pytest.mark.parametrize(
    "label", ["paypal", "кракен", "straße", "søk", "münchen", "paypal登录", "ログインline", "łódź-2", "24-ключ"]
)
def test_one_alphabet_accents_and_east_asian_writing_are_not(label: str) -> None:
    assert not mixes_scripts(label)
