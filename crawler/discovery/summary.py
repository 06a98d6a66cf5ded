"""The table at the end of ``scrapy crawl``."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.discovery.source_tally import tally_table


class SummaryExtension:
    """Prints what each source brought to standard error when a spider ends, unless ``CLONEWATCH_SUMMARY`` is off."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        if not crawler.settings.getbool("CLONEWATCH_SUMMARY"):
            raise NotConfigured
        extension = cls()
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_closed(self, spider: Spider) -> None:
        """Print the table of a discovery spider; others have none."""
        tally = getattr(spider, "tally", None)
        if tally is not None:
            Console(stderr=True).print(tally_table(tally))
