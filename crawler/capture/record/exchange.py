"""One request of a page and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

Headers = list[tuple[str, str]]

_STEPS = (
    ("dns", "dnsStart", "dnsEnd"),
    ("connect", "connectStart", "connectEnd"),
    ("ssl", "sslStart", "sslEnd"),
    ("send", "sendStart", "sendEnd"),
)


@dataclass(slots=True)
class HttpExchange:
    """A request, and its answer or the reason for having none.  Bodies are decoded: without transfer or content coding."""

    url: str
    method: str
    kind: str
    """``Document``, ``Script``, ``Image``..., in the terms of the DevTools protocol."""
    at: datetime
    """Time of the request, UTC."""
    clock: float
    """The same on the browser's monotonic clock, seconds."""
    request_headers: Headers = field(default_factory=list)
    request_body: bytes = b""
    status: int | None = None
    status_text: str = ""
    protocol: str = ""
    """ALPN name: ``http/1.1``, ``h2``..."""
    response_headers: Headers = field(default_factory=list)
    media_type: str = ""
    body: bytes | None = None
    """None where the response has no body, or it could not be fetched: see ``truncated``."""
    truncated: str = ""
    """Reason for an incomplete body: ``length``, ``time``, ``disconnect`` or ``unspecified`` (terms of ISO 28500)."""
    failure: str = ""
    ended: float | None = None
    """End of the answer on the browser's monotonic clock, seconds."""
    transferred: int = 0
    """Bytes sent over the network, headers included."""
    timing: dict[str, float] = field(default_factory=dict)
    """``ResourceTiming`` of the DevTools protocol: milliseconds since ``requestTime``, -1 where a step did not happen."""
    from_cache: bool = False
    address: str | None = None
    """The IP address that answered."""
    complete: bool = False
    extra_due: bool = False
    """The browser reports the headers as they were sent in a separate event."""

    @property
    def reason(self) -> str:
        """The reason phrase; HTTP/2 has none, and then it is the standard phrase of the status."""
        if self.status_text or self.status is None:
            return self.status_text
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return ""

    @property
    def location(self) -> str:
        """The target of a redirect; empty for any other answer."""
        if self.status is None or not 300 <= self.status < 400:
            return ""
        return next((value for name, value in self.response_headers if name.lower() == "location"), "")

    def timings(self) -> dict[str, float]:
        """Return the milliseconds of ``blocked, dns, connect, ssl, send, wait, receive`` for HAR 1.2; -1: does not apply."""
        parts = {name: self._between(start, end) for name, start, end in _STEPS}
        sent, came = self.timing.get("sendEnd", -1.0), self.timing.get("receiveHeadersEnd", -1.0)
        wait = max(came - sent, 0.0) if sent >= 0 and came >= 0 else 0.0
        whole = max((self.ended - self.clock) * 1000, 0.0) if self.ended is not None else 0.0
        known = wait + sum(max(parts[name], 0.0) for name in ("dns", "connect", "send"))
        first = [self.timing[start] for _, start, _ in _STEPS if self.timing.get(start, -1.0) >= 0]
        blocked = min(first) if first else -1.0
        receive = max(whole - known - max(blocked, 0.0), 0.0)
        send = max(parts.pop("send"), 0.0)
        return {"blocked": blocked, **parts, "send": send, "wait": wait, "receive": receive}

    def _between(self, start: str, end: str) -> float:
        begun, done = self.timing.get(start, -1.0), self.timing.get(end, -1.0)
        return done - begun if begun >= 0 and done >= begun else -1.0


def moment(seconds: object) -> datetime:
    """Convert a time of the DevTools protocol (seconds since the epoch) to UTC; the present time where it is invalid."""
    if isinstance(seconds, int | float):
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError, ValueError):
            pass
    return datetime.now(UTC)
