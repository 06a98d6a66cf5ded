"""The processes that a test started, any of which may go by itself between two looks."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from benchmarks.process_tree import descendants


def browsers(root: int | None = None) -> list[int]:
    """Those of the :func:`descendants` that are a browser's."""
    return [pid for pid, name in descendants(root).items() if name.startswith(("chrom", "headless"))]


def kill_quietly(pid: int) -> None:
    """Kill a process that may have gone by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def command_line(pid: int) -> bytes:
    """What the process was called with; of one that has gone nothing. Needs ``/proc``."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_running(pid: int) -> bool:
    """Whether the process is there and not only waiting to be buried by its parent. Needs ``/proc``."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
