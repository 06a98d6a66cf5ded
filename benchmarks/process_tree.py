"""The processes below a process, and the memory and CPU time that they take."""

from __future__ import annotations

import psutil


def descendants(root: int | None = None) -> dict[int, str]:
    """Process ids and names of all processes below ``root`` (this one by default), zombies included."""
    found: dict[int, str] = {}
    try:
        below = psutil.Process(root).children(recursive=True)
    except psutil.NoSuchProcess:
        return found
    for process in below:
        try:
            found[process.pid] = process.name()
        except psutil.NoSuchProcess:
            continue
    return found


def memory(root: int) -> int:
    """Bytes of memory of ``root`` and all processes below it; shared memory counts once (proportional set size, Linux)."""
    return sum(_share(pid) for pid in (root, *descendants(root)))


def _share(pid: int) -> int:
    try:
        return int(getattr(psutil.Process(pid).memory_full_info(), "pss", 0))
    except psutil.Error:
        return 0


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process and of its ended children that were waited for; 0 for one that is gone."""
    try:
        return float(sum(psutil.Process(pid).cpu_times()[:4]))
    except psutil.Error:
        return 0.0
