"""The guard decides which addresses may be connected to; a forward proxy in this process is the browser's only way out.

The guard checks the address that a name resolves to at the moment of connecting, and connects to exactly that address, so
neither a name nor DNS rebinding gets past it.  Every capture has a proxy (a loopback port) of its own: its requests, refusals
and totals are known without trusting the page.
"""

from __future__ import annotations

from crawler.net.guard.addresses import forbidden_reason, parse_blocks
from crawler.net.guard.capture_proxy import CaptureProxy
from crawler.net.guard.dialer import GuardedDialer
from crawler.net.guard.http_client import GuardedHttpClient, HttpReply
from crawler.net.guard.http_heads import endpoint
from crawler.net.guard.resolve_rules import parse_rules
from crawler.net.guard.time_budget import TimeBudget
from crawler.net.guard.traffic_ledger import CaptureLimits, Failure, FailureError, FailureKind, TrafficLedger
from crawler.net.guard.upstream_proxy import parse_proxies, parse_upstream
from detector.config import CaptureConfig

__all__ = [
    "CaptureLimits",
    "CaptureProxy",
    "Failure",
    "FailureError",
    "FailureKind",
    "Guard",
    "GuardedHttpClient",
    "HttpReply",
    "TimeBudget",
    "TrafficLedger",
    "endpoint",
    "forbidden_reason",
    "parse_proxies",
    "parse_upstream",
]


class Guard:
    """Opens proxies for captures and HTTP clients for probes; one guard for a whole run."""

    def __init__(self, config: CaptureConfig) -> None:
        """Read the rules of ``config``.

        Raises:
            ConfigError: ``resolve``, ``nameservers``, ``allow_private``, ``proxy`` or ``proxies`` is malformed.
        """
        self._limits = CaptureLimits(config.max_response_bytes, config.max_total_bytes, config.max_requests)
        self._answer_seconds = config.total_seconds
        self._upstream = parse_upstream(config.proxy)
        self._by_place = parse_proxies(config.proxies)
        self._dialer, self._ipv4_dialer = (
            GuardedDialer(
                rules=parse_rules(config.resolve),
                allowed=parse_blocks(config.allow_private),
                nameservers=config.nameservers,
                seconds=min(10.0, config.navigation_seconds),
                prefer_ipv4=prefer_ipv4,
            )
            for prefer_ipv4 in (False, True)
        )

    def capture_proxy(self, *, place: str = "", proxy: str | None = None) -> CaptureProxy:
        """Return the proxy of one capture, to be entered as an async context manager.

        It connects through ``proxy`` (an empty one: directly), else through the proxy of ``place``, else ``capture.proxy``.

        Raises:
            ConfigError: ``proxy`` is malformed.
        """
        upstream = parse_upstream(proxy, "proxy") if proxy is not None else self._by_place.get(place, self._upstream)
        return CaptureProxy(self._dialer, self._limits, answer_seconds=self._answer_seconds, upstream=upstream)

    def http_client(self, *, place: str = "", budget: TimeBudget | None = None) -> GuardedHttpClient:
        """Return the client of one probe without a browser, to be entered as an async context manager.

        Its requests share the time of ``budget``, with those of other clients too.
        """
        upstream = self._by_place.get(place, self._upstream)
        return GuardedHttpClient(self._ipv4_dialer, seconds=self._answer_seconds, upstream=upstream, budget=budget)

    def closed_proxy(self) -> CaptureProxy:
        """Return a proxy that refuses everything, for requests that a browser makes by itself."""
        return CaptureProxy(self._dialer, CaptureLimits(0, 0, 0), answer_seconds=self._answer_seconds)
