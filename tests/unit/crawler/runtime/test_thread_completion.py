"""Work in threads is awaited to its end, also when the awaiting task is cancelled."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from crawler.runtime.thread_completion import finish_in_thread


class Work:
    """Something in a thread that begins, and ends when the test says so."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.begun, self._may_end, self._problem = threading.Event(), threading.Event(), problem
        self.ended = False

    def __call__(self) -> int:
        self.begun.set()
        self._may_end.wait(60)
        self.ended = True
        if self._problem is not None:
            raise self._problem
        return 7

    def may_end(self) -> None:
        self._may_end.set()


async def begun(work: Work, then: Any = None) -> asyncio.Task[int]:
    task = asyncio.create_task(finish_in_thread(work, then))
    await asyncio.to_thread(work.begun.wait, 60)
    return task


async def test_what_it_came_to_is_returned_and_told() -> None:
    told: list[int] = []
    work = Work()
    work.may_end()
    assert await finish_in_thread(work, told.append) == 7
    assert told == [7]


@pytest.mark.parametrize("times", [1, 3])
async def test_a_cancelled_caller_waits_for_the_end_and_the_result_is_told(times: int) -> None:
    told: list[int] = []
    work = Work()
    task = await begun(work, told.append)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not task.done()
    work.may_end()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.ended
    assert told == [7]


async def test_a_time_limit_is_kept_to_after_the_end() -> None:
    told: list[int] = []
    work = Work()

    async def limited() -> None:
        async with asyncio.timeout(0):
            await finish_in_thread(work, told.append)

    task = asyncio.create_task(limited())
    await asyncio.to_thread(work.begun.wait, 60)
    work.may_end()
    with pytest.raises(TimeoutError):
        await task
    assert told == [7]


@pytest.mark.parametrize("cancelled", [False, True])
async def test_an_error_of_the_work_is_not_lost(cancelled: bool) -> None:
    told: list[int] = []
    work = Work(ValueError("no"))
    task = await begun(work, told.append)
    if cancelled:
        task.cancel()
    await asyncio.sleep(0)
    work.may_end()
    with pytest.raises(asyncio.CancelledError if cancelled else ValueError) as caught:
        await task
    assert isinstance(caught.value.__cause__ if cancelled else caught.value, ValueError)
    assert told == []


def test_a_loop_that_is_closed_by_cancelling_all_its_tasks_waits_for_it() -> None:
    told: list[int] = []
    work = Work()

    async def main() -> None:
        task = await begun(work, told.append)
        task.add_done_callback(lambda _: None)
        asyncio.get_running_loop().call_soon(work.may_end)

    asyncio.run(main())
    assert work.ended
    assert told == [7]
