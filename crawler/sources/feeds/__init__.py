"""Lists of suspicious URLs as others publish them: bytes in, records out, every size bounded."""

from crawler.sources.feeds.feed_records import FORMATS, FeedReader, Record

__all__ = ["FORMATS", "FeedReader", "Record"]
