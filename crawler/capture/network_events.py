"""The one listener on the DevTools ``Network`` events of a page and its workers; it passes parsed events to its subscribers.

Protocol: https://chromedevtools.github.io/devtools-protocol/tot/Network/
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.pipe import DevToolsSession, Event
from crawler.capture.record.exchange import Headers
from crawler.net.guard import CaptureLimits

log = structlog.get_logger(__name__)

MAX_HEADERS = 200
MAX_HEADER = 16_384
"""Characters of a header's name or value that are kept."""
MAX_POST = 65_536
"""Bytes of a request's body that the browser reports and that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class ResponseHead:
    """The head of an answer (``Network.Response``)."""

    url: str
    status: int
    status_text: str
    protocol: str
    media_type: str
    headers: dict[str, str]
    """Names in lower case; values of repeated headers are joined by line feeds."""
    header_lines: Headers
    """Names and values as they were sent, bounded; repeated headers are separate."""
    security: dict[str, Any] | None
    """The protocol's ``SecurityDetails``."""
    from_cache: bool
    timing: dict[str, float] | None
    """The protocol's ``ResourceTiming``; None where the browser does not report it."""

    @classmethod
    def of(cls, answer: Event) -> ResponseHead:
        """Read the protocol's ``Network.Response``."""
        headers = answer.get("headers") or {}
        timing = answer.get("timing")
        return cls(
            url=str(answer.get("url") or ""),
            status=int(answer.get("status") or 0),
            status_text=str(answer.get("statusText") or ""),
            protocol=str(answer.get("protocol") or ""),
            media_type=str(answer.get("mimeType") or ""),
            headers={str(name).lower(): str(value) for name, value in headers.items()},
            header_lines=_header_lines(headers),
            security=answer.get("securityDetails"),
            from_cache=bool(answer.get("fromDiskCache")),
            timing={str(key): float(value) for key, value in timing.items() if isinstance(value, int | float)}
            if isinstance(timing, dict)
            else None,
        )


@dataclass(frozen=True, slots=True)
class RequestSent:
    """A request is about to be sent (``requestWillBeSent``); each hop of a redirect chain has the same id."""

    session: DevToolsSession
    """The page's session, or that of the worker which asks."""
    id: str
    url: str
    """Without its fragment."""
    fragment: str
    method: str
    kind: str
    """``Document``, ``Script``, ``Image``..., as the protocol calls it."""
    frame: str
    loader: str
    headers: Headers
    body: bytes
    timestamp: float
    """Seconds on the browser's monotonic clock."""
    wall_time: object
    """Seconds since the epoch, as reported by the browser and not checked."""
    redirect: ResponseHead | None
    """The answer that redirected here."""
    redirect_has_headers_event: bool


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """The head of an answer has come."""

    id: str
    response: ResponseHead
    has_headers_event: bool
    """An event :class:`ResponseHeaders` reports the headers as they were sent."""


@dataclass(frozen=True, slots=True)
class RequestHeaders:
    """Headers of a request as they were sent; one event for each hop of a redirect chain, in order."""

    id: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class ResponseHeaders:
    """Headers of an answer as they were sent; one event for each hop that announced one, in order."""

    id: str
    headers: Headers
    status: object
    """Status code as reported by the browser, not checked."""


@dataclass(frozen=True, slots=True)
class DataReceived:
    """A piece of a body has come."""

    id: str
    size: int
    """Bytes, decoded."""
    data: str
    """The piece in base64, where the body is streamed; else empty."""


@dataclass(frozen=True, slots=True)
class LoadingFinished:
    """A body has come to its end."""

    id: str
    timestamp: float
    transferred: int
    """Bytes as they were sent over the network."""


@dataclass(frozen=True, slots=True)
class LoadingFailed:
    """There will be no answer, or no more of one."""

    id: str
    timestamp: float
    error: str
    blocked_reason: str


