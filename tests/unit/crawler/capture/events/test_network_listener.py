"""One listener on the browser's network events, and its subscribers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from structlog.testing import capture_logs

from crawler.browser.cdp.pipe import DevToolsPipe
from crawler.browser.cdp.session import DevToolsSession, Event
from crawler.capture.events.network_events import (
    MAX_HEADERS,
    DataReceived,
    LoadingFailed,
    NetworkEvent,
    RequestSent,
    ResponseReceived,
    SocketMessage,
)
from crawler.capture.events.network_listener import NetworkListener


class CountingSession(DevToolsSession):
    """Counts registrations, and keeps the commands that would go to a browser."""

    def __init__(self) -> None:
        super().__init__(DevToolsPipe(), "A1")
        self.registered: Counter[str] = Counter()
        self.posted: list[str] = []

    def on(self, event: str, handler: Callable[[Event], object]) -> None:
        self.registered[event] += 1
        super().on(event, handler)

    def post(self, method: str, parameters: Event | None = None) -> None:
        self.posted.append(method)


class Collector:
    """Keeps all events."""

    def __init__(self) -> None:
        self.events: list[NetworkEvent] = []

    def on_network_event(self, event: NetworkEvent) -> None:
        self.events.append(event)


class Broken:
    """Fails on every event."""

    def on_network_event(self, event: NetworkEvent) -> None:
        raise ValueError("broken")


def followed(*subscribers: Any) -> CountingSession:
    session = CountingSession()
    NetworkListener(subscribers).follow(session)
    return session


def test_each_event_is_registered_once_however_many_subscribe() -> None:
    first, second = Collector(), Collector()
    session = followed(first, second)
    assert set(session.registered.values()) == {1}
    assert session.posted == ["Network.enable"]
    session.dispatch("Network.dataReceived", {"requestId": "1", "dataLength": 7})
    assert first.events == second.events == [DataReceived("1", 7, "")]


def test_a_subscriber_that_fails_is_logged_and_keeps_nothing_from_the_others() -> None:
    collector = Collector()
    session = followed(Broken(), collector)
    with capture_logs() as logs:
        session.dispatch("Network.loadingFailed", {"requestId": "1", "timestamp": 2.0, "errorText": "net::ERR_FAILED"})
    assert collector.events == [LoadingFailed("1", 2.0, "net::ERR_FAILED", "")]
    assert [entry["subscriber"] for entry in logs] == ["Broken"]


def test_a_redirected_request_carries_the_answer_that_redirected_it() -> None:
    collector = Collector()
    session = followed(collector)
    session.dispatch(
        "Network.requestWillBeSent",
        {
            "requestId": "1",
            "loaderId": "1",
            "frameId": "F",
            "type": "Document",
            "timestamp": 1.0,
            "request": {"url": "http://a.example/b", "urlFragment": "#c", "method": "GET", "headers": {"A": "1\n2"}},
            "redirectResponse": {"url": "http://a.example/", "status": 302, "headers": {"Location": "/b"}},
        },
    )
    (event,) = collector.events
    assert isinstance(event, RequestSent)
    assert event.session is session
    assert (event.url, event.fragment, event.kind, event.frame, event.loader) == (
        "http://a.example/b",
        "#c",
        "Document",
        "F",
        "1",
    )
    assert event.headers == [("A", "1"), ("A", "2")]
    assert event.redirect is not None
    assert (event.redirect.status, event.redirect.headers) == (302, {"location": "/b"})


def test_headers_are_bounded_in_number() -> None:
    collector = Collector()
    session = followed(collector)
    headers = {f"h{number}": "x" for number in range(MAX_HEADERS + 5)}
    session.dispatch("Network.responseReceived", {"requestId": "1", "response": {"status": 200, "headers": headers}})
    (event,) = collector.events
    assert isinstance(event, ResponseReceived)
    assert len(event.response.header_lines) == MAX_HEADERS


def test_messages_of_web_sockets_tell_their_direction() -> None:
    collector = Collector()
    session = followed(collector)
    session.dispatch("Network.webSocketFrameSent", {"requestId": "w", "response": {"payloadData": "hi"}})
    session.dispatch("Network.webSocketFrameReceived", {"requestId": "w", "response": {"payloadData": "ho"}})
    assert collector.events == [SocketMessage("w", "sent", "hi"), SocketMessage("w", "received", "ho")]
