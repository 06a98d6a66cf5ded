"""Limit the decoded bytes of a page.

The guard sees compressed bytes only, and within TLS not even which answer they belong to.  The browser tells the decoded size
of every piece, so a small body that inflates to gigabytes and a large one behind TLS are both cut off.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError
from crawler.capture.events.network_events import DataReceived, NetworkEvent, RequestSent
from crawler.net.guard import Failure, FailureKind, TrafficLedger, endpoint

MAX_REQUESTS = 5000


class UnpackedBytes:
    """Counts the decoded bytes of one page and its workers, and stops its network once a limit of the ledger is passed."""

    def __init__(self, devtools: DevTools, ledger: TrafficLedger) -> None:
        self._devtools = devtools
        self._ledger = ledger
        self._total = 0
        self._answers: dict[str, int] = {}
        self._documents: dict[str, str] = {}
        """Addresses of the documents of page and frames, by request."""
        self._stopping: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Cancel the command to stop loading, if it is still under way."""
        if self._stopping is not None:
            self._stopping.cancel()
            await asyncio.gather(self._stopping, return_exceptions=True)

    def on_network_event(self, event: NetworkEvent) -> None:
        """Count a piece of a body, of the page or one of its workers."""
        if isinstance(event, RequestSent) and event.kind == "Document" and len(self._documents) < MAX_REQUESTS:
            self._documents[event.id] = event.url
        if not isinstance(event, DataReceived):
            return
        limits = self._ledger.limits
        self._total += event.size
        if len(self._answers) < MAX_REQUESTS:
            self._answers[event.id] = self._answers.get(event.id, 0) + event.size
        if self._answers.get(event.id, 0) > limits.response_bytes:
            self._stop(f"an answer unpacks to more than {limits.response_bytes} bytes", self._documents.get(event.id))
        elif self._total > limits.total_bytes:
            self._stop(f"the page unpacks to more than {limits.total_bytes} bytes")

    def _stop(self, sentence: str, document: str | None = None) -> None:
        """Stop the page; ``document``: the address of the document that is cut by it, whose rest nobody knows."""
        if self._stopping is None:
            where = endpoint(document) if document else None
            if document and where is not None:
                self._ledger.record_failure(Failure(FailureKind.OVERSIZE, sentence), *where, document)
            self._ledger.stop(FailureKind.OVERSIZE, sentence)
            self._stopping = asyncio.create_task(self._stop_loading())

    async def _stop_loading(self) -> None:
        with suppress(DevToolsError):
            await self._devtools.send("Page.stopLoading")
