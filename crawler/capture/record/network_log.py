"""Join the network events of one page to HTTP exchanges, bounded in number and size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from crawler.browser.cdp.session import DevToolsSession
from crawler.browser.cdp.tab import NOWHERE
from crawler.capture.events.network_events import (
    DataReceived,
    LoadingFailed,
    LoadingFinished,
    NetworkEvent,
    RequestHeaders,
    RequestSent,
    ResponseHead,
    ResponseHeaders,
    ResponseReceived,
    ServedFromCache,
    SocketMessage,
    SocketOpened,
)
from crawler.capture.record.exchange import Headers, HttpExchange, moment
from detector.model import utcnow

MAX_EXCHANGES = 2000
MAX_URL = 16_384
AHEAD_SECONDS = 0.5
"""A request that is dated later than this from now is dated by a page's clock that was moved on."""
MAX_FRAMES = 200
MAX_FRAME = 4096
"""Characters of one WebSocket message that are kept."""


class NetworkLog:
    """Collects exchanges in the order of their requests.

    ``on_request`` is called for each request, ``on_document`` for each document that begins to come, ``on_data`` for each piece
    that is streamed of it, ``on_finished`` for each exchange whose body has come; with the id of the request first.
    """

    def __init__(
        self,
        *,
        on_request: Callable[[str, DevToolsSession], None],
        on_document: Callable[[str, HttpExchange], None],
        on_data: Callable[[str, str], None],
        on_finished: Callable[[str, HttpExchange], None],
    ) -> None:
        self.exchanges: list[HttpExchange] = []
        self.messages: list[tuple[str, str, str]] = []
        """WebSocket messages: address, ``sent`` or ``received``, text."""
        self.dropped = 0
        """Requests beyond :data:`MAX_EXCHANGES`."""
        self._on_new_request = on_request
        self._on_document = on_document
        self._on_data = on_data
        self._on_finished = on_finished
        self._hops: dict[str, list[HttpExchange]] = defaultdict(list)
        self._sent: dict[str, list[Headers]] = defaultdict(list)
        self._came: dict[str, list[ResponseHeaders]] = defaultdict(list)
        self._sockets: dict[str, str] = {}
        self._ahead: dict[str, float] = {}
        """Seconds by which requests are dated too late: a page whose time was moved on (see ``PageClock``) dates its own so."""

    def on_network_event(self, event: NetworkEvent) -> None:
        """Add one event to the exchange that it belongs to."""
        match event:
            case RequestSent():
                self._on_request(event)
            case RequestHeaders() if len(self._sent) < MAX_EXCHANGES:
                self._sent[event.id].append(event.headers)
            case ResponseReceived():
                self._on_response(event)
            case ResponseHeaders() if len(self._came) < MAX_EXCHANGES:
                self._came[event.id].append(event)
            case DataReceived() if event.data:
                self._on_data(event.id, event.data)
            case LoadingFinished():
                self._on_loaded(event)
            case LoadingFailed():
                self._on_failed(event)
            case ServedFromCache() if (exchange := self._last(event.id)) is not None:
                exchange.from_cache = True
            case SocketOpened() if len(self._sockets) < MAX_EXCHANGES:
                self._sockets[event.id] = event.url[:MAX_URL]
            case SocketMessage() if len(self.messages) < MAX_FRAMES:
                self.messages.append((self._sockets.get(event.id, ""), event.direction, event.text[:MAX_FRAME]))
            case _:
                pass

    def settle(self) -> None:
        """Give each hop the headers that were really sent: the browser reports them in separate events, one a hop, in order."""
        for request, hops in self._hops.items():
            for hop, headers in zip(hops, self._sent.get(request, ()), strict=False):
                hop.request_headers = headers
            answered = [hop for hop in hops if hop.extra_due]
            for hop, extra in zip(answered, self._came.get(request, ()), strict=False):
                hop.response_headers = extra.headers
                hop.status = _status(extra.status) or hop.status

    # --- events ------------------------------------------------------------------------------------------------

    def _on_request(self, event: RequestSent) -> None:
        self._on_new_request(event.id, event.session)
        if event.url.startswith(("data:", "blob:", "about:", "chrome-error:", NOWHERE)):
            return
        before = self._last(event.id)
        if before is not None and event.redirect is not None:
            _answer(before, event.redirect, extra=event.redirect_has_headers_event)
            before.ended, before.complete = self._end(event.id, before, event.timestamp), True
        if len(self.exchanges) >= MAX_EXCHANGES:
            self.dropped += 1
            return
        at = moment(event.wall_time)
        ahead = (at - utcnow()).total_seconds()
        if ahead > AHEAD_SECONDS:
            self._ahead[event.id] = ahead
            at -= timedelta(seconds=ahead)
        exchange = HttpExchange(
            url=event.url[:MAX_URL],
            method=event.method[:40],
            kind=event.kind,
            at=at,
            clock=event.timestamp - self._ahead.get(event.id, 0.0),
            request_headers=event.headers,
            request_body=event.body,
        )
        self.exchanges.append(exchange)
        self._hops[event.id].append(exchange)

    def _on_response(self, event: ResponseReceived) -> None:
        exchange = self._last(event.id)
        if exchange is not None:
            _answer(exchange, event.response, extra=event.has_headers_event)
            if exchange.kind == "Document":
                self._on_document(event.id, exchange)

    def _on_loaded(self, event: LoadingFinished) -> None:
        exchange = self._last(event.id)
        if exchange is not None:
            exchange.ended, exchange.complete = self._end(event.id, exchange, event.timestamp), True
            exchange.transferred = event.transferred
            self._on_finished(event.id, exchange)

    def _on_failed(self, event: LoadingFailed) -> None:
        exchange = self._last(event.id)
        if exchange is not None:
            exchange.failure = event.error[:200] + (f" ({event.blocked_reason})" if event.blocked_reason else "")
            exchange.ended = self._end(event.id, exchange, event.timestamp)
            if exchange.status is not None:
                exchange.truncated = "disconnect"
                self._on_finished(event.id, exchange)

    def _end(self, request: str, exchange: HttpExchange, timestamp: float) -> float:
        """Return when an exchange ended; the end is dated by the page or by the network, which has real time."""
        ahead = self._ahead.get(request, 0.0)
        return timestamp - ahead if timestamp - exchange.clock > ahead / 2 else timestamp

    def _last(self, request: str) -> HttpExchange | None:
        hops = self._hops.get(request)
        return hops[-1] if hops else None


def _answer(exchange: HttpExchange, response: ResponseHead, *, extra: bool) -> None:
    exchange.status = _status(response.status)
    exchange.status_text = response.status_text[:200]
    exchange.protocol = response.protocol[:40]
    exchange.response_headers = response.header_lines
    exchange.media_type = response.media_type[:200]
    exchange.extra_due = extra
    exchange.from_cache = exchange.from_cache or response.from_cache
    if response.timing is not None:
        exchange.timing = response.timing


def _status(value: object) -> int | None:
    return value if isinstance(value, int) and 100 <= value <= 999 else None
