"""The processes that a test started, any of which may end at any time."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil

from benchmarks.process_tree import descendants


def browsers(root: int | None = None) -> list[int]:
    """Those of the :func:`descendants` that are a browser's."""
    return [pid for pid, name in descendants(root).items() if name.startswith(("chrom", "headless"))]


def kill_quietly(pid: int) -> None:
    """Kill a process that may have gone by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def command_line(pid: int) -> bytes:
    """The arguments of a process, each ended by a NUL; empty for one that is gone."""
    try:
        return b"".join(argument.encode() + b"\0" for argument in psutil.Process(pid).cmdline())
    except psutil.Error:
        return b""


def is_running(pid: int) -> bool:
    """Tell whether the process runs; one that has ended and waits for its parent (a zombie) does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
