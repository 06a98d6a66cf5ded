"""Follow the events of a page: navigations, dialogs, pop-ups, downloads, its crash; all bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from crawler.browser.cdp.session import Event
from crawler.browser.cdp.tab import NOWHERE, BrowserTab
from crawler.capture.events.guard_answers import GuardAnswers, failure_text
from crawler.capture.events.network_events import (
    LoadingFailed,
    LoadingFinished,
    NetworkEvent,
    RequestSent,
    ResponseHead,
    ResponseReceived,
)
from crawler.capture.events.request_log import MAX_URL, PageRequest, RequestLog
from crawler.net.guard import Failure, FailureKind, TrafficLedger
from detector.config import CaptureConfig
from detector.model import Outcome, RedirectHop

OWN_SCHEMES = ("chrome-extension:", "chrome:", "chrome-untrusted:", NOWHERE)
"""Parts of the browser itself (a PDF viewer consists of a hundred of them), and the first address of a page."""
PAGE_SCHEMES = ("http:", "https:", "blob:", "data:", "about:")
"""A navigation to any other scheme (``tel:``, ``mailto:``) leaves the browser, and the page stays."""
INLINE_SCHEMES = ("data:", "blob:")


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
        self.requests = RequestLog(config.max_requests)
        self.guard = GuardAnswers(ledger)
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
        return bool(self.steps) and self.steps[-1].request not in self.requests.in_flight

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
        before = self.requests.find(event.id) if event.redirect is not None else None
        if before is not None and event.redirect is not None:
            self._take_response(before, event.redirect)
            self.requests.in_flight.discard(before)
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
        if main or not inline:
            self.requests.add(event.id, request, inline=inline)

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
        request = self.requests.find(event.id)
        if request is not None:
            self._take_response(request, event.response)

    def _take_response(self, request: PageRequest, response: ResponseHead) -> None:
        for step in reversed(self.steps):
            if step.request is request:
                step.response = response
                break
        self.requests.note(request, status=response.status, size=_announced(response))

    def _on_finished(self, event: LoadingFinished) -> None:
        self._touch()
        request = self.requests.end(event.id)
        if request is not None and self.requests.lacks_size(request):
            self.requests.note(request, size=event.transferred)

    def _on_failed(self, event: LoadingFailed) -> None:
        self._touch()
        request = self.requests.end(event.id)
        if request is None:
            return
        if self.steps and self.steps[-1].request is request:
            self.steps[-1].failure = event.error
        failure = self.guard.failure_of(request.url)
        self.requests.note(request, failure=failure_text(failure) if failure else event.error[:200])

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
        """Return why the latest document did not come, where the guard refused it or could not fetch it."""
        last = self.steps[-1] if self.steps else None
        if last is None or last.response is not None or not last.failure or "ERR_ABORTED" in last.failure:
            return None
        return self.guard.failure_of(last.request.url)

    def hops(self) -> tuple[RedirectHop, ...]:
        """Return the steps that led to another one, in order; status None where a script or ``meta refresh`` navigated."""
        return tuple(
            RedirectHop(
                step.request.url[:MAX_URL],
                step.response.status if step.redirected and step.response is not None else None,
                self.guard.address_of(step.request.url),
            )
            for step in self.steps[:-1]
        )


def _announced(response: ResponseHead) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None
