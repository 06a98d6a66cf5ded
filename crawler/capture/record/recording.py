"""All network traffic of one capture, held in memory until it is known whether it is worth storing."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsError, DevToolsSession
from crawler.capture.record.certificate_chain import certificate_chain
from crawler.capture.record.document import serialised
from crawler.capture.record.exchange import HttpExchange
from crawler.capture.record.har import write_har
from crawler.capture.record.network_log import MAX_EXCHANGES, NetworkLog
from crawler.capture.record.warc import write_warc
from crawler.net.guard import TrafficLedger, endpoint
from crawler.pages.text import clean
from detector.evidence import Evidence
from detector.model import Bundle, utcnow
from detector.program import program_name

BODY_SECONDS = 3.0
"""A body that the browser does not hand over within this counts as truncated."""
FINISH_SECONDS = 2.5
"""Wait for the bodies that are still under way when the visit is over."""
FETCHES = 8
"""Bodies fetched at a time."""


@dataclass(frozen=True, slots=True)
class RecordingContext:
    """The visit that a recording belongs to, as its files describe it."""

    url: str = ""
    title: str = ""
    browser: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """The traffic of one visit; bounded by the capture's limits on bytes and requests."""

    about: RecordingContext = field(default_factory=RecordingContext)
    started: datetime = field(default_factory=utcnow)
    exchanges: tuple[HttpExchange, ...] = ()
    messages: tuple[tuple[str, str, str], ...] = ()
    document: bytes | None = None
    certificates: bytes | None = None

    def store(self, evidence: Evidence) -> Bundle:
        """Write document, WARC, HAR and certificates; compresses, so call it from a thread.

        Raises:
            EvidenceError: they could not be stored.
        """
        if not self.exchanges and self.document is None:
            return Bundle()
        about = self.about
        fields = {"software": program_name(), "format": "WARC File Format 1.1", "browser": about.browser}
        fields["description"] = f"one visit of {clean(about.url)} as {about.profile}"
        rendered = (about.url, self.document) if self.document is not None else None
        warc = write_warc(self.exchanges, about=fields, messages=self.messages, document=rendered)
        har = write_har(
            self.exchanges,
            title=about.title or about.url,
            started=self.started,
            browser=about.browser,
            program=program_name(),
        )
        return Bundle(
            dom=evidence.put(self.document, "text/html") if self.document is not None else None,
            warc=evidence.put(warc, "application/warc"),
            har=evidence.put(har, "application/json"),
            certificates=evidence.put(self.certificates, "application/x-pem-file") if self.certificates else None,
        )


class TrafficRecorder:
    """Records one page's traffic, and fetches bodies as soon as they are complete: a later document would drop them."""

    def __init__(self, devtools: DevTools, ledger: TrafficLedger) -> None:
        self._devtools = devtools
        self._ledger = ledger
        self.log = NetworkLog(
            on_request=self._on_request,
            on_document=self._on_document,
            on_data=self._on_data,
            on_finished=self._on_finished,
        )
        """Subscriber to the page's network events."""
        self._streams: dict[str, tuple[HttpExchange, bytearray]] = {}
        """The bytes of documents so far, by request: when a page navigates away at once, the browser drops its document."""
        self._workers: dict[DevToolsSession, DevTools] = {}
        self._holders: dict[str, DevTools] = {}
        """The worker that holds the body of a request, by the request's id; the page holds all others."""
        self._room = ledger.limits.total_bytes
        self._turns = asyncio.Semaphore(FETCHES)
        self._fetches: set[asyncio.Task[None]] = set()

    def _on_request(self, request: str, session: DevToolsSession) -> None:
        if session is self._devtools.session or len(self._holders) >= MAX_EXCHANGES:
            return
        if session not in self._workers:
            self._workers[session] = DevTools(session, "")
        self._holders[request] = self._workers[session]

    async def finish(self, about: RecordingContext) -> Recording:
        """Fetch what only the browser has, while the page lives, and return the whole recording."""
        document, chain, _ = await asyncio.gather(
            serialised(self._devtools), certificate_chain(self._devtools, about.url), self._fetched()
        )
        return replace(self.so_far(about), document=document, certificates=chain)

    def so_far(self, about: RecordingContext) -> Recording:
        """Return what has been recorded until now, also of a page that has died."""
        self.log.settle()
        for exchange, held in self._streams.values():
            if exchange.body is None and held:
                # there will be no more of it; only its end would tell whether it is complete
                self._keep(exchange, bytes(held))
                exchange.truncated = "" if exchange.complete else exchange.truncated or "unspecified"
        exchanges = tuple(self.log.exchanges)
        for exchange in exchanges:
            where = endpoint(exchange.url)
            exchange.address = self._ledger.address_of(*where) if where is not None else None
        started = exchanges[0].at if exchanges else utcnow()
        return Recording(about, started, exchanges, tuple(self.log.messages))

    async def close(self) -> None:
        """Cancel the fetches that are still under way."""
        for task in self._fetches:
            task.cancel()
        await asyncio.gather(*self._fetches, return_exceptions=True)

    async def _fetched(self) -> None:
        if self._fetches:
            await asyncio.wait(self._fetches, timeout=FINISH_SECONDS)

    def _on_document(self, request: str, exchange: HttpExchange) -> None:
        self._streams[request] = (exchange, bytearray())
        self._spawn(self._stream(request))

    def _on_data(self, request: str, data: str) -> None:
        _, held = self._streams.get(request, (None, bytearray()))
        if len(held) < self._ledger.limits.response_bytes:
            held += b64decode(data)

    async def _stream(self, request: str) -> None:
        with suppress(DevToolsError):
            answer = await self._devtools.send("Network.streamResourceContent", {"requestId": request}, seconds=2)
            self._streams[request][1][:0] = b64decode(str(answer["bufferedData"]))

    def _on_finished(self, request: str, exchange: HttpExchange) -> None:
        self._spawn(self._fetch(request, exchange))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._fetches.add(task)
        task.add_done_callback(self._fetches.discard)

    async def _fetch(self, request: str, exchange: HttpExchange) -> None:
        if exchange.status in (204, 205, 304) or exchange.method == "HEAD":
            return
        async with self._turns:
            if self._room <= 0:
                exchange.truncated = "length"
                return
            with suppress(DevToolsError):
                holder = self._holders.get(request, self._devtools)
                answer = await holder.send("Network.getResponseBody", {"requestId": request}, seconds=BODY_SECONDS)
                text = str(answer["body"])
                body = b64decode(text) if answer.get("base64Encoded") else text.encode("utf-8", "surrogatepass")
                self._keep(exchange, body)
                return
            exchange.truncated = exchange.truncated or "unspecified"

    def _keep(self, exchange: HttpExchange, body: bytes) -> None:
        self._room -= len(body)
        exchange.body = body