@dataclass(frozen=True, slots=True)
class ServedFromCache:
    """A request is answered from the browser's cache."""

    id: str


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """A WebSocket is opened."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class SocketMessage:
    """A WebSocket message was sent or received."""

    id: str
    direction: str
    """``sent`` or ``received``."""
    text: str


NetworkEvent = (
    RequestSent
    | RequestHeaders
    | ResponseReceived
    | ResponseHeaders
    | DataReceived
    | LoadingFinished
    | LoadingFailed
    | ServedFromCache
    | SocketOpened
    | SocketMessage
)


class NetworkSubscriber(Protocol):
    """Receives the network events of one page and its workers."""

    def on_network_event(self, event: NetworkEvent) -> None:
        """Handle one event, without waiting for anything."""


class NetworkEvents:
    """Registers once for the network events of each target, and passes them to every subscriber, in order."""

    def __init__(self, subscribers: Sequence[NetworkSubscriber]) -> None:
        self._subscribers = tuple(subscribers)

    async def listen(self, page: DevTools, limits: CaptureLimits) -> None:
        """Follow the page itself; the browser keeps bodies up to ``limits``, for the recorder to fetch.

        Raises:
            DevToolsError: the browser refused.
        """
        self._register(page.session)
        buffers = {"maxTotalBufferSize": limits.total_bytes, "maxResourceBufferSize": limits.response_bytes}
        await page.send("Network.enable", {**buffers, "maxPostDataSize": MAX_POST})

    def follow(self, worker: DevToolsSession) -> None:
        """Follow a worker of the page, before it runs."""
        self._register(worker)
        worker.post("Network.enable")

    def _register(self, session: DevToolsSession) -> None:
        parsers: dict[str, Callable[[Event], NetworkEvent]] = {
            "requestWillBeSent": partial(_request, session),
            "requestWillBeSentExtraInfo": lambda event: RequestHeaders(
                str(event["requestId"]), _header_lines(event.get("headers"))
            ),
            "responseReceived": _response,
            "responseReceivedExtraInfo": _response_headers,
            "dataReceived": _data,
            "requestServedFromCache": lambda event: ServedFromCache(str(event["requestId"])),
            "loadingFinished": _finished,
            "loadingFailed": _failed,
            "webSocketCreated": lambda event: SocketOpened(str(event["requestId"]), str(event["url"])),
            "webSocketFrameSent": partial(_message, "sent"),
            "webSocketFrameReceived": partial(_message, "received"),
        }
        for name, parse in parsers.items():
            session.on(f"Network.{name}", partial(self._publish, parse))

    def _publish(self, parse: Callable[[Event], NetworkEvent], parameters: Event) -> None:
        """Pass one event to every subscriber; the error of one is logged, and does not keep the event from the others."""
        event = parse(parameters)
        for subscriber in self._subscribers:
            try:
                subscriber.on_network_event(event)
            except Exception:
                log.exception("a network event could not be handled", subscriber=type(subscriber).__name__)


def _request(session: DevToolsSession, event: Event) -> RequestSent:
    request, redirect = event["request"], event.get("redirectResponse")
    return RequestSent(
        session=session,
        id=str(event["requestId"]),
        url=str(request["url"]),
        fragment=str(request.get("urlFragment") or ""),
        method=str(request["method"]),
        kind=str(event.get("type") or "Other"),
        frame=str(event.get("frameId") or ""),
        loader=str(event.get("loaderId") or ""),
        headers=_header_lines(request.get("headers")),
        body=str(request.get("postData") or "").encode("utf-8", "surrogatepass")[:MAX_POST],
        timestamp=float(event.get("timestamp") or 0),
        wall_time=event.get("wallTime"),
        redirect=ResponseHead.of(redirect) if redirect is not None else None,
        redirect_has_headers_event=bool(event.get("redirectHasExtraInfo")),
    )


def _response(event: Event) -> ResponseReceived:
    return ResponseReceived(
        str(event["requestId"]), ResponseHead.of(event["response"]), bool(event.get("hasExtraInfo"))
    )


def _response_headers(event: Event) -> ResponseHeaders:
    headers = _raw_header_lines(event.get("headersText")) or _header_lines(event.get("headers"))
    return ResponseHeaders(str(event["requestId"]), headers, event.get("statusCode"))


def _data(event: Event) -> DataReceived:
    return DataReceived(str(event["requestId"]), int(event["dataLength"]), str(event.get("data") or ""))


def _finished(event: Event) -> LoadingFinished:
    transferred = max(int(event.get("encodedDataLength") or 0), 0)
    return LoadingFinished(str(event["requestId"]), float(event.get("timestamp") or 0), transferred)


def _failed(event: Event) -> LoadingFailed:
    return LoadingFailed(
        str(event["requestId"]),
        float(event.get("timestamp") or 0),
        str(event.get("errorText") or "failed"),
        str(event.get("blockedReason") or ""),
    )


def _message(direction: str, event: Event) -> SocketMessage:
    return SocketMessage(str(event["requestId"]), direction, str(event["response"]["payloadData"]))


def _header_lines(headers: object) -> Headers:
    """Split repeated headers, which the protocol reports as one, with line feeds between the values."""
    if not isinstance(headers, dict):
        return []
    pairs = [
        (str(name)[:MAX_HEADER], line[:MAX_HEADER])
        for name, value in headers.items()
        for line in str(value).split("\n")
    ]
    return pairs[:MAX_HEADERS]


def _raw_header_lines(text: object) -> Headers:
    """Read header lines as HTTP/1 sent them, without the status line; HTTP/2 has no such text, and gives none."""
    if not isinstance(text, str):
        return []
    lines = (line.partition(":") for line in text.splitlines()[1:] if ":" in line)
    pairs = [(name.strip()[:MAX_HEADER], value.strip()[:MAX_HEADER]) for name, _, value in lines if name.strip()]
    return pairs[:MAX_HEADERS]
