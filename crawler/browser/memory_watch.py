"""Ends browser processes that take more memory than a page may: decompression bombs, hoarding scripts, endless documents.

Chromium bounds the script heap, and nothing else: buffers, pictures, text and what is to be painted grow until the machine
has no memory left.  Reads ``/proc``; where there is none (macOS, Windows) nothing is watched.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

PROC = Path("/proc")
POLL_SECONDS = 0.3
BROWSER_FACTOR = 2
"""Processes that all pages of a browser share (its own, the one that paints) may take this much more than a page's."""


class MemoryWatch:
    """Watches the process groups of ``browsers()``, the process ids of the browsers themselves, until closed."""

    def __init__(self, browsers: Callable[[], Iterable[int]], limit: int) -> None:
        """``limit``: bytes of resident memory of one process."""
        self._browsers = browsers
        self._limit = limit
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, where there is a ``/proc``."""
        if PROC.joinpath("self", "statm").exists():
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
                await asyncio.to_thread(end_overweight, browsers, self._limit)


def end_overweight(browsers: set[int], limit: int) -> list[int]:
    """Kill what is over ``limit`` bytes in the process groups of ``browsers``; the processes that were killed.

    A page's process dies alone, and its capture crashes; with a process that pages share, the browser dies.
    """
    groups = {_group(pid) for pid in browsers} - {None, os.getpgid(0)}
    killed = []
    for pid in _processes() if groups else ():
        if _group(pid) not in groups or (size := resident(pid)) <= limit:
            continue
        if _is_renderer(pid) or size > limit * BROWSER_FACTOR:
            log.warning("a browser process took too much memory and was ended", process=pid, bytes=size)
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
    return killed


def resident(pid: int) -> int:
    """Bytes of resident memory of a process; 0 for one that is gone."""
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGESIZE")


def _is_renderer(pid: int) -> bool:
    try:
        return b"--type=renderer" in (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False


def _processes() -> list[int]:
    return [int(entry.name) for entry in os.scandir(PROC) if entry.name.isdigit()]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None
