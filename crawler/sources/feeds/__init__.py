"""Parsers of lists of URLs and names that others publish: bytes in, records out, every size bounded."""

from crawler.sources.feeds.feed_record import FeedRecord
from crawler.sources.feeds.feed_records import FORMATS, FeedReader

__all__ = ["FORMATS", "FeedReader", "FeedRecord"]
