"""Which words beside a shared one make a name somebody else's."""

from __future__ import annotations

import pytest

from detector.brands import BrandLibrary
from detector.signals.mentions.mention_index import names_of
from detector.signals.mentions.shared_words import distinguishes, is_business, shared_words
from detector.signals.mentions.text_tokens import fold, tokens_of


@pytest.mark.parametrize("word", ["valley", "museum", "fiona", "parrot", "ayuntamiento", "bank", "école"])
def test_places_people_and_trades_do(word: str) -> None:
    assert distinguishes(word, shared_words()[("apple",)], frozenset())


@pytest.mark.parametrize(
    "word",
    ["support", "kundenservice", "verificación", "müşteri", "sicherheitszentrum", "iphone", "itunes", "france", "inc", "of", "2026",
     "помощь", "サポート", "x", "团队"],
)  # fmt: skip
def test_business_products_countries_and_other_scripts_do_not(word: str) -> None:
    assert not distinguishes(word, shared_words()[("apple",)], frozenset({"itunes"}))


def test_a_post_of_another_country_is_another_post() -> None:
    assert distinguishes("cuba", shared_words()[("correos",)], frozenset())
    assert not distinguishes("cuba", shared_words()[("santander",)], frozenset())


def test_business_is_known_by_its_stem() -> None:
    assert is_business("verification")
    assert not is_business("valley")


def test_every_shared_word_is_a_shipped_brands(shipped_library: BrandLibrary) -> None:
    names = {tuple(tokens_of(fold(name))) for brand in shipped_library for name in names_of(brand)}
    assert set(shared_words()) <= names, set(shared_words()) - names
