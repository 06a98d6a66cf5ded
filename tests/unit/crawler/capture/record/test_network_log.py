"""Network events put together to exchanges."""

from __future__ import annotations

import time
from typing import Any

from crawler.browser.cdp.pipe import DevToolsPipe
from crawler.browser.cdp.session import DevToolsSession, Event
from crawler.capture.events.network_listener import NetworkListener
from crawler.capture.record.exchange import HttpExchange
from crawler.capture.record.network_log import MAX_EXCHANGES, NetworkLog


class SilentSession(DevToolsSession):
    """A session without a browser: events are told to it, and its commands go nowhere."""

    def __init__(self) -> None:
        super().__init__(DevToolsPipe(), "A1")

    def post(self, method: str, parameters: Event | None = None) -> None:
        pass


class Page:
    """A log and what it told."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.finished: list[tuple[str, HttpExchange]] = []
        self.log = NetworkLog(
            on_request=lambda request, session: None,
            on_document=lambda request, exchange: self.documents.append(request),
            on_data=lambda request, data: None,
            on_finished=lambda request, exchange: self.finished.append((request, exchange)),
        )
        self._session = SilentSession()
        NetworkListener((self.log,)).follow(self._session)

    def tell(self, name: str, **event: Any) -> None:
        self._session.dispatch(f"Network.{name}", event)

    def ask(self, identity: str, url: str, **more: Any) -> None:
        request = {"url": url, "method": "GET", "headers": {"Accept": "*/*"}}
        self.tell(
            "requestWillBeSent", requestId=identity, request=request, timestamp=1.0, wallTime=1_790_000_000.0, **more
        )


def response(status: int, **headers: str) -> dict[str, Any]:
    return {"status": status, "statusText": "", "protocol": "h2", "headers": headers, "mimeType": "text/html"}


def test_each_hop_of_a_redirect_is_an_exchange_with_its_own_headers() -> None:
    page = Page()
    page.ask("1", "http://a.example/", type="Document")
    page.tell(
        "responseReceivedExtraInfo", requestId="1", headers={"location": "/b", "set-cookie": "a=1\nb=2"}, statusCode=302
    )
    page.ask("1", "http://a.example/b", type="Document", redirectResponse=response(302), redirectHasExtraInfo=True)
    page.tell("responseReceived", requestId="1", response=response(200), hasExtraInfo=True)
    text = "HTTP/1.1 200 OK\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n"
    page.tell("responseReceivedExtraInfo", requestId="1", headers={}, headersText=text, statusCode=200)
    page.tell("loadingFinished", requestId="1", timestamp=1.5, encodedDataLength=300)
    page.log.settle()
    first, second = page.log.exchanges
    assert (first.status, first.complete, first.location) == (302, True, "/b")
    assert first.response_headers[1:] == [("set-cookie", "a=1"), ("set-cookie", "b=2")]
    assert first.reason == "Found"
    assert second.response_headers == [("X-Twice", "1"), ("X-Twice", "2")]
    assert (second.transferred, second.timings()["receive"]) == (300, 500.0)
    assert page.documents == ["1"]
    assert page.finished == [("1", second)]


def test_a_redirect_without_headers_of_its_own_does_not_take_the_next_ones() -> None:
    page = Page()
    page.ask("1", "http://a.example/")
    page.ask("1", "https://a.example/", redirectResponse=response(307, Location="https://a.example/"))
    page.tell("responseReceived", requestId="1", response=response(200), hasExtraInfo=True)
    page.tell("responseReceivedExtraInfo", requestId="1", headers={"server": "x"}, statusCode=200)
    page.log.settle()
    assert [exchange.response_headers for exchange in page.log.exchanges] == [
        [("Location", "https://a.example/")],
        [("server", "x")],
    ]


def test_events_of_nothing_known_and_addresses_without_a_network() -> None:
    page = Page()
    page.tell("responseReceived", requestId="9", response=response(200))
    page.tell("loadingFinished", requestId="9", timestamp=1.0)
    page.tell("loadingFailed", requestId="9", timestamp=1.0, errorText="x")
    page.ask("2", "data:text/html,hi")
    page.ask("3", "blob:http://a.example/1")
    assert page.log.exchanges == []


def test_a_failure_after_the_head_is_a_body_that_broke_off() -> None:
    page = Page()
    page.ask("1", "http://a.example/x")
    page.tell("responseReceived", requestId="1", response=response(200))
    page.tell("loadingFailed", requestId="1", timestamp=2.0, errorText="net::ERR_FAILED", blockedReason="csp")
    (exchange,) = page.log.exchanges
    assert (exchange.failure, exchange.truncated) == ("net::ERR_FAILED (csp)", "disconnect")


def test_floods_are_bounded_and_counted() -> None:
    page = Page()
    for number in range(MAX_EXCHANGES + 5):
        page.ask(str(number), f"http://a.example/{number}")
    assert (len(page.log.exchanges), page.log.dropped) == (MAX_EXCHANGES, 5)
    page.tell("webSocketCreated", requestId="w", url="ws://a.example/")
    for _ in range(500):
        page.tell("webSocketFrameSent", requestId="w", response={"payloadData": "x" * 9000})
    assert len(page.log.messages) == 200
    assert page.log.messages[0] == ("ws://a.example/", "sent", "x" * 4096)


def test_what_a_page_dates_by_a_clock_that_was_moved_on_is_dated_by_ours() -> None:
    page = Page()
    now, ahead = time.time(), 3600.0
    ask = {"request": {"url": "http://a.example/late", "method": "GET"}, "timestamp": 100.0 + ahead}
    page.tell("requestWillBeSent", requestId="1", wallTime=now + ahead, **ask)
    page.tell("loadingFinished", requestId="1", timestamp=101.0 + ahead, encodedDataLength=3)
    page.tell("requestWillBeSent", requestId="2", wallTime=now + ahead, **ask)
    page.tell("loadingFinished", requestId="2", timestamp=101.0, encodedDataLength=3)
    assert [exchange.at.timestamp() <= time.time() for exchange in page.log.exchanges] == [True, True]
    # a minute is what a machine that swaps may take between the lines above
    assert [(exchange.ended or 0) - exchange.clock < 60 for exchange in page.log.exchanges] == [True, True]
