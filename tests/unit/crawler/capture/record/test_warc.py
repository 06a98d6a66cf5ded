"""WARC records of hostile exchanges: they stay records, and say where a body is not whole."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawler.capture.record.exchange import HttpExchange
from crawler.capture.record.warc import write_warc

AT = datetime(2026, 11, 24, 3, 0, 0, 250_000, tzinfo=UTC)


def exchange(url: str = "http://shop.example/", **changes: object) -> HttpExchange:
    values = {"method": "GET", "kind": "Document", "at": AT, "clock": 1.0, "status": 200, "complete": True, **changes}
    return HttpExchange(url=url, **values)  # type: ignore[arg-type]


def read(*exchanges: HttpExchange) -> list[tuple[str, dict[str, str], bytes]]:
    warc = write_warc(exchanges, about={"software": "clonewatch"})
    return [
        (record.rec_type, dict(record.rec_headers.headers), record.content_stream().read())
        for record in ArchiveIterator(io.BytesIO(warc), check_digests="raise")
    ]


def test_a_header_cannot_begin_a_line_of_its_own() -> None:
    hostile = exchange(
        response_headers=[("X\r\nSet-Cookie", "a\r\n\r\n<html>"), ("Good", "yes")],
        body=b"body",
        status_text="OK\r\nX: y",
    )
    rows = read(hostile)
    assert [kind for kind, _, _ in rows] == ["warcinfo", "response", "request"]
    assert rows[1][2] == b"body"


def test_times_are_those_of_the_request() -> None:
    assert {headers.get("WARC-Date") for kind, headers, _ in read(exchange()) if kind != "warcinfo"} == {
        "2026-11-24T03:00:00.250000Z"
    }


def test_a_body_that_could_not_be_had_is_marked() -> None:
    (_, headers, body) = next(row for row in read(exchange(truncated="length")) if row[0] == "response")
    assert headers["WARC-Truncated"] == "length"
    assert body == b""
    (_, whole, _) = next(row for row in read(exchange(body=b"x")) if row[0] == "response")
    assert "WARC-Truncated" not in whole


def test_a_failure_is_told() -> None:
    rows = read(exchange(status=None, complete=False, failure="net::ERR_CONNECTION_RESET"))
    assert [kind for kind, _, _ in rows] == ["warcinfo", "request", "metadata"]
    assert b"net::ERR_CONNECTION_RESET" in rows[2][2]


def test_the_answer_to_a_head_and_an_unfinished_one() -> None:
    rows = read(exchange(complete=False, body=b"half"))
    assert next(headers for kind, headers, _ in rows if kind == "response")["WARC-Truncated"] == "unspecified"


@settings(max_examples=150, deadline=None)
@given(
    url=st.text(max_size=60),
    headers=st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=5),
    body=st.binary(max_size=200),
    status=st.one_of(st.none(), st.integers(100, 999)),
    reason=st.text(max_size=20),
)
def test_whatever_a_server_says_is_read_back(
    url: str, headers: list[tuple[str, str]], body: bytes, status: int | None, reason: str
) -> None:
    one = exchange(
        f"http://shop.example/{url}", request_headers=headers, response_headers=headers, body=body, status=status
    )
    one.status_text = reason
    rows = read(one, exchange("http://shop.example/after", body=b"after"))
    assert rows[-1][2] == b"after" or rows[-2][2] == b"after"
    if status is not None:
        assert body in [content for kind, _, content in rows if kind == "response"]
