"""Names of a brand as tokens, with their strength."""

from __future__ import annotations

import pytest

from detector.model import Brand
from detector.names.brand_tokens import NameStrength, brand_tokens, has_no_vowel, words_containing


@pytest.mark.parametrize(
    ("brand", "tokens"),
    [
        (
            Brand("paypal", "PayPal", names=("Pay-Pal",), domains=("paypal.com", "pp.example")),
            {"paypal": NameStrength.STRONG},
        ),
        (Brand("dhl", "DHL", domains=("dhl.com",)), {"dhl": NameStrength.MEDIUM}),
        (Brand("ing", "ING", domains=("ing.example",)), {"ing": NameStrength.WEAK}),
        (Brand("line", "LINE", domains=("line.me",)), {"line": NameStrength.WEAK}),
        (Brand("123", "123", domains=("one23.example",)), {"one23": NameStrength.STRONG}),
        (
            Brand("steam", "Steam", domains=("steampowered.com", "steamcommunity.com", "valve.example")),
            {"steam": NameStrength.WEAK, "steampowered": NameStrength.STRONG, "steamcommunity": NameStrength.STRONG},
        ),
        (Brand("rakuten", "\u697d\u5929\u5e02"), {"\u697d\u5929\u5e02": NameStrength.STRONG}),
    ],
    ids=lambda value: value.id if isinstance(value, Brand) else "",
)
def test_tokens_of_names_and_domains(brand: Brand, tokens: dict[str, NameStrength]) -> None:
    assert dict(brand_tokens(brand)) == tokens


def test_an_ambiguous_name_is_weak_where_it_is_written_as_the_word() -> None:
    assert dict(brand_tokens(Brand("chase", "chase", ambiguous=True)))["chase"] is NameStrength.WEAK


def test_words_that_contain_a_name() -> None:
    assert ("online", 2) in set(words_containing("line"))
    assert not set(words_containing("paypal"))


@pytest.mark.parametrize(("token", "expected"), [("dhl", True), ("ing", False), ("123", False), ("hsbc", False)])
def test_three_letters_without_a_vowel(token: str, expected: bool) -> None:
    assert has_no_vowel(token) is expected
