"""Weighs what a page unpacks: the guard sees bytes as they travel, and within TLS not even which answer they belong to.

``Network.dataReceived`` of the Chrome DevTools protocol tells the decoded size of every piece, so a small body that inflates
to gigabytes and a large one behind TLS are both cut off.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.pipe import DevToolsError, DevToolsSession
from crawler.net.guard import FailureKind, TrafficLedger

MAX_REQUESTS = 5000


class UnpackedBytes:
    """Counts decoded bytes of one page; ends its network once an answer or the page is over the ledger's limits."""

    def __init__(self, devtools: DevTools, ledger: TrafficLedger) -> None:
        self._devtools = devtools
        self._ledger = ledger
        self._total = 0
        self._answers: dict[str, int] = {}
        self._stopping: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Count from now on."""
        self.follow(self._devtools.session)
        limits = self._ledger.limits  # the buffers are the recorder's: it fetches bodies out of them
        await self._devtools.send(
            "Network.enable",
            {
                "maxTotalBufferSize": limits.total_bytes,
                "maxResourceBufferSize": limits.response_bytes,
                "maxPostDataSize": 65_536,
            },
        )

    def follow(self, session: DevToolsSession) -> None:
        """Count what another target receives too: a worker's bytes are its page's."""
        session.on("Network.dataReceived", self._on_data)

    async def close(self) -> None:
        """End the order to stop, if it is still under way."""
        if self._stopping is not None:
            self._stopping.cancel()
            await asyncio.gather(self._stopping, return_exceptions=True)

    def _on_data(self, event: dict[str, Any]) -> None:
        size, request, limits = int(event["dataLength"]), str(event["requestId"]), self._ledger.limits
        self._total += size
        if len(self._answers) < MAX_REQUESTS:
            self._answers[request] = self._answers.get(request, 0) + size
        if self._answers.get(request, 0) > limits.response_bytes:
            self._stop(f"an answer unpacks to more than {limits.response_bytes} bytes")
        elif self._total > limits.total_bytes:
            self._stop(f"the page unpacks to more than {limits.total_bytes} bytes")

    def _stop(self, sentence: str) -> None:
        if self._stopping is None:
            self._ledger.stop(FailureKind.OVERSIZE, sentence)
            self._stopping = asyncio.create_task(self._stop_loading())

    async def _stop_loading(self) -> None:
        with suppress(DevToolsError):
            await self._devtools.send("Page.stopLoading")
