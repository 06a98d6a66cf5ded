"""Kill browser processes that use too much memory: decompression bombs, hoarding scripts, endless documents.

Chromium limits nothing but the script heap: buffers, pictures, text and paint data grow until the machine has no memory
left.  A browser's processes are found by their process group; on a system without process groups (Windows) nothing is watched.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil
import structlog

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.3
BROWSER_FACTOR = 2
"""A process that all pages of a browser share (its own, the one that paints) may take this many times a page's memory."""


class MemoryWatch:
    """Check the process groups of running browsers several times a second, until closed."""

    def __init__(self, browsers: Callable[[], Iterable[int]], limit: int) -> None:
        """``browsers`` returns the process ids of the browsers; ``limit``: bytes of resident memory of one process."""
        self._browsers = browsers
        self._limit = limit
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch, where the system has process groups."""
        if hasattr(os, "getpgid"):
            self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            browsers = set(self._browsers())
            if browsers:
                await asyncio.to_thread(kill_oversized, browsers, self._limit)


def kill_oversized(browsers: set[int], limit: int) -> list[int]:
    """Kill processes over ``limit`` bytes in the process groups of ``browsers``; returns the ids of those that were killed.

    When a page's process is killed, only its capture crashes; when a process that pages share is killed, the browser ends.
    """
    groups = {_group(pid) for pid in browsers} - {None, os.getpgid(0)}
    killed = []
    for pid in psutil.pids() if groups else ():
        if _group(pid) not in groups or (size := resident(pid)) <= limit:
            continue
        if _is_renderer(pid) or size > limit * BROWSER_FACTOR:
            log.warning("a browser process used too much memory and was killed", process=pid, bytes=size)
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
    return killed


def resident(pid: int) -> int:
    """Return the bytes of resident memory of a process; 0 for one that has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _is_renderer(pid: int) -> bool:
    try:
        return "--type=renderer" in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None
