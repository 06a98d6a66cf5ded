"""Probes a second, and the pages of a farm that the probe sends to the browser.

    python -m benchmarks.probe [--names 20000] [--split dev|test] [--brands 32]

The farm stands on random names, served from this machine with its own name server: clones and innocents of the demo, every evasion
of ``benchmarks/evasions.py``, and the pages of ``../shared/bench`` written out anew.  Of the names, by default, half are ordinary
sites, a fifth do not exist, a tenth are for sale, a tenth answer with an error, and the rest are clones and innocents.
"""

from __future__ import annotations

import argparse
import random
import resource
import string
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.farm.pages import (
    CLONE,
    DEAD,
    ERROR,
    INNOCENT,
    ORDINARY,
    PARKED,
    Page,
    demo_pages,
    made_pages,
    measured_pages,
    nothing,
)
from benchmarks.farm.server import served
from crawler.discovery.runner import run_discovery
from crawler.loopback.web import LOOPBACK
from detector.brands import load_library
from detector.config import default_brands_dir
from detector.model import Candidate, utcnow
from detector.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT.parent / "shared" / "bench"
SHARES = {ORDINARY: 0.5, DEAD: 0.2, PARKED: 0.1, ERROR: 0.1}


def main() -> None:
    """Read the options, build the farm, look at it, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--brands", type=int, default=32)
    parser.add_argument("--at-once", type=int, default=300)
    parser.add_argument("--least", type=float, default=0.0, help="fail where fewer probes a second are made")
    given = parser.parse_args()
    brands = (default_brands_dir(), ROOT / "crawler" / "demo" / "brands")
    library = load_library(brands)
    kinds: dict[str, list[Page]] = defaultdict(list)
    for page in (*demo_pages(), *made_pages(library, given.brands, given.split), *measured_pages(BENCH)):
        kinds[page.kind].append(page)
    farm, dead = _farm(kinds, given.names)
    with tempfile.TemporaryDirectory() as folder:
        run = measure(Path(folder), farm, dead, brands=brands, at_once=given.at_once)
    print(
        f"{run.tried} probes in {run.seconds:.1f} s with the start; {1000 * run.cpu / run.tried:.1f} ms CPU each; {run.note}"
    )
    _print_shares(farm, run.sent)
    sys.exit(run.rate < given.least)


@dataclass(frozen=True)
class Run:
    """Result of a run of the source ``probe`` over a farm."""

    tried: int
    seconds: float
    cpu: float
    """Seconds of the spiders' process and the judges."""
    note: str
    sent: dict[str, Candidate]
    """By host."""

    @property
    def rate(self) -> float:
        """Probes a second as the source reports them: without the start of its processes."""
        return float(self.note.rsplit(", ", 1)[-1].split(" ")[0])

    def share(self, farm: dict[str, Page], kind: str) -> float:
        """Share of the farm's pages of ``kind`` that were sent to the browser."""
        hosts = [host for host, page in farm.items() if page.kind == kind]
        return sum(host in self.sent for host in hosts) / len(hosts)


def measure(
    folder: Path,
    farm: dict[str, Page],
    dead: Sequence[str] = (),
    *,
    brands: Sequence[Path],
    at_once: int,
    more: str = "",
) -> Run:
    """Serve the farm, and probe all its names; ``folder`` becomes a workspace, ``more`` is added to its configuration."""
    with served(farm) as (port, names):
        config = (
            f"brands = {[str(brand) for brand in brands]}\n"
            f"[capture]\nallow_private = ['{LOOPBACK}/32']\nnameservers = ['{names}']\n"
            f"[probe]\nat_once = {at_once}\n{more}"
        )
        (folder / "clonewatch.toml").write_text(config, encoding="utf-8")
        with Workspace.open(folder) as workspace:
            urls = {f"http://{host}:{port}/": host for host in (*farm, *dead)}
            mixed = list(urls)
            random.Random(5).shuffle(mixed)
            workspace.store.probes.add(mixed, "benchmark", utcnow())
            began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
            summary = run_discovery(workspace, ["probe"])
            seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            sent = {urls[claim.candidate.url]: claim.candidate for claim in workspace.store.backlog.claim(len(urls))}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(summary.sources[0].tried, seconds, cpu, summary.sources[0].note, sent)


def _farm(kinds: dict[str, list[Page]], count: int) -> tuple[dict[str, Page], list[str]]:
    numbers = random.Random(4)
    farm: dict[str, Page] = {}

    def name() -> str:
        return "".join(numbers.choices(string.ascii_lowercase, k=numbers.randint(6, 12))) + ".example"

    for page in (*kinds[CLONE], *kinds[INNOCENT]):
        farm[name()] = page
    ordinary = kinds[ORDINARY]
    for number in range(round(count * SHARES[ORDINARY])):
        farm[name()] = ordinary[number % len(ordinary)]
    for kind in (PARKED, ERROR):
        for _ in range(round(count * SHARES[kind])):
            farm[name()] = nothing(kind)
    dead = [name() for _ in range(max(0, count - len(farm)))]
    return farm, [host for host in dead if host not in farm]


def _print_shares(farm: dict[str, Page], sent: dict[str, Candidate]) -> None:
    groups: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for host, page in farm.items():
        found = sent.get(host)
        group = groups[page.kind, page.name.split(" ")[0] if page.name.startswith(("demo", "bench")) else page.name]
        group["pages"] += 1
        group["sent"] += found is not None
        group["right"] += found is not None and page.brand in found.brands
    for kind in (CLONE, INNOCENT, ORDINARY, PARKED, ERROR):
        mine = {name: group for (its, name), group in groups.items() if its == kind}
        pages, on, right = (sum(group[key] for group in mine.values()) for key in ("pages", "sent", "right"))
        said = f", {right} with the right brand" if kind == CLONE else ""
        print(f"{kind:9} {on:6} of {pages:6} sent on ({100 * on / max(1, pages):.2f} %){said}")
        if kind in (CLONE, INNOCENT):
            for name, group in sorted(mine.items()):
                print(f"            {name:24} {group['sent']:4} of {group['pages']:4}")


if __name__ == "__main__":
    main()
