"""Contract tests for spiders that other packages add as sources of candidates.

A package whose spiders are listed in Scrapy's ``SPIDER_MODULES`` runs the same tests as the built-in ones::

    from crawler.testing import SpiderContract

    class TestMySpider(SpiderContract):
        spider = MySpider

pytest collects the inherited tests.  Nothing here opens a connection: no source is read.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import ClassVar

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from crawler.discovery.spider import DiscoverySpider
from detector.config import Config
from detector.errors import UsageError
from detector.workspace import Workspace


def crawler_of(spider: type[DiscoverySpider]) -> Crawler:
    """Return a Scrapy crawler with the project's settings, which has not started."""
    settings = Settings()
    settings.setmodule("crawler.settings")
    return Crawler(spider, settings)


class SpiderContract:
    """Tests that every source of candidates passes; subclass it and name the spider's class."""

    spider: ClassVar[type[DiscoverySpider]]

    def test_its_name_can_stand_in_tables_and_on_a_command_line(self) -> None:
        """Candidates, checkpoints and remarks are stored under the name."""
        assert self.spider.name.isidentifier()
        assert self.spider.name == self.spider.name.lower()

    def test_its_candidates_come_from_an_asynchronous_generator(self) -> None:
        """The base class waits between two candidates while the store is busy."""
        assert inspect.isasyncgenfunction(self.spider.discover)

    def test_it_says_whether_the_configuration_gives_it_something_to_read(self) -> None:
        """A run of all sources leaves out those that have nothing to read."""
        assert isinstance(self.spider.configured(Config()), bool)

    def test_it_opens_with_a_workspace_that_stays_open(self, tmp_path: Path) -> None:
        """The caller that passes a workspace closes it, after the last candidate is stored."""
        with Workspace.open(tmp_path) as workspace:
            made = self.spider.from_crawler(crawler_of(self.spider), workspace=workspace)
            assert made.workspace is workspace
            assert [tally.source for tally in made.tally] == [made.name]
            assert workspace.store.counts()["due"] == 0

    def test_an_unknown_brand_is_refused_before_anything_is_read(self, tmp_path: Path) -> None:
        """A mistyped brand must not look like a run that found nothing."""
        with Workspace.open(tmp_path) as workspace, pytest.raises(UsageError, match="no-such-brand"):
            self.spider.from_crawler(crawler_of(self.spider), workspace=workspace, brand="no-such-brand")
