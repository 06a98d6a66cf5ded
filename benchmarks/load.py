"""Speed of claiming from a large backlog, on both databases, and pages a second with more workers on one machine.

``python -m benchmarks.load --rows 1000000 --database postgresql`` fills a backlog, half of it due on later days, and measures
``claim`` (8 rows), ``finish`` and ``release``.  ``--pages 300 --workers 1 2 4`` captures the same pages with 1, 2 and 4 workers.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from benchmarks.fault.ordeal import Ordeal, is_whole
from benchmarks.faults import suffer
from detector.model import Candidate, utcnow
from detector.store import Store
from tests.support.servers.postgres import running
from tests.support.store.builders import CLEAR, capture

CLAIMED = 8
ROUNDS = 300


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clonewatch-load-") as folder, ExitStack() as stack:
        if given.rows:
            url = f"sqlite:///{folder}/load.sqlite"
            if given.database == "postgresql":
                url = stack.enter_context(running()).new_database()
            with Store.open(url, fair_share=0.2, per_site=4) as store:
                claim_times(store, given.rows, given.database)
        if given.pages:
            more_workers(Path(folder), given.pages, given.workers, given.database)


def claim_times(store: Store, rows: int, name: str) -> None:
    """Fill the backlog and claim from it."""
    started = time.perf_counter()
    store.backlog.add(_candidates(rows))
    filled = time.perf_counter() - started
    print(f"{name}: {rows} rows added in {filled:.0f} s ({rows / filled:,.0f} a second)")
    claims, finishes, releases = [], [], []
    for turn in range(ROUNDS):
        begun = time.perf_counter()
        taken = store.backlog.claim(CLAIMED)
        claims.append(time.perf_counter() - begun)
        for place, claim in enumerate(taken):
            begun = time.perf_counter()
            if (turn + place) % 2:
                store.finish(claim, capture(claim.candidate.url), CLEAR)
                finishes.append(time.perf_counter() - begun)
            else:
                store.backlog.release(claim, due=utcnow() + timedelta(days=1))
                releases.append(time.perf_counter() - begun)
    for what, times in (("claim of 8", claims), ("finish", finishes), ("release", releases)):
        ordered = sorted(times)
        print(
            f"{name}: {what}: median {1000 * statistics.median(times):.1f} ms, "
            f"95th of 100 {1000 * ordered[int(0.95 * len(ordered))]:.1f} ms, worst {1000 * ordered[-1]:.1f} ms"
        )
    begun = time.perf_counter()
    store.counts()
    print(f"{name}: counts: {1000 * (time.perf_counter() - begun):.0f} ms")


def _candidates(rows: int) -> Iterator[Candidate]:
    chance, now = random.Random(1), utcnow()
    for number in range(rows):
        due = now - timedelta(hours=1) if number % 2 else now + timedelta(days=chance.randrange(1, 30))
        yield Candidate(
            f"https://name{number}.example/",
            source=f"source{number % 7}",
            brands=(f"brand{number % 150}",),
            priority=round(chance.random(), 3),
            due=due,
        )


def more_workers(folder: Path, pages: int, workers: list[int], database: str) -> None:
    """Capture the same pages with each number of workers."""
    first = 0.0
    for number in workers:
        ordeal = Ordeal(pages, number, database, pause=(0.2, 0.2), only=())
        outcome = suffer(folder / f"workers{number}", ordeal)
        if not is_whole(ordeal, outcome):
            raise SystemExit(f"something was lost: {outcome}")
        speed = pages / outcome.seconds
        first = first or speed / number
        print(
            f"{database}: {number} workers of 2 slots: {speed:.2f} pages a second, "
            f"{speed / (first * number):.0%} of {number} times one"
        )


if __name__ == "__main__":
    main()
