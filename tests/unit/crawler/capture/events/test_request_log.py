"""The bounded log of a page's requests."""

from __future__ import annotations

from crawler.capture.events.request_log import MAX_URL, PageRequest, RequestLog
from detector.model import NetworkEntry


def request(url: str = "https://a.example/", *, kind: str = "script", main: bool = False) -> PageRequest:
    return PageRequest(url, "GET", kind, main)


def test_an_entry_is_filled_as_the_request_goes_on() -> None:
    log, sent = RequestLog(5), request()
    log.add("1", sent, inline=False)
    assert log.in_flight == {sent}
    assert not log.lacks_size(sent)
    log.note(sent, status=200)
    assert log.lacks_size(sent)
    assert log.end("1") is sent
    log.note(sent, size=7)
    assert not log.lacks_size(sent)
    assert log.in_flight == set()
    assert log.entries() == (NetworkEntry("https://a.example/", "GET", "script", status=200, size=7),)


def test_over_the_limit_only_documents_are_remembered_and_none_is_logged() -> None:
    log = RequestLog(1)
    log.add("1", request(), inline=False)
    log.add("2", request(), inline=False)
    document = request(main=True)
    log.add("3", document, inline=False)
    assert log.find("2") is None
    assert log.find("3") is document
    log.note(document, status=200)
    assert (len(log.entries()), len(log.in_flight)) == (1, 1)


def test_an_address_that_holds_its_answer_is_no_traffic() -> None:
    log, inline = RequestLog(5), request("data:text/html,x", main=True)
    log.add("1", inline, inline=True)
    assert log.find("1") is inline
    assert (log.entries(), log.in_flight) == ((), set())


def test_fonts_and_long_addresses() -> None:
    log = RequestLog(5)
    log.add("1", request("https://a.example/f.woff", kind="font"), inline=False)
    log.add("2", request("https://a.example/" + "x" * MAX_URL), inline=False)
    assert log.font_urls() == ("https://a.example/f.woff",)
    assert len(log.entries()[1].url) == MAX_URL


def test_the_end_of_an_unknown_request_is_nothing() -> None:
    assert RequestLog(5).end("1") is None
