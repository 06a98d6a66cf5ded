"""The browser's network events of one page, put together to exchanges; bounded in number and size of headers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from crawler.browser.cdp.tab import NOWHERE
from crawler.capture.record.exchange import Headers, HttpExchange, moment

MAX_EXCHANGES = 2000
MAX_URL = 16_384
MAX_HEADERS = 200
MAX_HEADER = 16_384
MAX_POST = 65_536
MAX_FRAMES = 200
MAX_FRAME = 4096
"""Characters of one WebSocket message that are kept."""


class NetworkLog:
    """Collects exchanges in the order of their requests.

    ``on_document`` is told of each document that begins to come, ``on_data`` each piece of what is streamed of it,
    ``on_finished`` the id of each exchange whose body has come.
    """

    def __init__(
        self,
        *,
        on_document: Callable[[str, HttpExchange], None],
        on_data: Callable[[str, str], None],
        on_finished: Callable[[str, HttpExchange], None],
    ) -> None:
        self.exchanges: list[HttpExchange] = []
        self.messages: list[tuple[str, str, str]] = []
        """WebSocket messages: address, ``sent`` or ``received``, text."""
        self.dropped = 0
        """Requests beyond :data:`MAX_EXCHANGES`."""
        self._on_document = on_document
        self._on_data = on_data
        self._on_finished = on_finished
        self._hops: dict[str, list[HttpExchange]] = defaultdict(list)
        self._sent: dict[str, list[Headers]] = defaultdict(list)
        self._came: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._sockets: dict[str, str] = {}

    def handlers(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        """Event names of the DevTools protocol and what to call for each."""
        return {
            "Network.requestWillBeSent": self._on_request,
            "Network.requestWillBeSentExtraInfo": self._on_request_extra,
            "Network.responseReceived": self._on_response,
            "Network.responseReceivedExtraInfo": self._on_response_extra,
            "Network.dataReceived": self._on_piece,
            "Network.requestServedFromCache": self._on_cached,
            "Network.loadingFinished": self._on_loaded,
            "Network.loadingFailed": self._on_failed,
            "Network.webSocketCreated": self._on_socket,
            "Network.webSocketFrameSent": lambda event: self._on_message(event, "sent"),
            "Network.webSocketFrameReceived": lambda event: self._on_message(event, "received"),
        }

    def settle(self) -> None:
        """Give each hop the headers that went over the wire: told in events of their own, one a hop, in order."""
        for request, hops in self._hops.items():
            for hop, headers in zip(hops, self._sent.get(request, ()), strict=False):
                hop.request_headers = headers
            answered = [hop for hop in hops if hop.extra_due]
            for hop, extra in zip(answered, self._came.get(request, ()), strict=False):
                hop.response_headers = _raw_headers(extra.get("headersText")) or _headers(extra.get("headers"))
                hop.status = _status(extra.get("statusCode")) or hop.status

    # --- events ------------------------------------------------------------------------------------------------

    def _on_request(self, event: dict[str, Any]) -> None:
        request, identity = event["request"], str(event["requestId"])
        url = str(request["url"])
        if url.startswith(("data:", "blob:", "about:", "chrome-error:", NOWHERE)):
            return
        before = self._hops[identity][-1] if self._hops.get(identity) else None
        if before is not None and "redirectResponse" in event:
            _answer(before, event["redirectResponse"], extra=bool(event.get("redirectHasExtraInfo")))
            before.ended, before.complete = float(event["timestamp"]), True
        if len(self.exchanges) >= MAX_EXCHANGES:
            self.dropped += 1
            return
        exchange = HttpExchange(
            url=url[:MAX_URL],
            method=str(request["method"])[:40],
            kind=str(event.get("type") or "Other"),
            at=moment(event.get("wallTime")),
            clock=float(event["timestamp"]),
            request_headers=_headers(request.get("headers")),
            request_body=str(request.get("postData") or "").encode("utf-8", "surrogatepass")[:MAX_POST],
        )
        self.exchanges.append(exchange)
        self._hops[identity].append(exchange)

    def _on_request_extra(self, event: dict[str, Any]) -> None:
        if len(self._sent) < MAX_EXCHANGES:
            self._sent[str(event["requestId"])].append(_headers(event.get("headers")))

    def _on_response(self, event: dict[str, Any]) -> None:
        exchange = self._last(event)
        if exchange is not None:
            _answer(exchange, event["response"], extra=bool(event.get("hasExtraInfo")))
            if exchange.kind == "Document":
                self._on_document(str(event["requestId"]), exchange)

    def _on_piece(self, event: dict[str, Any]) -> None:
        if event.get("data"):
            self._on_data(str(event["requestId"]), str(event["data"]))

    def _on_response_extra(self, event: dict[str, Any]) -> None:
        if len(self._came) < MAX_EXCHANGES:
            self._came[str(event["requestId"])].append(event)

    def _on_cached(self, event: dict[str, Any]) -> None:
        exchange = self._last(event)
        if exchange is not None:
            exchange.from_cache = True

    def _on_loaded(self, event: dict[str, Any]) -> None:
        exchange = self._last(event)
        if exchange is not None:
            exchange.ended, exchange.complete = float(event["timestamp"]), True
            exchange.transferred = max(int(event.get("encodedDataLength") or 0), 0)
            self._on_finished(str(event["requestId"]), exchange)

    def _on_failed(self, event: dict[str, Any]) -> None:
        exchange = self._last(event)
        if exchange is not None:
            blocked = event.get("blockedReason")
            exchange.failure = str(event.get("errorText") or "failed")[:200] + (f" ({blocked})" if blocked else "")
            exchange.ended = float(event["timestamp"])
            if exchange.status is not None:
                exchange.truncated = "disconnect"
                self._on_finished(str(event["requestId"]), exchange)

    def _on_socket(self, event: dict[str, Any]) -> None:
        if len(self._sockets) < MAX_EXCHANGES:
            self._sockets[str(event["requestId"])] = str(event["url"])[:MAX_URL]

    def _on_message(self, event: dict[str, Any], way: str) -> None:
        if len(self.messages) < MAX_FRAMES:
            url = self._sockets.get(str(event["requestId"]), "")
            self.messages.append((url, way, str(event["response"]["payloadData"])[:MAX_FRAME]))

    def _last(self, event: dict[str, Any]) -> HttpExchange | None:
        hops = self._hops.get(str(event["requestId"]))
        return hops[-1] if hops else None


def _answer(exchange: HttpExchange, response: dict[str, Any], *, extra: bool) -> None:
    exchange.status = _status(response.get("status"))
    exchange.status_text = str(response.get("statusText") or "")[:200]
    exchange.protocol = str(response.get("protocol") or "")[:40]
    exchange.response_headers = _headers(response.get("headers"))
    exchange.media_type = str(response.get("mimeType") or "")[:200]
    exchange.extra_due = extra
    exchange.from_cache = exchange.from_cache or bool(response.get("fromDiskCache"))
    timing = response.get("timing")
    if isinstance(timing, dict):
        exchange.timing = {str(key): float(value) for key, value in timing.items() if isinstance(value, int | float)}


def _status(value: object) -> int | None:
    return value if isinstance(value, int) and 100 <= value <= 999 else None


def _headers(found: object) -> Headers:
    """The protocol joins repeated headers by line feeds."""
    if not isinstance(found, dict):
        return []
    pairs = [
        (str(name)[:MAX_HEADER], line[:MAX_HEADER]) for name, value in found.items() for line in str(value).split("\n")
    ]
    return pairs[:MAX_HEADERS]


def _raw_headers(text: object) -> Headers:
    """Header lines as HTTP/1 sent them, the status line left out; empty for HTTP/2, which has no such text."""
    if not isinstance(text, str):
        return []
    lines = (line.partition(":") for line in text.splitlines()[1:] if ":" in line)
    return [(name.strip()[:MAX_HEADER], value.strip()[:MAX_HEADER]) for name, _, value in lines if name.strip()][
        :MAX_HEADERS
    ]
