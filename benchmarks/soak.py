"""Many mixed captures in one process: growth of memory, and descriptors, processes and files left behind.

    python benchmarks/soak.py --captures 2000

Every eighth page is one of the hostile corpus (``tests/hostile``), served by a process of its own.  Prints the measurements
and exits with 1 when a bound is exceeded.  Linux and macOS.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.process_tree import descendants  # noqa: E402
from crawler.browser.memory_watch import resident  # noqa: E402
from crawler.capture.capturer import Capturer  # noqa: E402
from crawler.runtime.allocator import share_one_arena  # noqa: E402
from detector.config import CaptureConfig  # noqa: E402
from detector.evidence import Evidence  # noqa: E402
from tests.support.pages.sites import quick  # noqa: E402

HOSTILE_EVERY = 8
SLOW = frozenset(
    ("silence", "slow-head", "slow-drip", "tls-silence", "vector-bomb", "filter-storm", "fire-hose", "deep-frames")
)
"""Kinds that are left out here because each only waits; the test of the corpus captures them."""
SAMPLES = 80
MEGABYTE = 1 << 20
MAX_SLOPE = 25.0
"""MB per thousand captures that a process may grow by in the second half of the run: noise of the allocator."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resources in use after ``captures``; memory in MB of resident set."""

    captures: int
    own: float
    driver: float
    descriptors: int
    processes: int


@dataclass(slots=True)
class Report:
    """Measurements of one run."""

    outcomes: Counter[str] = field(default_factory=Counter)
    plain_not_ok: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    seconds: float = 0.0
    slowest: float = 0.0
    left_processes: dict[int, str] = field(default_factory=dict)
    left_files: list[str] = field(default_factory=list)
    left_descriptors: int = 0

    def slope(self, name: str) -> float:
        """Least-squares growth of ``own`` or ``driver`` in the second half, in MB per thousand captures."""
        half = self.samples[len(self.samples) // 2 :]
        if len(half) < 2:
            return 0.0
        xs = [sample.captures / 1000 for sample in half]
        ys = [float(getattr(sample, name)) for sample in half]
        middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - middle_x) ** 2 for x in xs)
        return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0

    def growth(self, name: str) -> float:
        """MB between the middle of the run and its end, medians of a few samples each."""
        values = [float(getattr(sample, name)) for sample in self.samples]
        few = max(len(values) // 8, 1)
        middle = values[len(values) // 2 :][:few]
        return sorted(values[-few:])[few // 2] - sorted(middle)[len(middle) // 2]

    def leftovers(self) -> list[str]:
        """Processes, files and descriptors that should not be there any more, as sentences."""
        found = [f"process {pid} ({name}) is left" for pid, name in self.left_processes.items()]
        found += [f"{name} is left among the temporary files" for name in self.left_files]
        if self.left_descriptors > 0:
            found.append(f"{self.left_descriptors} file descriptors are left")
        return found


@contextmanager
def corpus_served() -> Iterator[tuple[str, dict[str, str], int]]:
    """Serve the corpus; yield the plain page's address, the addresses of the kinds by name, and the server's process id."""
    command = [sys.executable, "-m", "tests.hostile.serve"]
    environment = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            addresses = json.loads(server.stdout.readline())
            yield addresses["plain"], addresses["kinds"], server.pid
        finally:
            server.stdin.close()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def config(slots: int) -> CaptureConfig:
    """Return short limits, so that pages that hang take little of the run's time."""
    return quick(
        slots=slots, total_seconds=15.0, navigation_seconds=4.0, max_response_bytes=5_000_000, recycle_after=100
    )


async def soak(
    captures: int, slots: int, temporary: Path, tell: Callable[[Sample], None] = lambda sample: None
) -> Report:
    """Take the captures, with ``temporary`` for all temporary files; then measure what is left.  ``tell`` gets each sample."""
    report = Report()
    with corpus_served() as (plain, kinds, server):
        before = set(descendants()) | {server}
        descriptors = _descriptors()
        hostile = cycle(url for name, url in kinds.items() if name not in SLOW)
        evidence = Evidence(f"memory://soak-{os.getpid()}") if captures < 200 else Evidence(str(temporary / "evidence"))
        urls = [next(hostile) if n % HOSTILE_EVERY == HOSTILE_EVERY - 1 else f"{plain}?{n}" for n in range(captures)]
        begun, every = time.monotonic(), max(captures // SAMPLES, 1)
        async with Capturer(config(slots), evidence) as capturer:
            number = 0
            async for capture in capturer.capture_many(urls):
                number += 1
                report.outcomes[capture.outcome] += 1
                report.slowest = max(report.slowest, capture.seconds)
                if capture.url.startswith(plain) and capture.outcome != "ok":
                    report.plain_not_ok.append(f"{capture.outcome}: {capture.note}")
                if number % every == 0:
                    report.samples.append(_sample(number, before))
                    tell(report.samples[-1])
        report.seconds = time.monotonic() - begun
        gc.collect()
        report.left_processes = {pid: name for pid, name in descendants().items() if pid not in before}
        report.left_descriptors = _descriptors() - descriptors
        report.left_files = _names(temporary, but="evidence")
    return report


def _sample(number: int, before: set[int]) -> Sample:
    ours = {pid: name for pid, name in descendants().items() if pid not in before}
    driver = sum(resident(pid) for pid, name in ours.items() if name.startswith("node"))
    return Sample(number, resident(os.getpid()) / MEGABYTE, driver / MEGABYTE, _descriptors(), len(ours))


def _descriptors() -> int:
    return int(psutil.Process().num_fds())


def _names(folder: Path, *, but: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != but)


def _print(sample: Sample) -> None:
    print(
        f"after {sample.captures:5}: own {sample.own:6.1f} MB, driver {sample.driver:6.1f} MB,"
        f" descriptors {sample.descriptors}, processes {sample.processes}",
        flush=True,
    )


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=2000)
    parser.add_argument("--slots", type=int, default=4)
    arguments = parser.parse_args()
    share_one_arena()  # as the program does
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        temporary = Path(folder) / "temporary"
        temporary.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        try:
            report = asyncio.run(soak(arguments.captures, arguments.slots, temporary, _print))
        finally:
            tempfile.tempdir = None
    total = sum(report.outcomes.values())
    print(
        f"captures: {total} in {report.seconds:.0f} s ({total / report.seconds:.2f} a second), slots: {arguments.slots}"
    )
    print("outcomes:", ", ".join(f"{name} {count}" for name, count in report.outcomes.most_common()))
    print(f"slowest: {report.slowest:.1f} s; plain pages that were not ok: {len(report.plain_not_ok)}")
    problems = report.leftovers() + [f"a plain page was {sentence}" for sentence in report.plain_not_ok]
    if total != arguments.captures:
        problems.append(f"{arguments.captures - total} captures are missing")
    for name in ("own", "driver"):
        slope = report.slope(name)
        print(f"slope of {name} memory in the second half: {slope:+.1f} MB per thousand captures")
        if slope > MAX_SLOPE:
            problems.append(f"{name} memory grows")
    print("\n".join(problems) or "nothing is left: no process, no file, no descriptor")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
