"""Outcomes of the browser's errors and of the guard's failures."""

from __future__ import annotations

import pytest

from crawler.capture.outcomes import outcome_of_error, outcome_of_failure
from crawler.net.guard import Failure, FailureKind
from detector.model import Outcome


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Page.navigate: net::ERR_TOO_MANY_REDIRECTS at http://a/", Outcome.REDIRECT_LOOP),
        ("Page.navigate: net::ERR_UNSAFE_REDIRECT at http://a/", Outcome.BLOCKED_BY_GUARD),
        ("Page.navigate: net::ERR_SSL_PROTOCOL_ERROR at https://a/", Outcome.TLS_ERROR),
        ("Page.navigate: net::ERR_CERT_INVALID at https://a/", Outcome.TLS_ERROR),
        ("Page.navigate: Download is starting\nCall log:", Outcome.DOWNLOAD),
        ("Page.navigate: Page crashed", Outcome.CRASHED),
        ('Page.navigate: Protocol error: Cannot navigate to invalid URL "x"', Outcome.BAD_URL),
        ("Page.navigate: net::ERR_EMPTY_RESPONSE at http://a/", Outcome.FAILED),
        ("", Outcome.FAILED),
    ],
)
def test_the_browsers_errors_become_outcomes(message: str, outcome: Outcome) -> None:
    found, sentence = outcome_of_error(message)
    assert found == outcome
    assert sentence
    assert "\n" not in sentence


def test_refusals_of_the_guard_say_so() -> None:
    assert outcome_of_failure(Failure(FailureKind.GUARD, "127.0.0.1 is loopback")) == (
        Outcome.BLOCKED_BY_GUARD,
        "guard: 127.0.0.1 is loopback",
    )
    assert outcome_of_failure(Failure(FailureKind.DNS, "no address"))[0] == Outcome.DNS_ERROR
