"""The contract of spiders, held by every built-in one and by one that comes by ``SPIDER_MODULES``, and failed by bad ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.discovery.spider import DiscoverySpider
from crawler.testing import SpiderContract
from detector.config import Config
from detector.model import Candidate

NAMES = [name for name in vars(SpiderContract) if name.startswith("test_")]


def spiders(*modules: str) -> dict[str, type[DiscoverySpider]]:
    """Return the spiders of modules by name, as Scrapy finds them."""
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": list(modules)}))
    return {name: loader.load(name) for name in loader.list()}  # type: ignore[misc]


BUILT_IN = spiders("crawler.spiders")


class TipsSpider(DiscoverySpider):
    """Yields one address: what a third party could add."""

    name = "tips"

    async def discover(self) -> AsyncIterator[Candidate]:
        """Yield the address."""
        yield Candidate("https://tip.example/", source=self.name, reasons=("Somebody called.",))


class Silent(TipsSpider):
    """Breaks the contract: no asynchronous generator."""

    def discover(self) -> Iterator[Candidate]:  # type: ignore[override]
        """Yield nothing, at once."""
        return iter(())


class Shouting(TipsSpider):
    """Breaks the contract: a name that no table takes."""

    name = "TIPS of the day"


class Undecided(TipsSpider):
    """Breaks the contract: it does not say whether it is configured."""

    @classmethod
    def configured(cls, config: Config) -> bool:
        """Say nothing."""
        return None  # type: ignore[return-value]


class Careless(TipsSpider):
    """Breaks the contract: it takes any brand."""

    def brands(self) -> list[object]:  # type: ignore[override]
        """Take whatever was asked for."""
        return []


def run(spider: type[DiscoverySpider], name: str, folder: Path) -> None:
    """Run one test of the contract on a spider."""
    contract = type("Contract", (SpiderContract,), {"spider": spider})()
    test = getattr(contract, name)
    test(folder) if "tmp_path" in test.__code__.co_varnames else test()


@pytest.mark.parametrize("spider", BUILT_IN.values(), ids=BUILT_IN)
def test_every_built_in_spider_keeps_the_contract(spider: type[DiscoverySpider], tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        run(spider, name, tmp_path / str(number))


def test_there_are_built_in_spiders() -> None:
    assert {"feeds", "ct_logs", "permutations", "probe"} <= BUILT_IN.keys()


class TestSpiderOfAnotherPackage(SpiderContract):
    """The code of a third party, word for word: the inherited tests are collected and run."""

    spider = TipsSpider


@pytest.mark.parametrize(
    ("spider", "found_by"),
    [
        (Silent, "test_its_candidates_come_from_an_asynchronous_generator"),
        (Shouting, "test_its_name_can_stand_in_tables_and_on_a_command_line"),
        (Undecided, "test_it_says_whether_the_configuration_gives_it_something_to_read"),
        (Careless, "test_an_unknown_brand_is_refused_before_anything_is_read"),
    ],
)
def test_a_spider_that_breaks_the_contract_fails(spider: type[DiscoverySpider], found_by: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(spider, found_by, tmp_path)
