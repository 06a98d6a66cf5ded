"""Processes below a process, and what they take; reads ``/proc``, and finds nothing where there is none (macOS, Windows)."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def descendants(root: int | None = None) -> dict[int, str]:
    """Processes below ``root`` (this one by default), zombies included, with their names."""
    parents: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    for entry in PROC.glob("[0-9]*/stat"):
        try:
            text = entry.read_text()
        except OSError:
            continue
        pid = int(entry.parent.name)
        name, _, rest = text.partition("(")[2].rpartition(")")
        names[pid] = name
        parents.setdefault(int(rest.split()[1]), []).append(pid)
    found: dict[int, str] = {}
    waiting = [root or os.getpid()]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found[child] = names[child]
            waiting.append(child)
    return found


def memory(root: int) -> int:
    """Bytes of memory of ``root`` and all below it; pages that several share are counted once (proportional set size)."""
    return sum(_share(pid) for pid in (root, *descendants(root)))


def _share(pid: int) -> int:
    try:
        rows = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:")), 0)


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process and of its ended children that were waited for; 0 for one that is gone."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
