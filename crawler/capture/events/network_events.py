"""Network events of a page as typed values.

Protocol: https://chromedevtools.github.io/devtools-protocol/tot/Network/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crawler.browser.cdp.session import DevToolsSession, Event
from crawler.capture.record.exchange import Headers

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
            header_lines=header_lines(headers),
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
    """URL of the request, without its fragment."""
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


def header_lines(headers: object) -> Headers:
    """Split repeated headers, which the protocol reports as one, with line feeds between the values."""
    if not isinstance(headers, dict):
        return []
    pairs = [
        (str(name)[:MAX_HEADER], line[:MAX_HEADER])
        for name, value in headers.items()
        for line in str(value).split("\n")
    ]
    return pairs[:MAX_HEADERS]


def raw_header_lines(text: object) -> Headers:
    """Read header lines as HTTP/1 sent them, without the status line; HTTP/2 has no such text, and gives none."""
    if not isinstance(text, str):
        return []
    lines = (line.partition(":") for line in text.splitlines()[1:] if ":" in line)
    pairs = [(name.strip()[:MAX_HEADER], value.strip()[:MAX_HEADER]) for name, _, value in lines if name.strip()]
    return pairs[:MAX_HEADERS]
