"""Broken, endless and slow responses, and text that may break whatever stores it."""

from __future__ import annotations

import asyncio

from tests.hostile.kind import SEEN, Kind, hang, html
from tests.support.pages.sites import answer, page

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"


async def endless(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + SEEN.encode())
    while True:
        writer.write(b"<p>more" * 1000)
        await writer.drain()


async def _stream(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + SEEN.encode())
    while True:
        writer.write(b"<p>more" * 1000)
        await writer.drain()
        await asyncio.sleep(0.005)


async def _drip(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + SEEN.encode() + b"<p>")
    while True:
        writer.write(b"more ")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _drip_head(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _interim(_: str, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()


KINDS = (
    Kind(
        name="endless-page",
        does="streams without end",
        routes={"": _stream},
    ),
    Kind(
        name="fire-hose",
        does="streams without end as fast as it is read",
        routes={"": endless},
        outcomes=("ok", "oversize", "crashed", "timeout"),
        seen=False,
    ),
    Kind(name="slow-drip", does="drips for as long as anybody listens", routes={"": _drip}, note="cut off"),
    Kind(
        name="slow-head",
        does="drips the head of its answer",
        routes={"": _drip_head},
        outcomes=("timeout",),
        seen=False,
    ),
    Kind(name="silence", does="never answers", routes={"": hang}, outcomes=("timeout",), seen=False),
    Kind(
        name="interim-answers",
        does="sends interim answers without end",
        routes={"": _interim},
        outcomes=("failed",),
        seen=False,
        note="interim",
    ),
    Kind(
        name="huge-head",
        does="sends a megabyte of headers",
        routes={"": answer(page(SEEN), **{f"X-{n}": "x" * 1000 for n in range(1000)})},
        outcomes=("failed",),
        seen=False,
        note="head",
    ),
    Kind(
        name="bad-chunks",
        does="sends chunks of a length that is no number",
        routes={"": _HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n") + b"zz\r\n" + SEEN.encode()},
        outcomes=("failed",),
        seen=False,
    ),
    Kind(
        name="cut-short",
        does="announces more than it sends",
        routes={"": _HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 99999\r\n\r\n") + SEEN.encode()},
    ),
    Kind(
        name="bad-gzip",
        does="says that it is packed, and is not",
        routes={"": answer(page(SEEN), Content_Encoding="gzip")},
        outcomes=("failed",),
        seen=False,
    ),
    Kind(name="no-http", does="does not speak HTTP", routes={"": SEEN.encode()}, outcomes=("failed",), seen=False),
    Kind(
        name="empty", does="closes the connection without an answer", routes={"": b""}, outcomes=("failed",), seen=False
    ),
    Kind(
        name="malformed",
        does="is malformed from end to end",
        routes={
            "": answer(
                b"<html><h1>seen<<!doctype x><table><form><tr><svg><style><!--</style><math><mtext><h1 a=\"'<'\">x</td>"
                b"</svg></p><select><plaintext>&#0;&#xD800;&#99999999;</html><body onload=1><frameset>"
            )
        },
    ),
    Kind(
        name="bad-encoding",
        does="is in no encoding that exists, with broken sequences",
        routes={
            "": answer(page(SEEN + "ä\x80") + b"\xff\xfe\xc3\x28\xed\xa0\x80\xf8", media_type="text/html; charset=x-no")
        },
    ),
    Kind(
        name="utf-16",
        does="is in UTF-16 without saying so",
        routes={"": answer(b"\xff\xfe" + page(SEEN).decode().encode("utf-16-le"), media_type="text/html")},
    ),
    Kind(
        name="nul-text",
        does="hides NUL and lone surrogates in title, text and form",
        routes={
            "": html(
                f"{SEEN}a\0b<form action='/\0x'><input name='a\0'></form>"
                "<script>document.title = 'a\\0\\ud800b'; document.body.append('\\ud800\\0')</script>",
                title="a\0b",
            )
        },
    ),
    Kind(
        name="right-to-left",
        does="turns its text around with bidirectional controls",
        routes={"": html(f"\u202e{SEEN}\u2066\u202dknab ruoy\u202e" + "\u202e" * 10_000, title="\u202elapyap\u2066")},
    ),
    Kind(
        name="combining",
        does="stacks nine thousand marks on one letter",
        routes={"": html(f"{SEEN}Z" + "\u0335\u0489\u0321" * 3_000)},
    ),
    Kind(
        name="huge-title",
        does="has a title of 10 MB",
        routes={"": html(title="t" * 10_000_000)},
    ),
    Kind(
        name="huge-attributes",
        does="has addresses, names and values of a megabyte",
        routes={
            "": html(
                f"{SEEN}<a href='/{'a' * 1_000_000}'>x</a><form action='/{'f' * 1_000_000}'>"
                f"<input name='{'n' * 1_000_000}' value='{'v' * 1_000_000}'></form><img src='/{'i' * 1_000_000}'>"
            )
        },
    ),
    Kind(
        name="one-long-word",
        does="is one word of five million letters",
        routes={"": html(SEEN + "w" * 5_000_000)},
    ),
)
