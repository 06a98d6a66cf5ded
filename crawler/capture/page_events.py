"""Follow the events of a page: requests, navigations, dialogs, pop-ups, downloads, its crash; all bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from crawler.browser.cdp.pipe import Event
from crawler.browser.cdp.tab import NOWHERE, BrowserTab
from crawler.capture.network_events import (
    LoadingFailed,
    LoadingFinished,
    NetworkEvent,
    RequestSent,
    ResponseHead,
    ResponseReceived,
)
from crawler.net.guard import MARKER, Failure, FailureKind, TrafficLedger, endpoint
from detector.config import CaptureConfig
from detector.model import NetworkEntry, Outcome, RedirectHop

MAX_URL = 4096
"""Characters of an address that the log keeps."""
OWN_SCHEMES = ("chrome-extension:", "chrome:", "chrome-untrusted:", NOWHERE)
"""Parts of the browser itself (a PDF viewer consists of a hundred of them), and the first address of a page."""
PAGE_SCHEMES = ("http:", "https:", "blob:", "data:", "about:")
"""A navigation to any other scheme (``tel:``, ``mailto:``) leaves the browser, and the page stays."""
INLINE_SCHEMES = ("data:", "blob:")


@dataclass(slots=True, eq=False)
class PageRequest:
    """One request; each hop of a redirect chain is one of its own."""

    url: str
    method: str
    kind: str
    main: bool
    """A request of the main frame for a document."""
    response: ResponseHead | None = None


@dataclass(slots=True)
class NavigationStep:
    """One request of the main frame for a document."""

    request: PageRequest
    response: ResponseHead | None = None
    redirected: bool = False
    """An HTTP redirect led to the next step."""
    failure: str = ""


class PageEvents:
    """Follows one page and its workers; ``ended`` is done once the page is over and nothing more can be seen of it."""

    def __init__(self, tab: BrowserTab, ledger: TrafficLedger, config: CaptureConfig) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Outcome] = loop.create_future()
        self.steps: list[NavigationStep] = []
        self.in_flight: set[PageRequest] = set()
        self.last_activity = loop.time()
        self.loaded_at: float | None = None
        self.parsed = False
        self.painted = False
        """A document of the site has replaced the empty one."""
        self.dialogs = 0
        self.popups = 0
        self.downloads = 0
        self._tab = tab
        self._ledger = ledger
        self._config = config
        self._loop = loop
        self._requests: dict[str, PageRequest] = {}
        self._entries: dict[PageRequest, NetworkEntry] = {}
        self._asked: Counter[bool] = Counter()
        """Number of requests, by whether the address itself contains the answer: those cost the browser as much."""
        tab.on_popup = self._on_popup
        tab.on_close = lambda: self._end(Outcome.FAILED)
        for name, handler in {
            "Page.frameNavigated": self._on_navigated,
            "Page.domContentEventFired": lambda _: self._on_parsed(),
            "Page.loadEventFired": lambda _: self._on_load(),
            "Page.javascriptDialogOpening": lambda _: self._on_dialog(),
            "Page.downloadWillBegin": lambda _: self._on_download(),
            "Inspector.targetCrashed": lambda _: self._end(Outcome.CRASHED),
        }.items():
            tab.session.on(name, handler)

    def on_network_event(self, event: NetworkEvent) -> None:
        """Note requests, answers and failures of the page and its workers."""
        match event:
            case RequestSent():
                self._on_request(event)
            case ResponseReceived():
                self._on_response(event)
            case LoadingFinished():
                self._on_finished(event)
            case LoadingFailed():
                self._on_failed(event)
            case _:
                pass

    async def close(self) -> None:
        """Cancel :attr:`ended`."""
        self.ended.cancel()

    @property
    def stopped(self) -> bool:
        """A limit on bytes or requests was reached: every further request is refused."""
        return self._ledger.stopped is not None

    @property
    def document_came(self) -> bool:
        """The page's own document is complete, or has failed."""
        return bool(self.steps) and self.steps[-1].request not in self.in_flight

    @property
    def breakage(self) -> str:
        """Error that ended the page's own document half-way; empty where there was none, or it was stopped on purpose."""
        last = self.steps[-1] if self.steps else None
        broken = last is not None and last.response is not None and "ERR_ABORTED" not in last.failure
        return last.failure if last is not None and broken else ""

    # --- events ------------------------------------------------------------------------------------------------

    def _end(self, outcome: Outcome) -> None:
        if not self.ended.done():
            self.ended.set_result(outcome)

    def restart_waiting(self) -> None:
        """Make waiting for the page start again: a click may navigate, or change the page without a new load."""
        self._touch()
        if self.loaded_at is not None:
            self.loaded_at = self.last_activity

    def _touch(self) -> None:
        self.last_activity = self._loop.time()

    def _on_request(self, event: RequestSent) -> None:
        self._touch()
        url = event.url + event.fragment
        if url.startswith(OWN_SCHEMES):
            return
        before = self._requests.get(event.id) if event.redirect is not None else None
        if before is not None and event.redirect is not None:
            self._take_response(before, event.redirect)
            self.in_flight.discard(before)
        main = (
            event.kind == "Document"
            and event.loader == event.id
            and event.frame == self._tab.target
            and url.startswith(PAGE_SCHEMES)
        )
        request = PageRequest(url, event.method, event.kind.lower(), main)
        if main:
            self._on_step(request, before)
        inline = url.startswith(INLINE_SCHEMES)
        self._asked[inline] += 1
        if self._asked[inline] > self._config.max_requests:
            self._ledger.stop(FailureKind.OVERSIZE, f"the page made more than {self._config.max_requests} requests")
        if inline and not main:
            return
        more = len(self._entries) < self._config.max_requests
        if main or more:
            self._requests[event.id] = request
        if more and not inline:
            self.in_flight.add(request)
            self._entries[request] = NetworkEntry(url[:MAX_URL], request.method, request.kind)

    def _on_step(self, request: PageRequest, before: PageRequest | None) -> None:
        if before is not None and self.steps and self.steps[-1].request is before:
            self.steps[-1].redirected = True
        self.steps.append(NavigationStep(request))
        self.loaded_at = None
        self.parsed = False
        if len(self.steps) > self._config.max_redirects + 1:
            self._end(Outcome.REDIRECT_LOOP)

    def _on_response(self, event: ResponseReceived) -> None:
        self._touch()
        request = self._requests.get(event.id)
        if request is not None:
            self._take_response(request, event.response)

    def _take_response(self, request: PageRequest, response: ResponseHead) -> None:
        for step in reversed(self.steps):
            if step.request is request:
                step.response = response
                break
        self._note(request, status=response.status, size=_announced(response))
        failure = self.guard_failure(response)
        if failure is not None:
            self._note(request, status=None, size=None, failure=_failure_text(failure))

    def _on_finished(self, event: LoadingFinished) -> None:
        self._touch()
        request = self._requests.get(event.id)
        if request is None:
            return
        self.in_flight.discard(request)
        entry = self._entries.get(request)
        if entry is not None and entry.status is not None and entry.size is None:
            self._note(request, size=event.transferred)

    def _on_failed(self, event: LoadingFailed) -> None:
        self._touch()
        request = self._requests.get(event.id)
        if request is None:
            return
        self.in_flight.discard(request)
        if self.steps and self.steps[-1].request is request:
            self.steps[-1].failure = event.error
        failure = self.failure_of(request.url)
        self._note(request, failure=_failure_text(failure) if failure else event.error[:200])

    def _note(self, request: PageRequest, **changes: Any) -> None:
        entry = self._entries.get(request)
        if entry is not None:
            values = {"status": entry.status, "size": entry.size, "failure": entry.failure, **changes}
            self._entries[request] = NetworkEntry(entry.url, entry.method, entry.kind, **values)

    def _on_navigated(self, event: Event) -> None:
        frame = event["frame"]
        if not frame.get("parentId") and not str(frame["url"]).startswith(("about:blank", "chrome-error:")):
            self.painted = True

    def _on_parsed(self) -> None:
        self.parsed = True
        self._touch()

    def _on_load(self) -> None:
        self.loaded_at = self._loop.time()
        self._touch()

    def _on_dialog(self) -> None:
        self.dialogs += 1
        self._tab.session.post("Page.handleJavaScriptDialog", {"accept": False})

    def _on_popup(self) -> None:
        self.popups += 1

    def _on_download(self) -> None:
        self.downloads += 1

    # --- what was learned ---------------------------------------------------------------------------------------

    def main_response(self) -> ResponseHead | None:
        """Return the answer behind the document that the page shows now."""
        return next((step.response for step in reversed(self.steps) if step.response is not None), None)

    def main_failure(self) -> Failure | None:
        """Return why the main document did not come, where the guard answered in its server's place."""
        response = self.main_response()
        return None if response is None else self.guard_failure(response)

    def failure_of(self, url: str) -> Failure | None:
        """Return the failure that the guard recorded for a request, or that stopped the whole capture."""
        where = endpoint(url)
        if where is None:
            return None
        return self._ledger.failure_of(*where, url) or self._ledger.stopped

    def guard_failure(self, response: ResponseHead) -> Failure | None:
        """Return the failure behind an answer that the guard itself gave in a server's place."""
        if MARKER.lower() not in response.headers or not response.url.startswith("http:"):
            return None  # the guard cannot answer inside a tunnel: there the header comes from the server
        where = endpoint(response.url)
        return None if where is None else self._ledger.failure_of(*where, response.url)

    def address_of(self, url: str) -> str | None:
        """Return the IP address that answered for the host of ``url``."""
        where = endpoint(url)
        return None if where is None else self._ledger.address_of(*where)

    def hops(self) -> tuple[RedirectHop, ...]:
        """Return the steps that led to another one, in order; status None where a script or ``meta refresh`` navigated."""
        return tuple(
            RedirectHop(
                step.request.url[:MAX_URL],
                step.response.status if step.redirected and step.response is not None else None,
                self.address_of(step.request.url),
            )
            for step in self.steps[:-1]
        )

    def font_urls(self) -> tuple[str, ...]:
        """Return the addresses of the fonts that were requested."""
        return tuple(entry.url for entry in self._entries.values() if entry.kind == "font")

    def entries(self) -> tuple[NetworkEntry, ...]:
        """Return the log of requests so far."""
        return tuple(self._entries.values())


def _announced(response: ResponseHead) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _failure_text(failure: Failure) -> str:
    prefix = "guard" if failure.kind in (FailureKind.GUARD, FailureKind.OVERSIZE) else failure.kind.value
    return f"{prefix}: {failure.sentence}"[:300]
