"""Workers and browsers killed, a database, broker, disk or clock that fails: what becomes of candidates.

``python -m benchmarks.faults --candidates 5000 --workers 4 --database postgresql`` serves that many sites on this machine, lets
workers take them, and breaks something every few seconds.  In the end every candidate must be captured or quarantined, each with
one verdict, and nothing may be held by anybody.  The disk is filled only where the script may mount one (root, Linux).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process_tree import descendants
from detector.bundle import check_store
from detector.model import Candidate
from detector.workspace import Workspace
from tests.support.disk import fill, mounted_disk
from tests.support.processes import browsers, kill_quietly
from tests.support.program import HARMLESS, LURE, PROGRAM, ROOT, WebSite, environment, make_brand
from tests.support.servers.postgres import Server, running
from tests.support.servers.rabbitmq import Broker, rabbit

CLOCK = Path(__file__).parent / "clock"
"""What makes the programs' clocks jump."""
CLONES = 10
"""One site in so many is a clone."""


@dataclass(frozen=True)
class Ordeal:
    """What is done to whom."""

    candidates: int
    workers: int
    database: str = "sqlite"
    pause: tuple[float, float] = (2.0, 8.0)
    """Seconds between two faults."""
    seed: int = 1
    lease_seconds: float = 40.0
    broker: bool = False
    """Candidates come as messages of a RabbitMQ, which is killed too; so are the dispatchers, of which there are two."""
    disk: str = ""
    """Size of a disk of its own, which is filled now and then; empty: none."""
    only: tuple[str, ...] | None = None
    """Faults that are done; None: all that can be done here; none at all: workers that are left in peace."""
    seconds: float = 7200.0
    """After which the ordeal counts as failed."""


@dataclass
class Outcome:
    """What became of it."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of the captures."""
    twice: int = 0
    """Candidates with more than one capture."""
    flagged: int = 0
    problems: list[str] = field(default_factory=list)
    """Of the chain of evidence."""


def main() -> None:
    """Read the options, run, print, and fail where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--broker", action="store_true", help="messages through a RabbitMQ of the script's own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disk", default="", help="size of a small disk that is filled now and then, such as 600m")
    given = parser.parse_args()
    ordeal = Ordeal(
        given.candidates, given.workers, given.database, seed=given.seed, disk=given.disk, broker=given.broker
    )
    with tempfile.TemporaryDirectory(prefix="clonewatch-faults-") as folder:
        outcome = suffer(Path(folder), ordeal)
    print(f"{ordeal.candidates} candidates, {ordeal.workers} workers on {ordeal.database}, {outcome.seconds:.0f} s")
    print("faults:", ", ".join(f"{count} x {name}" for name, count in sorted(outcome.faults.items())))
    print("captures:", ", ".join(f"{count} x {name}" for name, count in sorted(outcome.outcomes.items())))
    print("backlog:", ", ".join(f"{count} {name}" for name, count in outcome.counts.items() if count))
    print(f"candidates with more than one capture: {outcome.twice}; clones flagged: {outcome.flagged}")
    print(f"problems of the evidence: {len(outcome.problems)}")
    sys.exit(not is_whole(ordeal, outcome))


def is_whole(ordeal: Ordeal, outcome: Outcome) -> bool:
    """Whether every candidate ended captured or quarantined, and once."""
    ended = outcome.counts["done"] + outcome.counts["quarantined"]
    return (
        ended == ordeal.candidates
        and outcome.counts["captures"] == outcome.counts["done"]
        and outcome.twice == 0
        and not outcome.problems
    )


def suffer(folder: Path, ordeal: Ordeal) -> Outcome:
    """Run it in ``folder``, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"site{number}.test": LURE if number % CLONES == 0 else HARMLESS for number in range(ordeal.candidates)}
    with contextlib.ExitStack() as stack:
        site = stack.enter_context(WebSite(pages).serving())
        home = folder / "ws"
        if ordeal.disk:
            home = stack.enter_context(mounted_disk(ordeal.disk)) / "ws"
        home.mkdir(parents=True)
        server = stack.enter_context(running()) if ordeal.database == "postgresql" else None
        broker = stack.enter_context(rabbit()) if ordeal.broker else None
        _configure(home, folder, site, ordeal, server, broker)
        with Workspace.open(home) as opened:
            opened.store.backlog.add(
                Candidate(f"http://{name}:{site.port}/", source="faults", priority=0.5) for name in pages
            )
        outcome = Outcome()
        started = time.monotonic()
        _break_things(home, ordeal, server, broker, outcome)
        outcome.seconds = time.monotonic() - started
        _look_back(home, outcome)
        return outcome


def _configure(
    home: Path, folder: Path, site: WebSite, ordeal: Ordeal, server: Server | None, broker: Broker | None
) -> None:
    make_brand(folder / "brands")
    database = f'database = "{server.new_database()}"' if server is not None else ""
    (home / "clonewatch.toml").write_text(f"""
brands = ["{folder / "brands"}"]
[capture]
slots = 2
second_looks = 0
settle_seconds = 0.2
resolve = ["*:{site.port}:127.0.0.1"]
allow_private = ["127.0.0.0/8"]
[store]
lease_seconds = {ordeal.lease_seconds}
max_attempts = 6
{database}
[broker]
url = "{broker.url if broker else ""}"
hold_seconds = {ordeal.lease_seconds}
""")


class _Crew:
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


def _break_things(home: Path, ordeal: Ordeal, server: Server | None, broker: Broker | None, outcome: Outcome) -> None:
    chance = random.Random(ordeal.seed)
    faults = (
        ["worker", "browser", "pause", "clock"] + ["database"] * (server is not None) + ["disk"] * bool(ordeal.disk)
    )
    faults += ["broker", "child"] * (broker is not None)
    faults = faults if ordeal.only is None else list(ordeal.only)
    clock = home.parent / "clock"
    crew = _Crew(home, ordeal, clock)
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


def _look_back(home: Path, outcome: Outcome) -> None:
    with Workspace.open(home) as opened:
        # what a worker that was killed at the very end had claimed comes back, and is nobody's
        outcome.counts = opened.store.counts()
        seen: Counter[str] = Counter()
        for _, capture, verdict in opened.store.captures.stream():
            seen[capture.url] += 1
            outcome.outcomes[f"{capture.outcome} {verdict.decision}"] += 1
        outcome.twice = sum(count > 1 for count in seen.values())
        outcome.flagged = sum(1 for _ in opened.store.cases.stream())
        outcome.problems = [str(problem) for problem in check_store(opened.store, opened.evidence).problems]


if __name__ == "__main__":
    main()
