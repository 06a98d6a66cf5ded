"""Candidates made of a feed's records."""

from __future__ import annotations

from crawler.sources.feeds import FeedRecord
from crawler.sources.feeds.brand_labels import BrandLabels
from crawler.sources.feeds.feed_candidates import LISTED, LISTED_WITH_BRAND, as_candidates
from detector.brands import BrandLibrary
from detector.model import Brand

NAMES = BrandLabels(BrandLibrary([Brand("paypal", "PayPal", domains=("paypal.com",))]))


def test_a_known_brand_raises_the_priority_and_any_brand_is_a_reason() -> None:
    records = [
        FeedRecord("https://a.example/"),
        FeedRecord("https://b.example/", "PayPal, Inc."),
        FeedRecord("c", "?" * 90),
    ]
    found = list(as_candidates(iter(records), "feeds:list", "list", NAMES))
    assert [(one.url, one.brands, one.priority) for one in found] == [
        ("https://a.example/", (), LISTED),
        ("https://b.example/", ("paypal",), LISTED_WITH_BRAND),
        ("c", (), LISTED),
    ]
    assert {one.source for one in found} == {"feeds:list"}
    assert [one.reasons for one in found] == [
        ("The feed list lists it.",),
        ("The feed list lists it.", "The feed says that it impersonates PayPal, Inc.."),
        ("The feed list lists it.", f"The feed says that it impersonates {'?' * 80}."),
    ]
