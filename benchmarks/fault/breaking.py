"""Break something every few seconds while workers work: processes, database, broker, disk and clock."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fault.crew import WorkerCrew
from benchmarks.fault.ordeal import Ordeal, Outcome
from benchmarks.process_tree import descendants
from detector.workspace import Workspace
from tests.support.disk import fill
from tests.support.processes import browsers, kill_quietly
from tests.support.servers.postgres import Server
from tests.support.servers.rabbitmq import Broker


def break_things(home: Path, ordeal: Ordeal, server: Server | None, broker: Broker | None, outcome: Outcome) -> None:
    """Make a fault after each pause until no candidate is left to capture, and count the faults in ``outcome``."""
    chance = random.Random(ordeal.seed)
    faults = (
        ["worker", "browser", "pause", "clock"] + ["database"] * (server is not None) + ["disk"] * bool(ordeal.disk)
    )
    faults += ["broker", "child"] * (broker is not None)
    faults = faults if ordeal.only is None else list(ordeal.only)
    clock = home.parent / "clock"
    crew = WorkerCrew(home, ordeal, clock)
    until = time.monotonic() + ordeal.seconds
    try:
        while time.monotonic() < until and _open_work(home):
            crew.fill()
            time.sleep(chance.uniform(*ordeal.pause))
            if not faults:
                continue
            fault = chance.choice(faults)
            outcome.faults[fault] += 1
            if fault == "worker":
                kill_quietly(chance.choice(crew.workers).pid)
            elif fault == "browser":
                _kill_one(chance, browsers())
            elif fault == "pause":
                _pause(chance.choice(crew.workers).pid, chance.uniform(1, ordeal.lease_seconds * 1.5))
            elif fault == "clock":
                _jump(clock, chance)
            elif fault == "database" and server is not None:
                server.stop()
                time.sleep(chance.uniform(0.1, 5))
                server.start()
            elif fault == "child":
                below = descendants(chance.choice(crew.workers).pid)
                _kill_one(chance, [pid for pid, name in below.items() if name.startswith("python")])
            elif fault == "broker" and broker is not None:
                broker.kill()
                time.sleep(chance.uniform(0.1, 5))
                broker.start()
            elif fault == "disk":
                ballast = fill(home.parent)
                time.sleep(chance.uniform(0.5, 5))
                ballast.unlink()
    finally:
        crew.end()


def _open_work(home: Path) -> bool:
    with Workspace.open(home) as opened:
        counts = opened.store.counts()
    return bool(counts["due"] + counts["waiting"] + counts["leased"])


def _kill_one(chance: random.Random, pids: Sequence[int]) -> None:
    if pids:
        kill_quietly(chance.choice(pids))


def _jump(clock: Path, chance: random.Random) -> None:
    """All workers' clocks are wrong for a while, by minutes or hours, before or behind."""
    with contextlib.suppress(OSError):  # a full disk keeps its clock
        clock.write_text(str(chance.choice((-1, 1)) * chance.uniform(60, 4 * 3600)))
    time.sleep(chance.uniform(0.5, 5))
    clock.unlink(missing_ok=True)


def _pause(pid: int, seconds: float) -> None:
    """A worker that is alive but slow: its leases may run out while it stands still."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)
