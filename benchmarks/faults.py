"""Workers and browsers killed, a database, broker, disk or clock that fails: what becomes of candidates.

``python -m benchmarks.faults --candidates 5000 --workers 4 --database postgresql`` serves that many sites on this machine, lets
workers take them, and breaks something every few seconds.  In the end every candidate must be captured or quarantined, each with
one verdict, and nothing may be held by anybody.  The disk is filled only where the script may mount one (root, Linux).
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.fault.breaking import break_things
from benchmarks.fault.ordeal import Ordeal, Outcome, is_whole
from detector.bundle import check_store
from detector.model import Candidate
from detector.workspace import Workspace
from tests.support.disk import mounted_disk
from tests.support.program import HARMLESS, LURE, WebSite, make_brand
from tests.support.servers.postgres import Server, running
from tests.support.servers.rabbitmq import Broker, rabbit

CLONES = 10
"""One site in so many is a clone."""


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
        break_things(home, ordeal, server, broker, outcome)
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
