"""Parsers of lists of URLs and names that others publish: bytes in, records out, every size bounded."""

from crawler.sources.feeds.feed_records import FORMATS, FeedReader
from crawler.sources.feeds.feed_shapes import FeedRecord

__all__ = ["FORMATS", "FeedReader", "FeedRecord"]
