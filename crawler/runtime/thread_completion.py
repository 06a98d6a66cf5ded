"""Run work in a thread to its end: a write that was begun is finished and counted, even if its task is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def finish_in_thread(work: Callable[[], T], then: Callable[[T], object] | None = None) -> T:
    """Run ``work`` in a thread and wait until it has ended, also where the calling task is cancelled meanwhile.

    ``asyncio.to_thread`` stops waiting when its task is cancelled although the thread goes on: its rows are stored, and its
    result is lost.  Here ``then`` is called with the result on the event loop in every case, before the cancellation is raised.
    """
    # a future of the loop, not a task: cancelling all tasks at the end of a loop does not cancel it
    running = asyncio.get_running_loop().run_in_executor(None, copy_context().run, work)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError as error:
            cancelled = error
    problem = running.exception()
    if problem is None and then is not None:
        then(running.result())
    if cancelled is not None:
        raise cancelled from problem
    return running.result()
