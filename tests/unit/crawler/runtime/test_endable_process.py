"""A process for hostile bytes: an item that holds, bloats or kills it costs itself only, and nothing of it outlives its starter."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from crawler.runtime import endable_process
from crawler.runtime.endable_process import EndableProcess, ItemTimeoutError, ProcessDiedError, ProcessStartError
from tests.support.processes import is_running
from tests.support.program import ROOT

PLENTY = 60.0
"""Seconds for items that end at once."""
SHORT = 0.5
"""Seconds for items that never end."""
MEMORY = 64 << 20


def prepared() -> None:
    """Prepare nothing."""


def dies_at_start() -> None:
    """End the process before it is ready."""
    os._exit(1)


def double(number: int) -> int:
    return 2 * number


def hold() -> None:
    """Hold the interpreter in C code: no thread and no handler of Python gets a turn."""
    re.match(r"(a+)+$", "a" * 100 + "b")


def hold_deaf() -> None:
    """Do the same with signals ignored that can be."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hold()


def die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def bloat() -> None:
    bytearray(2 * MEMORY)


def fail() -> None:
    raise ValueError("of the item")


@pytest.fixture
async def process() -> AsyncIterator[EndableProcess]:
    made = EndableProcess(prepared, memory=MEMORY)
    yield made
    made.end()


async def test_a_process_serves_many_items(process: EndableProcess) -> None:
    assert [await process.call(PLENTY, double, number) for number in range(3)] == [0, 2, 4]
    (first,) = process.processes()
    with pytest.raises(ValueError, match="of the item"):
        await process.call(PLENTY, fail)
    with pytest.raises(MemoryError):
        await process.call(PLENTY, bloat)
    assert await process.call(PLENTY, double, 4) == 8
    assert process.processes() == (first,)


async def test_what_never_ends_is_killed_and_the_next_item_is_served(process: EndableProcess) -> None:
    await process.ready()
    for work in (hold, hold_deaf):
        (held,) = process.processes()
        child = psutil.Process(held)
        with pytest.raises(ItemTimeoutError):
            await process.call(SHORT, work)
        await asyncio.to_thread(child.wait)
        assert await process.call(PLENTY, double, 1) == 2


async def test_what_dies_is_told_and_the_next_item_is_served(process: EndableProcess) -> None:
    with pytest.raises(ProcessDiedError):
        await process.call(PLENTY, die)
    assert await process.call(PLENTY, double, 1) == 2


async def test_nobody_waits_for_an_item_that_was_cancelled(process: EndableProcess) -> None:
    await process.ready()
    child = psutil.Process(process.processes()[0])
    task = asyncio.create_task(process.call(PLENTY, hold))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(child.wait)


async def test_the_system_ends_an_item_whose_starter_does_not(
    process: EndableProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endable_process, "ALARM_SECONDS", 0.0)
    await process.ready()
    child = psutil.Process(process.processes()[0])
    task = asyncio.create_task(process.call(SHORT, hold))
    await asyncio.sleep(0)
    child.wait()  # this thread is the event loop's: nothing but the alarm can end the child
    with pytest.raises((ItemTimeoutError, ProcessDiedError)):
        await task


async def test_a_process_that_does_not_start_is_told() -> None:
    with pytest.raises(ProcessStartError):
        await EndableProcess(dies_at_start, memory=MEMORY).ready()


STARTER = """
import asyncio
from tests.unit.crawler.runtime.test_endable_process import MEMORY, EndableProcess, hold_deaf, prepared

async def start():
    process = EndableProcess(prepared, memory=MEMORY)
    await process.ready()
    print(process.processes()[0], flush=True)
    await process.call(3600.0, hold_deaf)

if __name__ == "__main__":
    asyncio.run(start())
"""


def test_a_child_that_is_held_does_not_outlive_its_starter() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STARTER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        starter.kill()
    while is_running(child):
        time.sleep(0.02)
