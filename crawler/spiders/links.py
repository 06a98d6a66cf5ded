"""Spider ``links``: neighbours of flagged pages, by redirects, targets of forms, links, certificate and server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from crawler.discovery.neighbours import MOST_SHARING, leads_of
from crawler.discovery.spider import DiscoverySpider
from crawler.discovery.spider_items import SourceCheckpoint
from crawler.sources.ct.log_entries import names_of
from detector.clock import is_ahead
from detector.errors import EvidenceError
from detector.model import Candidate, Capture, Decision, utcnow
from detector.sentences import counted
from detector.store import time_key

UNTIL = time_key("until")
PEM_END = "-----END CERTIFICATE-----"
OVERLAP = timedelta(hours=1)
"""Time by which runs overlap: captures are stored some time after they began, and not always in that order."""


class LinksSpider(DiscoverySpider):
    """Read the captures that were flagged since the last run."""

    name = "links"

    async def discover(self) -> AsyncIterator[Candidate | SourceCheckpoint]:
        """Yield candidates from each flagged capture."""
        store = self.workspace.store
        known, now = await asyncio.to_thread(store.sources.get, self.name, UNTIL), utcnow()
        if known is not None and is_ahead(known, now):
            self.logger.warning("the clock was ahead when captures were last read; all are read again")
            known = None
        since = known - OVERLAP if known else None
        newest = known or datetime.fromtimestamp(0, UTC)
        brands = set(self.brand_ids) or None
        given = pages = 0
        for _, capture, verdict in store.captures.stream(decisions={Decision.FLAGGED}, brands=brands, since=since):
            pages += 1
            if not is_ahead(capture.started, now):
                newest = max(newest, capture.started)
            names = await asyncio.to_thread(self._certified, capture)
            sharing = await asyncio.to_thread(self._sharing, capture)
            for lead in leads_of(capture, verdict, self.triage, names, sharing):
                given += 1
                yield Candidate(
                    lead.url, source=self.name, brands=lead.brands, priority=lead.priority, reasons=(lead.reason,)
                )
            await asyncio.sleep(0)
        self.tally.of(self.name).note = counted(pages, "flagged capture read", "flagged captures read")
        if pages and not self.brand_ids:
            yield SourceCheckpoint.of(self.name, UNTIL, newest, given)

    def _sharing(self, capture: Capture) -> list[str]:
        """Return URLs that probes saw at the same IP address; none where a proxy hid the address."""
        return self.workspace.store.probes.at(capture.address, MOST_SHARING + 1) if capture.address else []

    def _certified(self, capture: Capture) -> tuple[str, ...]:
        """Return the names on the certificate of the page's own host; none where it was not kept, or is gone."""
        kept = capture.bundle.certificates if capture.bundle else None
        if kept is None:
            return ()
        try:
            first, end, _ = self.workspace.evidence.get(kept).decode("ascii", "replace").partition(PEM_END)
            return names_of(ssl.PEM_cert_to_DER_cert(first.strip() + "\n" + end))
        except (EvidenceError, ValueError) as error:
            self.logger.warning("the certificate of %s cannot be read (%s)", capture.url, error)
            return ()
