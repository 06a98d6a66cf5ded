"""The guard's failures and addresses, looked up for a page's requests."""

from __future__ import annotations

import pytest

from crawler.capture.events.guard_answers import GuardAnswers, failure_text
from crawler.net.guard import Failure, FailureKind, TrafficLedger
from crawler.net.guard.traffic_ledger import CaptureLimits

REFUSED = Failure(FailureKind.REFUSED, "a.example refused the connection")


@pytest.fixture
def ledger() -> TrafficLedger:
    ledger = TrafficLedger(CaptureLimits(1000, 1000, 10))
    ledger.record_failure(REFUSED, "a.example", 80, "http://a.example/x")
    ledger.record_failure(REFUSED, "b.example", 443)
    ledger.record_address("a.example", 80, "203.0.113.7")
    return ledger


def test_failures_of_requests_and_of_hosts(ledger: TrafficLedger) -> None:
    answers = GuardAnswers(ledger)
    assert answers.failure_of("http://a.example/x") == answers.failure_of("https://b.example/any") == REFUSED
    assert answers.failure_of("http://a.example/other") is None
    assert answers.failure_of("data:,x") is None
    ledger.stop(FailureKind.OVERSIZE, "the page loaded too much")
    assert answers.failure_of("http://a.example/other") == ledger.stopped


def test_the_address_that_answered(ledger: TrafficLedger) -> None:
    answers = GuardAnswers(ledger)
    assert answers.address_of("http://a.example/y") == "203.0.113.7"
    assert answers.address_of("https://a.example/y") is None
    assert answers.address_of("about:blank") is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [(FailureKind.GUARD, "guard: no"), (FailureKind.OVERSIZE, "guard: no"), (FailureKind.DNS, "dns: no")],
)
def test_the_text_of_a_failure(kind: FailureKind, text: str) -> None:
    assert failure_text(Failure(kind, "no")) == text
