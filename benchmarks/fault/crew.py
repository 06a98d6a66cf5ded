"""Workers and dispatchers that are started again whatever happens to them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from benchmarks.fault.ordeal import Ordeal
from tests.support.program import PROGRAM, ROOT, environment

CLOCK = Path(__file__).parent.parent / "clock"
"""Folder of the module that makes the programs' clocks jump."""


class WorkerCrew:
    """Workers and dispatchers: as many as there should be, whatever happens to them."""

    def __init__(self, home: Path, ordeal: Ordeal, clock: Path) -> None:
        self._home = home
        self._environment = environment({"CLONEWATCH_CLOCK": str(clock), "PYTHONPATH": f"{CLOCK}{os.pathsep}{ROOT}"})
        self._wanted = ["worker"] * ordeal.workers + ["dispatch"] * (2 * ordeal.broker)
        self._log = (home.parent / "workers.log").open("ab")
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def workers(self) -> list[subprocess.Popen[bytes]]:
        """Those that run, dispatchers among them."""
        return list(self._running.values())

    def fill(self) -> None:
        """Start those that are missing."""
        for place, command in enumerate(self._wanted):
            if place not in self._running or self._running[place].poll() is not None:
                self._running[place] = subprocess.Popen(
                    [*PROGRAM, command, "--patience", "0.5", "-w", str(self._home)],
                    cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL,
                )  # fmt: skip

    def end(self) -> None:
        """Stop them in good order."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(60)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._log.close()
