"""The internet sockets of a process, read from /proc (Linux only)."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from benchmarks.process_tree import descendants

LISTENING = "0A"


@dataclass(frozen=True)
class InternetSocket:
    """One row of ``/proc/net``; ``kind`` is tcp, tcp6, udp or udp6; a port of 0: not bound, or not connected."""

    kind: str
    local: tuple[str, int]
    remote: tuple[str, int]
    state: str
    queued: int
    """Bytes that wait to be sent."""


def sockets_of(pids: Iterable[int]) -> list[InternetSocket]:
    """Internet sockets that these processes hold open."""
    held = {inode for pid in pids for inode in _inodes(pid)}
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        with suppress(OSError):
            for line in Path("/proc/net", kind).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[9] in held:
                    queued = int(fields[4].split(":")[0], 16)
                    found.append(InternetSocket(kind, _place(fields[1]), _place(fields[2]), fields[3], queued))
    return found


class Watched:
    """Sockets of processes that began meanwhile, and the addresses at which this process listened."""

    def __init__(self) -> None:
        self.sockets: set[InternetSocket] = set()
        self.listened: set[tuple[str, int]] = set()
        self._before = set(descendants())
        """Processes of other tests of this run: servers that serve many of them."""

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Watched]:
        """Look many times a second until left; sees nothing where there is no ``/proc``."""
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                self.sockets.update(sockets_of(set(descendants()) - self._before))
                own = sockets_of([os.getpid()])
                self.listened.update(one.local for one in own if one.state == LISTENING and one.kind == "tcp")
                stop.wait(0.02)

        looking = asyncio.create_task(asyncio.to_thread(look)) if sys.platform == "linux" else None
        try:
            yield self
        finally:
            stop.set()
            if looking is not None:
                await looking


def _inodes(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                target = str(entry.readlink())
                if target.startswith("socket:["):
                    found.add(target[len("socket:[") : -1])
    return found


def _place(text: str) -> tuple[str, int]:
    """``0100007F:1F90`` is 127.0.0.1 port 8080: words of four bytes, each with its last byte first."""
    packed, _, port = text.partition(":")
    raw = bytes.fromhex(packed)
    raw = b"".join(raw[start : start + 4][::-1] for start in range(0, len(raw), 4))
    address: IPv4Address | IPv6Address = ip_address(raw)
    return str(address), int(port, 16)
