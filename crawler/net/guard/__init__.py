"""What a page may reach: a filtering forward proxy in this process that is the browser's only way out.

The guard judges the address that a name resolves to at the moment of connecting and connects to exactly that address, so
neither a name nor a rebinding resolver gets past it.  Every capture has a gate (a loopback port) of its own: what it
asked for, was refused and has spent is known without any trust in the page.
"""

from __future__ import annotations

from crawler.net.guard.addresses import parse_blocks, why_not
from crawler.net.guard.capture_proxy import MARKER, Gate
from crawler.net.guard.dialer import Dialer
from crawler.net.guard.http_client import Line, Reply
from crawler.net.guard.http_heads import endpoint
from crawler.net.guard.resolve_rules import parse_rules
from crawler.net.guard.traffic_ledger import Kind, Ledger, Limits, Trouble, TroubleError
from crawler.net.guard.upstream_proxy import parse_proxies, parse_upstream
from detector.config import CaptureConfig

__all__ = [
    "MARKER",
    "Gate",
    "Guard",
    "Kind",
    "Ledger",
    "Limits",
    "Line",
    "Reply",
    "Trouble",
    "TroubleError",
    "endpoint",
    "parse_proxies",
    "parse_upstream",
    "why_not",
]


class Guard:
    """Opens gates for captures; one for a whole run."""

    def __init__(self, config: CaptureConfig) -> None:
        """Read the rules of ``config``.

        Raises:
            ConfigError: ``resolve``, ``nameservers``, ``allow_private``, ``proxy`` or ``proxies`` is malformed.
        """
        self._limits = Limits(config.max_response_bytes, config.max_total_bytes, config.max_requests)
        self._answer_seconds = config.total_seconds
        self._upstream = parse_upstream(config.proxy)
        self._by_place = parse_proxies(config.proxies)
        self._dialer, self._thrifty = (
            Dialer(
                rules=parse_rules(config.resolve),
                allowed=parse_blocks(config.allow_private),
                nameservers=config.nameservers,
                seconds=min(10.0, config.navigation_seconds),
                thrifty=thrifty,
            )
            for thrifty in (False, True)
        )

    def gate(self, *, place: str = "", proxy: str | None = None) -> Gate:
        """A way out for one capture, to be entered as an async context manager.

        It goes through ``proxy`` (an empty one: none), else through the proxy of ``place``, else through ``capture.proxy``.

        Raises:
            ConfigError: ``proxy`` is malformed.
        """
        upstream = parse_upstream(proxy, "proxy") if proxy is not None else self._by_place.get(place, self._upstream)
        return Gate(self._dialer, self._limits, answer_seconds=self._answer_seconds, upstream=upstream)

    def line(self, *, place: str = "") -> Line:
        """A way out for one look without a browser, to be entered as an async context manager."""
        upstream = self._by_place.get(place, self._upstream)
        return Line(self._thrifty, seconds=self._answer_seconds, upstream=upstream)

    def closed_gate(self) -> Gate:
        """A gate that lets nothing through: what a browser asks for on its own account."""
        return Gate(self._dialer, Limits(0, 0, 0), answer_seconds=self._answer_seconds)
