"""Bytes of one answer, counted against two limits."""

from __future__ import annotations

import pytest

from crawler.net.guard import FailureError, FailureKind
from crawler.net.guard.byte_meter import ByteMeter


def test_an_answer_at_its_limit_passes_and_a_byte_more_does_not() -> None:
    counted: list[int] = []
    meter = ByteMeter(10, counted.append)
    meter(4)
    meter(6)
    with pytest.raises(FailureError, match="over the limit of 10 bytes") as caught:
        meter(1)
    assert caught.value.failure.kind is FailureKind.OVERSIZE
    assert counted == [4, 6, 1], "what is refused was received all the same"


def test_the_limit_of_the_capture_counts_first() -> None:
    def over(_: int) -> None:
        raise FailureError(FailureKind.OVERSIZE, "the page loaded more than 5 bytes")

    with pytest.raises(FailureError, match="the page loaded"):
        ByteMeter(0, over)(6)
