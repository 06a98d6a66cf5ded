"""Everything that went over the wire during one capture, held in memory until it is known whether anybody needs it."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.devtools import DevTools
from crawler.guard import Ledger
from detector.evidence import Evidence
from detector.model import Bundle


@dataclass(frozen=True, slots=True)
class Recording:
    """What a recorder brought home; bounded by the capture's limits on bytes and requests."""

    def store(self, evidence: Evidence) -> Bundle:
        """Write document, WARC, HAR and certificates.

        Raises:
            EvidenceError: they could not be stored.
        """
        return Bundle()


class Recorder:
    """Listens to one page's traffic."""

    def __init__(self, devtools: DevTools, ledger: Ledger) -> None:
        self._devtools = devtools
        self._ledger = ledger

    async def listen(self) -> None:
        """Begin; before the first navigation."""

    async def finish(self) -> Recording:
        """Fetch what is still only in the browser, while the page lives."""
        return Recording()

    async def close(self) -> None:
        """Let go of the page."""
