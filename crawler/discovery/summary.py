"""A Scrapy extension that prints the table of sources at the end of ``scrapy crawl``."""

from __future__ import annotations

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.discovery.source_tally import tally_table
from crawler.runtime.terminal import Console


class SummaryExtension:
    """Print the counts of each source to standard error when a spider ends, unless ``CLONEWATCH_SUMMARY`` is off."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the extension, as Scrapy does.

        Raises:
            NotConfigured: ``CLONEWATCH_SUMMARY`` is off.
        """
        if not crawler.settings.getbool("CLONEWATCH_SUMMARY"):
            raise NotConfigured
        extension = cls()
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_closed(self, spider: Spider) -> None:
        """Print the table of a discovery spider; other spiders have none."""
        tally = getattr(spider, "tally", None)
        if tally is not None:
            Console(stderr=True).print(tally_table(tally))
