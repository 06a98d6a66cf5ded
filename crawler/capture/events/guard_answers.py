"""The guard's knowledge of a page's requests: the addresses that answered, and the reasons for failures."""

from __future__ import annotations

from crawler.net.guard import Failure, FailureKind, TrafficLedger, endpoint


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

    def address_of(self, url: str) -> str | None:
        """Return the IP address that answered for the host of ``url``."""
        where = endpoint(url)
        return None if where is None else self._ledger.address_of(*where)


def failure_text(failure: Failure) -> str:
    """Return a failure as the log of requests says it."""
    prefix = "guard" if failure.kind in (FailureKind.GUARD, FailureKind.OVERSIZE) else failure.kind.value
    return f"{prefix}: {failure.sentence}"[:300]
