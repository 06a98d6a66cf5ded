"""Spider ``recheck``: sites that were taken down, and addresses that showed nothing, captured again by a schedule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import Reopen
from detector.model import Candidate
from detector.sentences import counted
from detector.store import DueRecheck

TAKEN_DOWN, NOTHING = 0.7, 0.2
"""Priorities: high for a site that may be back, low for an address that showed nothing and mostly still does."""


class RecheckSpider(DiscoverySpider):
    """Return due addresses to the backlog."""

    name = "recheck"

    async def discover(self) -> AsyncIterator[Reopen]:
        """Yield all addresses that are due now."""
        due = await asyncio.to_thread(self.workspace.store.backlog.due_rechecks)
        chosen = set(self.brand_ids)
        cases = 0
        for each in due:
            if chosen and chosen.isdisjoint(each.brands):
                continue
            cases += each.case_id is not None
            yield Reopen(_candidate(each, self.name))
        self.tally.of(
            self.name
        ).note = f"of {counted(cases, 'case')} and {counted(len(due) - cases, 'address', 'addresses')}"


def _candidate(due: DueRecheck, source: str) -> Candidate:
    days = counted(due.days, "day")
    if due.case_id is not None:
        standing = due.shown.replace("_", " ")
        reason = f"Case {due.case_id} has been {standing} for {days}: check whether the site is gone."
        return Candidate(due.url, source=source, brands=due.brands, priority=TAKEN_DOWN, reasons=(reason,))
    reason = f"Its last capture, {days} ago, ended as {due.shown}: check whether there is a page now."
    return Candidate(due.url, source=source, priority=NOTHING, reasons=(reason,))
