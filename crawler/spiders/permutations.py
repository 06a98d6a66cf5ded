"""Spider ``permutations``: lookalikes of the brands' domains that exist in DNS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from crawler.discovery.front_pages import addresses_of
from crawler.discovery.label_permutations import Lookalike
from crawler.discovery.lookalike_plan import NO_BRAND, SOURCE, plan_lookalikes
from crawler.discovery.lookalikes import lookalikes, main_domains
from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import FoundCandidate, SourceCheckpoint
from crawler.net.resolver import NameAnswer, NameChecker, NameState
from detector.model import Brand, Candidate
from detector.signals.signal import listed
from detector.store import SourceKey, text_key

PARKED_CEILING = 0.05
MOST_HOSTS = 3


class PermutationsSpider(DiscoverySpider):
    """Generate lookalike names, look them up in DNS, and report those that exist and were not reported before."""

    name = SOURCE

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        """Take the arguments of every source."""
        super().__init__(name, **arguments)
        self._zones: set[str] = set()
        self._given = 0

    async def discover(self) -> AsyncIterator[FoundCandidate | SourceCheckpoint]:
        """Yield a candidate for every live name; of a wildcard zone only the most dangerous name.

        Raises:
            SourceError: no resolver answers.
            ConfigError: ``discover.lookalike_brands`` names a brand that there is not.
        """
        config = self.workspace.config.discover
        checker = NameChecker(config.nameservers, seconds=config.dns_seconds, concurrency=config.dns_concurrency)
        tally = self.tally.of(self.name)
        plan = plan_lookalikes(self.workspace.config, self.workspace.library(), self.brand_ids)
        if not plan.brands:
            tally.note = NO_BRAND
        tally.planned = plan.most_names
        for brand in plan.brands:
            names = await asyncio.to_thread(lookalikes, brand, self.workspace.library(), config.max_names)
            by_domain = await self._unknown(names)
            tally.seen += len(names) - len(by_domain)
            tally.planned -= len(main_domains(brand)) * config.max_names - len(by_domain)
            alike: list[NameAnswer] = []
            async for answer in checker.check(by_domain):
                tally.tried += 1
                if answer.state is NameState.BROKEN:
                    tally.unresolved += 1
                elif answer.state is NameState.LIVE and answer.wildcard:
                    alike.append(answer)
                elif answer.state is NameState.LIVE:
                    for found in self._found(brand, by_domain[answer.name], answer):
                        self._given += 1
                        yield found
            for answer in sorted(alike, key=lambda answer: (-by_domain[answer.name].danger, answer.name)):
                if self._first_of(answer.wildcard):
                    for found in self._found(brand, by_domain[answer.name], answer):
                        self._given += 1
                        yield found
                    # the next run must not report the next name of the zone
                    yield SourceCheckpoint.of(self.name, _wildcard_key(answer.wildcard), "reported", self._given)
                else:
                    tally.wildcard += 1

    def _first_of(self, zone: str) -> bool:
        if zone in self._zones or self.workspace.store.sources.get(self.name, _wildcard_key(zone)) is not None:
            return False
        self._zones.add(zone)
        return True

    async def _unknown(self, names: list[Lookalike]) -> dict[str, Lookalike]:
        """Return names whose URL is not in the store, in the same order."""
        urls = {url: name.domain for name in names for url in self.urls(name.domain)}
        known = await asyncio.to_thread(self.workspace.store.backlog.known_urls, list(urls))
        skipped = {urls[url] for url in known}
        return {name.domain: name for name in names if name.domain not in skipped}

    def urls(self, domain: str) -> list[str]:
        """Return the URLs of a live name."""
        return addresses_of(domain, self.workspace.config.discover)

    def _found(self, brand: Brand, name: Lookalike, answer: NameAnswer) -> list[FoundCandidate]:
        reasons = [name.sentence, *_standing(answer)]
        if answer.wildcard:
            reasons.append(f"Every name under {answer.wildcard} has the same DNS answer; the others are left out.")
        if answer.parked:
            self.tally.of(self.name).parked += 1
            reasons.append(f"It is parked at {answer.parked}: low priority.")
        priority = PARKED_CEILING if answer.parked else round(0.3 + 0.5 * name.danger, 3)
        return [
            FoundCandidate(
                Candidate(url, source=self.name, brands=(brand.id,), priority=priority, reasons=tuple(reasons)),
                ceiling=PARKED_CEILING if answer.parked else 1.0,
            )
            for url in self.urls(name.domain)
        ]


def _standing(answer: NameAnswer) -> list[str]:
    """Return sentences on a live name's DNS records: alias, name servers, and mail servers."""
    said = []
    if answer.canonical and answer.canonical != answer.name:
        said.append(f"It is an alias of {answer.canonical}.")
    if answer.name_servers and not answer.parked:
        said.append(f"Its name servers are {listed(list(answer.name_servers[:MOST_HOSTS]))}.")
    if answer.mail:
        said.append(f"It receives mail at {listed(list(answer.mail[:MOST_HOSTS]))}.")
    return said


def _wildcard_key(zone: str) -> SourceKey[str]:
    """Key that a wildcard zone is kept under once a name of it was reported."""
    return text_key(f"wildcard {zone}")
