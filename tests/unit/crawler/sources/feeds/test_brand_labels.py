"""Brand names as feeds spell them."""

from __future__ import annotations

import pytest

from crawler.sources.feeds.brand_labels import BrandLabels
from detector.brands import BrandLibrary
from detector.model import Brand

NAMES = BrandLabels(
    BrandLibrary(
        [
            Brand(
                id="american-express",
                name="American Express",
                names=("American Express", "Amex"),
                domains=("americanexpress.com",),
            ),
            Brand(id="amazon", name="Amazon", names=("Amazon", "アマゾン"), domains=("amazon.com",)),
            Brand(id="paypal", name="PayPal", names=("PayPal",), domains=("paypal.com",)),
        ]
    )
)


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("americanexpress", "american-express"),
        ("AMEX", "american-express"),
        ("PayPal, Inc.", "paypal"),
        ("PayPal Inc", "paypal"),
        ("amazon.com", "amazon"),
        ("Amazon (Japan)", "amazon"),
        ("アマゾン", "amazon"),
        ("Other", None),
        ("", None),
        ("a letter that mentions PayPal", None),
    ],
)
def test_find(text: str, brand: str | None) -> None:
    assert NAMES.find(text) == brand
