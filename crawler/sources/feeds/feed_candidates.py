"""Candidates made of a feed's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.sources.feeds import FeedRecord
from crawler.sources.feeds.brand_labels import BrandLabels
from detector.model import Candidate

LISTED, LISTED_WITH_BRAND = 0.3, 0.5
"""Priorities of what a feed lists, before the name is looked at."""


def as_candidates(records: Iterable[FeedRecord], source: str, feed: str, names: BrandLabels) -> Iterator[Candidate]:
    """Make a candidate of each record; ``names`` finds the brand that a record says it impersonates."""
    for record in records:
        brand = names.find(record.brand)
        reasons = [f"The feed {feed} lists it."]
        if record.brand:
            reasons.append(f"The feed says that it impersonates {record.brand[:80]}.")
        yield Candidate(
            record.url,
            source=source,
            brands=(brand,) if brand else (),
            priority=LISTED_WITH_BRAND if brand else LISTED,
            reasons=tuple(reasons),
        )
