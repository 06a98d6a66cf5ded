"""Record of the guard's work for one capture: refusals, failures, addresses that answered, and totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crawler.net.guard.http_heads import as_sent
from detector.model import DnsAnswer


class FailureKind(StrEnum):
    """The reason for which a connection or request failed."""

    GUARD = "guard"
    """Refused by policy: the address is not public, the spelling is odd."""
    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    OVERSIZE = "oversize"
    PROXY = "proxy"
    """The operator's own proxy failed; nothing is known about the site."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed request or connection, with a sentence for people."""

    kind: FailureKind
    sentence: str


class FailureError(Exception):
    """Raised where the guard refuses or cannot do something; carries the :class:`Failure`."""

    def __init__(self, kind: FailureKind, sentence: str) -> None:
        super().__init__(sentence)
        self.failure = Failure(kind, sentence)


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """Limits of one capture; bytes are those received from the network."""

    response_bytes: int
    total_bytes: int
    requests: int


MAX_ENTRIES = 2000
"""Entries that each table of a ledger keeps: a page that opens more connections than that has been cut off already."""


@dataclass(slots=True)
class TrafficLedger:
    """The record of one capture; written by the guard, read by the capture."""

    limits: CaptureLimits
    on_stop: Callable[[], None] = lambda: None
    """Called once when a limit of the whole capture is reached: ends its open connections."""
    requests: int = 0
    received: int = 0
    sent: int = 0
    """Bytes of requests and tunnels that the page sent."""
    stopped: Failure | None = None
    """Set once a limit of the whole capture was reached; everything after it is refused."""
    _urls: dict[str, Failure] = field(default_factory=dict)
    _hosts: dict[tuple[str, int], Failure] = field(default_factory=dict)
    _addresses: dict[tuple[str, int], str] = field(default_factory=dict)
    _dns: dict[str, DnsAnswer] = field(default_factory=dict)

    def count_request(self) -> None:
        """Count one request or tunnel.

        Raises:
            FailureError: the capture has used up its requests, or was stopped.
        """
        if self.stopped is not None:
            raise FailureError(self.stopped.kind, self.stopped.sentence)
        self.requests += 1
        if self.requests > self.limits.requests:
            self.stop(FailureKind.OVERSIZE, f"the page made more than {self.limits.requests} requests")
            raise FailureError(FailureKind.OVERSIZE, f"the page made more than {self.limits.requests} requests")

    def raise_request_limit(self, requests: int) -> None:
        """Permit this many more: our own requests do not count against the page."""
        self.limits = replace(self.limits, requests=self.limits.requests + requests)

    def count_received(self, size: int) -> None:
        """Count bytes received from the network.

        Raises:
            FailureError: the capture has received more than it may.
        """
        self.received += size
        if self.received > self.limits.total_bytes:
            sentence = f"the page loaded more than {self.limits.total_bytes} bytes"
            self.stop(FailureKind.OVERSIZE, sentence)
            raise FailureError(FailureKind.OVERSIZE, sentence)

    def count_sent(self, size: int) -> None:
        """Count bytes sent to the network; their limit is that of received bytes.

        Raises:
            FailureError: the capture has sent more than it may.
        """
        self.sent += size
        if self.sent > self.limits.total_bytes:
            sentence = f"the page sent more than {self.limits.total_bytes} bytes"
            self.stop(FailureKind.OVERSIZE, sentence)
            raise FailureError(FailureKind.OVERSIZE, sentence)

    def stop(self, kind: FailureKind, sentence: str) -> None:
        """Refuse everything from now on, and end open connections; the first reason stays."""
        if self.stopped is None:
            self.stopped = Failure(kind, sentence)
            self.on_stop()

    def record_failure(self, failure: Failure, host: str, port: int, url: str | None = None) -> None:
        """Record that a plain request for ``url``, or else a tunnel to ``host`` and ``port``, failed."""
        if url is not None:
            if len(self._urls) < MAX_ENTRIES:
                self._urls[as_sent(url)] = failure
        elif len(self._hosts) < MAX_ENTRIES:
            self._hosts[host, port] = failure

    def forget_failure(self, host: str, port: int, url: str | None = None) -> None:
        """Forget the failure of a request or tunnel that succeeded later."""
        if url is not None:
            self._urls.pop(as_sent(url), None)
        else:
            self._hosts.pop((host, port), None)

    def record_address(self, host: str, port: int, address: str) -> None:
        """Record the address that answered for ``host`` and ``port``."""
        if len(self._addresses) < MAX_ENTRIES:
            self._addresses[host, port] = address

    def record_dns(self, answer: DnsAnswer) -> None:
        """Record what a name resolved to; the first answer stays: it is the one that was used."""
        if answer.host not in self._dns and len(self._dns) < MAX_ENTRIES:
            self._dns[answer.host] = answer

    def dns(self) -> tuple[DnsAnswer, ...]:
        """Return what names resolved to, in the order of the queries."""
        return tuple(self._dns.values())

    def failure_of(self, host: str, port: int, url: str) -> Failure | None:
        """Return why ``url`` (plain http) or its host (TLS, WebSocket) failed; None where the guard saw no failure."""
        return self._urls.get(as_sent(url)) or self._hosts.get((host, port))

    def address_of(self, host: str, port: int) -> str | None:
        """Return the IP address that answered for ``host`` and ``port``."""
        return self._addresses.get((host, port))
