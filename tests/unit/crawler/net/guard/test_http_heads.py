"""Message heads from hostile peers."""

from __future__ import annotations

import asyncio

import pytest

from crawler.net.guard import http_heads


async def read(data: bytes, *, lenient: bool = False) -> http_heads.MessageHead | None:
    reader = asyncio.StreamReader(limit=http_heads.HEAD_LIMIT)
    reader.feed_data(data)
    reader.feed_eof()
    return await http_heads.read_head(reader, lenient=lenient)


async def test_a_head_is_split_and_written_again() -> None:
    head = await read(b"GET http://a/ HTTP/1.1\r\nHost: a\r\nX-Y:  z \r\n\r\nbody")
    assert head is not None
    assert head.start == (b"GET", b"http://a/", b"HTTP/1.1")
    assert http_heads.encode(head.start, head.headers) == b"GET http://a/ HTTP/1.1\r\nHost: a\r\nX-Y: z\r\n\r\n"


async def test_headers_of_one_hop_stay_behind() -> None:
    head = await read(
        b"GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Secret\r\nX-Secret: 1\r\n"
        b"Proxy-Authorization: Basic eA==\r\nKeep-Alive: 5\r\nCookie: c=1\r\n\r\n"
    )
    assert head is not None
    assert head.end_to_end() == [(b"Host", b"a"), (b"Cookie", b"c=1")]


@pytest.mark.parametrize(
    "data",
    [
        b"GET http://a/ HTTP/1.1\r\nHost: a",
        b"nonsense\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nbad name : x\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nX: " + b"y" * http_heads.HEAD_LIMIT + b"\r\n\r\n",
    ],
)
async def test_malformed_and_oversize_heads_are_refused(data: bytes) -> None:
    with pytest.raises(http_heads.BadHeadError):
        await read(data)


async def test_many_short_header_lines_are_bounded_too() -> None:
    with pytest.raises(http_heads.BadHeadError, match="longer than"):
        await read(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * http_heads.HEAD_LIMIT, lenient=True)


async def test_careless_servers_are_understood_where_browsers_do() -> None:
    head = await read(b"HTTP/1.1 200 OK\nContent-Type: text/html\nnonsense\n\n<p>", lenient=True)
    assert head is not None
    assert head.values(b"content-type") == [b"text/html"]
    assert len(head.headers) == 1


async def test_a_closed_connection_is_no_head() -> None:
    assert await read(b"") is None


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        (b"Content-Length: 12", 12),
        (b"Content-Length: 12\r\nContent-Length: 12", 12),
        (b"Content-Length: 12\r\nContent-Length: 13", None),
        (b"Content-Length: -1", None),
        (b"Content-Length: 12\r\nTransfer-Encoding: chunked", None),
        (b"X: y", None),
    ],
)
async def test_the_announced_length_is_believed_only_when_it_is_clear(headers: bytes, length: int | None) -> None:
    head = await read(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n")
    assert head is not None
    assert head.content_length() == length


def test_targets_are_taken_apart() -> None:
    assert http_heads.absolute("http://A.example:81/x?y=1#z") == http_heads.RequestTarget("a.example", 81, "/x?y=1")
    assert http_heads.absolute("http://a.example?q") == http_heads.RequestTarget("a.example", 80, "/?q")
    assert http_heads.absolute("http://u:p@[::1]/") == http_heads.RequestTarget("::1", 80, "/")
    assert http_heads.authority("[2001:db8::1]:443") == http_heads.RequestTarget("2001:db8::1", 443)
    assert http_heads.endpoint("wss://a.example/x") == ("a.example", 443)
    assert http_heads.endpoint("data:text/plain,x") is None


@pytest.mark.parametrize(
    "text", ["https://a/", "ftp://a/", "/relative", "http://", "http://a:99999/", "file:///etc/passwd"]
)
def test_only_absolute_http_addresses_are_forwarded(text: str) -> None:
    with pytest.raises(http_heads.BadHeadError):
        http_heads.absolute(text)


@pytest.mark.parametrize("text", ["a.example", "a.example:0", ":443", "a:1/x", "u@a:443", "a:99999"])
def test_odd_authorities_are_refused(text: str) -> None:
    with pytest.raises(http_heads.BadHeadError):
        http_heads.authority(text)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://u:p@a.example/x?y@z#f", "http://a.example/x?y@z"),
        ("http://a.example/@/#f", "http://a.example/@/"),
        ("http://u@a.example?q", "http://a.example?q"),
        ("data:text/plain,x", "data:text/plain,x"),
    ],
)
def test_addresses_are_compared_as_they_are_sent(url: str, sent: str) -> None:
    assert http_heads.as_sent(url) == sent
