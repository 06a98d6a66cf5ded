"""What a page may reach: a filtering forward proxy in this process that is the browser's only way out.

The guard judges the address that a name resolves to at the moment of connecting and connects to exactly that address, so
neither a name nor a rebinding resolver gets past it.  Every capture has a gate (a loopback port) of its own: what it
asked for, was refused and has spent is known without any trust in the page.
"""

from __future__ import annotations

from crawler.net.guard.addresses import forbidden_reason, parse_blocks
from crawler.net.guard.capture_proxy import MARKER, CaptureProxy
from crawler.net.guard.dialer import GuardedDialer
from crawler.net.guard.http_client import GuardedHttpClient, HttpReply
from crawler.net.guard.http_heads import endpoint
from crawler.net.guard.resolve_rules import parse_rules
from crawler.net.guard.traffic_ledger import CaptureLimits, Failure, FailureError, FailureKind, TrafficLedger
from crawler.net.guard.upstream_proxy import parse_proxies, parse_upstream
from detector.config import CaptureConfig

__all__ = [
    "MARKER",
    "CaptureLimits",
    "CaptureProxy",
    "Failure",
    "FailureError",
    "FailureKind",
    "Guard",
    "GuardedHttpClient",
    "HttpReply",
    "TrafficLedger",
    "endpoint",
    "forbidden_reason",
    "parse_proxies",
    "parse_upstream",
]


class Guard:
    """Opens gates for captures; one for a whole run."""

    def __init__(self, config: CaptureConfig) -> None:
        """Read the rules of ``config``.

        Raises:
            ConfigError: ``resolve``, ``nameservers``, ``allow_private``, ``proxy`` or ``proxies`` is malformed.
        """
        self._limits = CaptureLimits(config.max_response_bytes, config.max_total_bytes, config.max_requests)
        self._answer_seconds = config.total_seconds
        self._upstream = parse_upstream(config.proxy)
        self._by_place = parse_proxies(config.proxies)
        self._dialer, self._thrifty = (
            GuardedDialer(
                rules=parse_rules(config.resolve),
                allowed=parse_blocks(config.allow_private),
                nameservers=config.nameservers,
                seconds=min(10.0, config.navigation_seconds),
                thrifty=thrifty,
            )
            for thrifty in (False, True)
        )

    def gate(self, *, place: str = "", proxy: str | None = None) -> CaptureProxy:
        """A way out for one capture, to be entered as an async context manager.

        It goes through ``proxy`` (an empty one: none), else through the proxy of ``place``, else through ``capture.proxy``.

        Raises:
            ConfigError: ``proxy`` is malformed.
        """
        upstream = parse_upstream(proxy, "proxy") if proxy is not None else self._by_place.get(place, self._upstream)
        return CaptureProxy(self._dialer, self._limits, answer_seconds=self._answer_seconds, upstream=upstream)

    def line(self, *, place: str = "") -> GuardedHttpClient:
        """A way out for one look without a browser, to be entered as an async context manager."""
        upstream = self._by_place.get(place, self._upstream)
        return GuardedHttpClient(self._thrifty, seconds=self._answer_seconds, upstream=upstream)

    def closed_gate(self) -> CaptureProxy:
        """A gate that lets nothing through: what a browser asks for on its own account."""
        return CaptureProxy(self._dialer, CaptureLimits(0, 0, 0), answer_seconds=self._answer_seconds)
