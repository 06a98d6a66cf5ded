"""The one listener on the DevTools ``Network`` events of a page and its workers; it passes parsed events to its subscribers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from crawler.browser.cdp.commands import DevTools
from crawler.browser.cdp.session import DevToolsSession, Event
from crawler.capture.events.network_events import (
    MAX_POST,
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
    header_lines,
    raw_header_lines,
)
from crawler.net.guard import CaptureLimits

log = structlog.get_logger(__name__)


class NetworkSubscriber(Protocol):
    """Receives the network events of one page and its workers."""

    def on_network_event(self, event: NetworkEvent) -> None:
        """Handle one event, without waiting for anything."""


class NetworkListener:
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
                str(event["requestId"]), header_lines(event.get("headers"))
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
        headers=header_lines(request.get("headers")),
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
    headers = raw_header_lines(event.get("headersText")) or header_lines(event.get("headers"))
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
