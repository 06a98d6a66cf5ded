"""Write exchanges as HTTP Archive 1.2 (the W3C's draft of 2012 and http://www.softwareishard.com/blog/har-12-spec/)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from crawler.capture.record.exchange import Headers, HttpExchange

MAX_TEXT = 1_000_000
"""Bytes of a body that the HAR contains; the WARC has all of it."""
_TEXTUAL = ("text/", "application/json", "application/javascript", "application/xml", "image/svg+xml")


def write_har(exchanges: Sequence[HttpExchange], *, title: str, started: datetime, browser: str, program: str) -> bytes:
    """Return the archive as UTF-8 JSON."""
    log = {
        "version": "1.2",
        "creator": _named(program),
        "browser": _named(browser),
        "pages": [{"startedDateTime": _time(started), "id": "page_1", "title": title, "pageTimings": {}}],
        "entries": [_entry(exchange) for exchange in exchanges],
    }
    return msgspec.json.encode({"log": log})


def _entry(exchange: HttpExchange) -> dict[str, Any]:
    timings = exchange.timings()
    entry: dict[str, Any] = {
        "pageref": "page_1",
        "startedDateTime": _time(exchange.at),
        "time": round(sum(value for name, value in timings.items() if value > 0 and name != "ssl"), 3),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {name: round(value, 3) for name, value in timings.items()},
        "_resourceType": exchange.kind.lower(),
    }
    if exchange.address:
        entry["serverIPAddress"] = exchange.address
    if exchange.from_cache:
        entry["_fromCache"] = "memory"
    return entry


def _request(exchange: HttpExchange) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.protocol or "unknown",
        "cookies": [],
        "headers": _pairs(exchange.request_headers),
        "queryString": [{"name": name, "value": value} for name, value in _query(exchange.url)],
        "headersSize": -1,
        "bodySize": len(exchange.request_body),
    }
    if exchange.request_body:
        media_type = next((value for name, value in exchange.request_headers if name.lower() == "content-type"), "")
        text = exchange.request_body.decode("utf-8", "replace")
        request["postData"] = {"mimeType": media_type, "params": [], "text": text}
    return request


def _response(exchange: HttpExchange) -> dict[str, Any]:
    response: dict[str, Any] = {
        "status": exchange.status or 0,
        "statusText": exchange.reason,
        "httpVersion": exchange.protocol or "unknown",
        "cookies": [],
        "headers": _pairs(exchange.response_headers),
        "content": _content(exchange),
        "redirectURL": exchange.location,
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": exchange.transferred,
    }
    if exchange.failure or exchange.status is None:
        response["_error"] = exchange.failure or "no answer before the capture ended"
    return response


def _content(exchange: HttpExchange) -> dict[str, Any]:
    body = exchange.body or b""
    content: dict[str, Any] = {"size": len(body), "mimeType": exchange.media_type or "x-unknown"}
    if not body:
        return content
    if len(body) > MAX_TEXT:
        return {**content, "comment": f"{len(body)} bytes; they are in the WARC"}
    if exchange.media_type.startswith(_TEXTUAL):
        try:
            return {**content, "text": body.decode("utf-8")}
        except UnicodeDecodeError:
            pass
    return {**content, "text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=500)
    except ValueError:
        return []


def _named(label: str) -> dict[str, str]:
    name, _, version = label.rpartition(" ")
    return {"name": name or label or "unknown", "version": version if name else ""}


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
