"""What happens while a page loads: requests, navigations, dialogs, pop-ups, downloads, its crash; all bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, Dialog, Download, Error, Frame, Page, Request, Response

from crawler.guard import MARKER, Kind, Ledger, Trouble, endpoint
from detector.config import CaptureConfig
from detector.model import Hop, NetworkEntry, Outcome

MAX_URL = 4096
"""Characters of an address that the log keeps."""
SIZES = 100
"""Requests whose size is asked of the browser, where the answer did not announce it."""
OWN_SCHEMES = ("chrome-extension:", "chrome:", "chrome-untrusted:")
"""Parts of the browser itself: a PDF viewer is made of a hundred of them."""
PAGE_SCHEMES = ("http:", "https:", "blob:", "data:", "about:")
"""A navigation to any other (``tel:``, ``mailto:``) leads out of the browser, and the page stays."""


@dataclass(slots=True)
class Step:
    """One request of the main frame for a document."""

    request: Request
    response: Response | None = None
    redirected: bool = False
    """By HTTP, to the next step."""
    failure: str = ""


class PageWatch:
    """Listens to one page of one context; ``ended`` is done once there is nothing more to wait for."""

    def __init__(self, context: BrowserContext, page: Page, ledger: Ledger, config: CaptureConfig) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Outcome] = loop.create_future()
        self.steps: list[Step] = []
        self.in_flight: set[Request] = set()
        self.last_activity = loop.time()
        self.loaded_at: float | None = None
        self.parsed = False
        self.painted = False
        """A document of the page's own has replaced the empty one."""
        self.dialogs = 0
        self.popups = 0
        self.downloads = 0
        self._page = page
        self._ledger = ledger
        self._config = config
        self._loop = loop
        self._entries: dict[Request, NetworkEntry] = {}
        self._asked: Counter[bool] = Counter()
        """Requests, by whether the answer is in the address itself: those cost the driver as much."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        context.on("page", self._on_popup)
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfinished", self._on_finished)
        context.on("requestfailed", self._on_failed)
        page.on("framenavigated", self._on_navigated)
        page.on("domcontentloaded", lambda _: self._on_parsed())
        page.on("load", lambda _: self._on_load())
        page.on("dialog", self._on_dialog)
        page.on("download", self._on_download)
        page.on("crash", lambda _: self._end(Outcome.CRASHED))
        page.on("close", lambda _: self._end(Outcome.FAILED))

    async def close(self) -> None:
        """End what still runs in the background."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.ended.cancel()

    @property
    def stopped(self) -> bool:
        """A bound on bytes or requests was reached: nothing more comes through."""
        return self._ledger.stopped is not None

    @property
    def document_came(self) -> bool:
        """The page's own document is no longer under way."""
        return bool(self.steps) and self.steps[-1].request not in self.in_flight

    @property
    def breakage(self) -> str:
        """Why the page's own document, having begun to come, broke off; empty where it did not, or was ended on purpose."""
        last = self.steps[-1] if self.steps else None
        broken = last is not None and last.response is not None and "ERR_ABORTED" not in last.failure
        return last.failure if last is not None and broken else ""

    # --- events ------------------------------------------------------------------------------------------------

    def _end(self, outcome: Outcome) -> None:
        if not self.ended.done():
            self.ended.set_result(outcome)

    def stir(self) -> None:
        """Begin to wait anew: something is about to be done to the page, which may lead on or change without a new load."""
        self._touch()
        if self.loaded_at is not None:
            self.loaded_at = self.last_activity

    def _touch(self) -> None:
        self.last_activity = self._loop.time()

    def _on_request(self, request: Request) -> None:
        self._touch()
        if request.url.startswith(OWN_SCHEMES):
            return
        if self._is_main(request):
            self._on_step(request)
        inline = request.url.startswith(("data:", "blob:"))
        self._asked[inline] += 1
        if self._asked[inline] > self._config.max_requests:
            self._ledger.stop(Kind.OVERSIZE, f"the page made more than {self._config.max_requests} requests")
        if inline:
            return
        self.in_flight.add(request)
        if len(self._entries) < self._config.max_requests:
            self._entries[request] = NetworkEntry(request.url[:MAX_URL], request.method, request.resource_type)

    def _on_step(self, request: Request) -> None:
        before = request.redirected_from
        if before is not None and self.steps and self.steps[-1].request == before:
            self.steps[-1].redirected = True
        self.steps.append(Step(request))
        self.loaded_at = None
        self.parsed = False
        if len(self.steps) > self._config.max_redirects + 1:
            self._end(Outcome.REDIRECT_LOOP)

    def _is_main(self, request: Request) -> bool:
        try:
            return (
                request.url.startswith(PAGE_SCHEMES)
                and request.is_navigation_request()
                and request.frame == self._page.main_frame
            )
        except Error:
            return False

    def _on_response(self, response: Response) -> None:
        self._touch()
        request = response.request
        for step in reversed(self.steps):
            if step.request == request:
                step.response = response
                break
        self._note(request, status=response.status, size=_announced(response))
        trouble = self.marked(response)
        if trouble is not None:
            self._note(request, status=None, size=None, failure=_failure(trouble))

    def _on_finished(self, request: Request) -> None:
        self._touch()
        self.in_flight.discard(request)

    def _on_failed(self, request: Request) -> None:
        self._touch()
        self.in_flight.discard(request)
        if self.steps and self.steps[-1].request == request:
            self.steps[-1].failure = request.failure or "failed"
        trouble = self.trouble_with(request.url)
        self._note(request, failure=_failure(trouble) if trouble else (request.failure or "failed")[:200])

    def _note(self, request: Request, **changes: Any) -> None:
        entry = self._entries.get(request)
        if entry is not None:
            values = {"status": entry.status, "size": entry.size, "failure": entry.failure, **changes}
            self._entries[request] = NetworkEntry(entry.url, entry.method, entry.kind, **values)

    def _on_navigated(self, frame: Frame) -> None:
        if frame == self._page.main_frame and not frame.url.startswith(("about:blank", "chrome-error:")):
            self.painted = True

    def _on_parsed(self) -> None:
        self.parsed = True
        self._touch()

    def _on_load(self) -> None:
        self.loaded_at = self._loop.time()
        self._touch()

    def _on_dialog(self, dialog: Dialog) -> None:
        self.dialogs += 1
        self._spawn(dialog.dismiss())

    def _on_popup(self, page: Page) -> None:
        if page != self._page:
            self.popups += 1
            self._spawn(page.close())

    def _on_download(self, download: Download) -> None:
        self.downloads += 1
        self._spawn(download.cancel())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return

        async def quietly() -> None:
            with suppress(Error):
                await work

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what it comes to ---------------------------------------------------------------------------------------

    def trouble_with(self, url: str) -> Trouble | None:
        """What the guard says about a request that did not go through."""
        where = endpoint(url)
        if where is None:
            return None
        return self._ledger.trouble_with(*where, url) or self._ledger.stopped

    def marked(self, response: Response) -> Trouble | None:
        """The trouble behind an answer that the guard itself gave in a server's place."""
        if MARKER.lower() not in response.headers or not response.url.startswith("http:"):
            return None  # into a tunnel the guard says nothing: there the header is the server's own
        where = endpoint(response.url)
        return None if where is None else self._ledger.trouble_with(*where, response.url)

    def address_of(self, url: str) -> str | None:
        """The IP address that answered for the host of ``url``."""
        where = endpoint(url)
        return None if where is None else self._ledger.address_of(*where)

    def hops(self) -> tuple[Hop, ...]:
        """The steps that led on to another one, in order; status None where a script or ``meta refresh`` did."""
        return tuple(
            Hop(
                step.request.url[:MAX_URL],
                step.response.status if step.redirected and step.response is not None else None,
                self.address_of(step.request.url),
            )
            for step in self.steps[:-1]
        )

    def font_urls(self) -> tuple[str, ...]:
        """Addresses of the fonts that were asked for."""
        return tuple(entry.url for entry in self._entries.values() if entry.kind == "font")

    async def network(self) -> tuple[NetworkEntry, ...]:
        """The log; sizes that no header announced are asked of the browser, within reason."""
        unknown = [
            request
            for request, entry in self._entries.items()
            if entry.status is not None and entry.size is None and request not in self.in_flight
        ]
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(1.0):
                for request in unknown[:SIZES]:
                    sizes = await request.sizes()
                    self._note(request, size=max(int(sizes["responseBodySize"]), 0))
        return self.entries()

    def entries(self) -> tuple[NetworkEntry, ...]:
        """The log as it is now."""
        return tuple(self._entries.values())


def _announced(response: Response) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _failure(trouble: Trouble) -> str:
    prefix = "guard" if trouble.kind in (Kind.GUARD, Kind.OVERSIZE) else trouble.kind.value
    return f"{prefix}: {trouble.sentence}"[:300]
