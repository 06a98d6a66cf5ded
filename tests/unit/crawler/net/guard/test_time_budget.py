"""Time that several requests share."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from crawler.net.guard import FailureError, FailureKind
from crawler.net.guard.time_budget import TimeBudget


async def test_requests_share_the_time_and_nothing_else_counts() -> None:
    now = 100.0
    budget = TimeBudget(10, lambda: now)
    for seconds in (4, 5, 2):
        async with budget.spending():
            now += seconds
        now += 1000  # between two requests
        assert not budget.exhausted
    with pytest.raises(FailureError, match="longer than 10 s together") as caught:
        async with budget.spending():
            raise AssertionError("there is no time left")
    assert (caught.value.failure.kind, budget.exhausted) == (FailureKind.TIMEOUT, True)


async def test_a_request_is_cut_when_the_time_is_used_up() -> None:
    budget = TimeBudget(0.01)
    with pytest.raises(FailureError, match="took longer than") as caught:
        async with budget.spending():
            await asyncio.Event().wait()
    assert (caught.value.failure.kind, budget.exhausted) == (FailureKind.TIMEOUT, True)


async def test_a_failing_request_spends_too() -> None:
    now = 0.0
    budget = TimeBudget(3, lambda: now)
    with suppress(OSError):
        async with budget.spending():
            now = 4.0
            raise OSError("gone")
    with pytest.raises(FailureError):
        async with budget.spending():
            pass
