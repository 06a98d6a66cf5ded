"""What the guard did for one capture: what it refused, what failed, which address answered, how much was spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crawler.net.guard.http_heads import as_sent
from detector.model import DnsAnswer


class FailureKind(StrEnum):
    """Why a connection or request did not go through."""

    GUARD = "guard"
    """Refused by policy: the address is not public, the spelling is odd."""
    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    OVERSIZE = "oversize"
    PROXY = "proxy"
    """Our own proxy is to blame: it says nothing about the site."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that did not go through, with a sentence for people."""

    kind: FailureKind
    sentence: str


class FailureError(Exception):
    """Carries a :class:`Failure` up to where the browser is answered; never leaves the guard."""

    def __init__(self, kind: FailureKind, sentence: str) -> None:
        super().__init__(sentence)
        self.trouble = Failure(kind, sentence)


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """Bounds of one capture; bytes count what comes from the network."""

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
    """Called once when a bound of the whole capture is reached: ends its open connections."""
    requests: int = 0
    received: int = 0
    sent: int = 0
    """Bytes of bodies and tunnels that the page sent."""
    stopped: Failure | None = None
    """Set once a bound of the whole capture was reached; everything after it is refused."""
    _urls: dict[str, Failure] = field(default_factory=dict)
    _hosts: dict[tuple[str, int], Failure] = field(default_factory=dict)
    _addresses: dict[tuple[str, int], str] = field(default_factory=dict)
    _dns: dict[str, DnsAnswer] = field(default_factory=dict)

    def admit(self) -> None:
        """Count one request or tunnel.

        Raises:
            TroubleError: the capture has spent what it may.
        """
        if self.stopped is not None:
            raise FailureError(self.stopped.kind, self.stopped.sentence)
        self.requests += 1
        if self.requests > self.limits.requests:
            self.stop(FailureKind.OVERSIZE, f"the page made more than {self.limits.requests} requests")
            raise FailureError(FailureKind.OVERSIZE, f"the page made more than {self.limits.requests} requests")

    def allow(self, requests: int) -> None:
        """Let this many more through: those of our own, which are not the page's to answer for."""
        self.limits = replace(self.limits, requests=self.limits.requests + requests)

    def receive(self, size: int) -> None:
        """Count bytes from the network.

        Raises:
            TroubleError: the capture has received more than it may.
        """
        self.received += size
        if self.received > self.limits.total_bytes:
            sentence = f"the page loaded more than {self.limits.total_bytes} bytes"
            self.stop(FailureKind.OVERSIZE, sentence)
            raise FailureError(FailureKind.OVERSIZE, sentence)

    def send(self, size: int) -> None:
        """Count bytes that go out: as many may as may come in.

        Raises:
            TroubleError: the capture has sent more than it may.
        """
        self.sent += size
        if self.sent > self.limits.total_bytes:
            sentence = f"the page sent more than {self.limits.total_bytes} bytes"
            self.stop(FailureKind.OVERSIZE, sentence)
            raise FailureError(FailureKind.OVERSIZE, sentence)

    def stop(self, kind: FailureKind, sentence: str) -> None:
        """Let nothing more through for this capture, and end what is open; the first reason stays."""
        if self.stopped is None:
            self.stopped = Failure(kind, sentence)
            self.on_stop()

    def blame(self, trouble: Failure, host: str, port: int, url: str | None = None) -> None:
        """Note that a plain request for ``url``, or else a tunnel to ``host`` and ``port``, did not go through."""
        if url is not None:
            if len(self._urls) < MAX_ENTRIES:
                self._urls[as_sent(url)] = trouble
        elif len(self._hosts) < MAX_ENTRIES:
            self._hosts[host, port] = trouble

    def clear(self, host: str, port: int, url: str | None = None) -> None:
        """Forget the blame once the same request or tunnel went through."""
        if url is not None:
            self._urls.pop(as_sent(url), None)
        else:
            self._hosts.pop((host, port), None)

    def answered(self, host: str, port: int, address: str) -> None:
        """Note which address answered."""
        if len(self._addresses) < MAX_ENTRIES:
            self._addresses[host, port] = address

    def resolved(self, answer: DnsAnswer) -> None:
        """Note what a name resolved to; the first answer stays: it is the one that was used."""
        if answer.host not in self._dns and len(self._dns) < MAX_ENTRIES:
            self._dns[answer.host] = answer

    def dns(self) -> tuple[DnsAnswer, ...]:
        """What names resolved to, in the order in which they were asked for."""
        return tuple(self._dns.values())

    def trouble_with(self, host: str, port: int, url: str) -> Failure | None:
        """Why ``url`` (plain http) or its host (TLS, WebSocket) did not go through; None when the guard saw nothing wrong."""
        return self._urls.get(as_sent(url)) or self._hosts.get((host, port))

    def address_of(self, host: str, port: int) -> str | None:
        """The IP address that answered for ``host`` and ``port``."""
        return self._addresses.get((host, port))
