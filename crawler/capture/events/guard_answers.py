"""The guard's knowledge of a page's requests: the addresses that answered, and the reasons for failures."""

from __future__ import annotations

from crawler.capture.events.network_events import ResponseHead
from crawler.net.guard import MARKER, Failure, FailureKind, TrafficLedger, endpoint


class GuardAnswers:
    """Looks requests and answers up in the ledger of the capture's traffic."""

    def __init__(self, ledger: TrafficLedger) -> None:
        self._ledger = ledger

    def failure_of(self, url: str) -> Failure | None:
        """Return the failure that the guard recorded for a request, or that stopped the whole capture."""
        where = endpoint(url)
        if where is None:
            return None
        return self._ledger.failure_of(*where, url) or self._ledger.stopped

    def failure_behind(self, response: ResponseHead) -> Failure | None:
        """Return the failure behind an answer that the guard itself gave in a server's place."""
        if MARKER.lower() not in response.headers or not response.url.startswith("http:"):
            return None  # the guard cannot answer inside a tunnel: there the header comes from the server
        where = endpoint(response.url)
        return None if where is None else self._ledger.failure_of(*where, response.url)

    def address_of(self, url: str) -> str | None:
        """Return the IP address that answered for the host of ``url``."""
        where = endpoint(url)
        return None if where is None else self._ledger.address_of(*where)


def failure_text(failure: Failure) -> str:
    """Return a failure as the log of requests says it."""
    prefix = "guard" if failure.kind in (FailureKind.GUARD, FailureKind.OVERSIZE) else failure.kind.value
    return f"{prefix}: {failure.sentence}"[:300]
