"""Write exchanges as a WARC file (ISO 28500, version 1.1), gzipped a record at a time, as ReplayWeb.page and pywb read it.

Bodies come decoded from the browser.  The headers that spoke of a coding stay under the prefix ``X-Archive-Orig-``, as web
archives have it, and Content-Length is that of the record's body.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.capture.record.exchange import Headers, HttpExchange

_CODINGS = frozenset({"content-encoding", "transfer-encoding", "content-length", "trailer"})
_PREFIX = "X-Archive-Orig-"


class _Writer(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """Keeps a record's bytes in memory: warcio never closes its temporary files."""

    @staticmethod
    def _create_temp_file() -> io.BytesIO:
        return io.BytesIO()


def write_warc(
    exchanges: Sequence[HttpExchange],
    *,
    about: dict[str, str],
    messages: Sequence[tuple[str, str, str]] = (),
    document: tuple[str, bytes] | None = None,
) -> bytes:
    """Return the whole file.  ``about``: fields of the ``warcinfo`` record; ``document``: address and HTML of the rendered page."""
    output = io.BytesIO()
    writer = _Writer(output, gzip=True, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record("traffic.warc.gz", about))
    for exchange in exchanges:
        _write(writer, exchange)
    if document is not None:
        url, html = document
        record = writer.create_warc_record(
            f"urn:clonewatch:rendered:{_uri(url)}",
            "resource",
            payload=io.BytesIO(html),
            warc_content_type="text/html; charset=utf-8",
        )
        writer.write_record(record)
    for number, (url, way, text) in enumerate(messages):
        record = writer.create_warc_record(
            f"urn:clonewatch:websocket:{number}:{way}:{_uri(url)}",
            "resource",
            payload=io.BytesIO(text.encode("utf-8", "replace")),
            warc_content_type="text/plain; charset=utf-8",
        )
        writer.write_record(record)
    return output.getvalue()


def _write(writer: _Writer, exchange: HttpExchange) -> None:
    uri = _uri(exchange.url)
    common = {"WARC-Date": _date(exchange.at)}
    if exchange.address:
        common["WARC-IP-Address"] = exchange.address
    request = writer.create_warc_record(
        uri,
        "request",
        payload=io.BytesIO(exchange.request_body),
        http_headers=StatusAndHeaders(_request_line(exchange), _clean(exchange.request_headers), is_http_request=True),
        warc_headers_dict=dict(common),
    )
    if exchange.status is None:
        writer.write_record(request)
        reason = f"failure: {exchange.failure or 'no answer before the capture ended'}\r\n"
        record = writer.create_warc_record(
            uri,
            "metadata",
            payload=io.BytesIO(reason.encode("utf-8", "replace")),
            warc_content_type="application/warc-fields",
            warc_headers_dict={**common, "WARC-Concurrent-To": request.rec_headers.get_header("WARC-Record-ID")},
        )
        writer.write_record(record)
        return
    if exchange.truncated or not exchange.complete:
        common["WARC-Truncated"] = exchange.truncated or "unspecified"
    response = writer.create_warc_record(
        uri,
        "response",
        payload=io.BytesIO(exchange.body or b""),
        http_headers=StatusAndHeaders(
            f"{exchange.status} {_line(exchange.reason)}".rstrip(), _response_headers(exchange), protocol="HTTP/1.1"
        ),
        warc_headers_dict=common,
    )
    writer.write_request_response_pair(request, response)


def _request_line(exchange: HttpExchange) -> str:
    parts = urlsplit(_uri(exchange.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{_line(exchange.method)} {target} HTTP/1.1"


def _response_headers(exchange: HttpExchange) -> Headers:
    kept = [
        (_PREFIX + name if name.lower() in _CODINGS else name, value)
        for name, value in _clean(exchange.response_headers)
    ]
    return [*kept, ("Content-Length", str(len(exchange.body or b"")))]


def _clean(headers: Headers) -> Headers:
    """Make header values single lines, and leave out HTTP/2 pseudo-headers: the request line has their values."""
    return [(_line(name), _line(value)) for name, value in headers if _line(name) and not name.startswith(":")]


def _line(text: str) -> str:
    """Convert hostile text for a line of ASCII, as warcio requires: other letters percent-encoded, controls as blanks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(
        " " if char < " " or char == "\x7f" else char if char <= "~" else _percent(char) for char in text
    ).strip()


def _uri(url: str) -> str:
    """Return ``url`` in visible ASCII; anything else percent-encoded as UTF-8."""
    return "".join(char if "!" <= char <= "~" else _percent(char) for char in url)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _date(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
