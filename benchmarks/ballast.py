"""Clones behind ballast: their verdicts, and their time beside that of the same page without it.

    python -m benchmarks.ballast [--quick] [--count 60000] [--rounds 1] [--most 3]

Every kind of ``tests/support/pages/ballast.py``, hidden or shown in turn, before, around or after the page, stands around three
clones in turn: a sign-in page, its picture and a tech-support scam.  All are captured and judged in one run, one after the other,
by this machine's browser from this machine's server.  A page's cost is the time until its verdict, and the CPU time of this
process and all below it, both as multiples of the plain page's (median of three looks).  ``--quick`` looks at three kinds.

Exits with 1 where a verdict is another than the plain page's, or a page takes more than ``--most`` times as long.  Run it on a
machine that does nothing else: the time until the verdict is that of the whole machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

from benchmarks.evasion.changes import ordinary
from benchmarks.evasion.marks import mark_of_brand
from benchmarks.process_tree import cpu_seconds, descendants
from crawler.capture.capturer import Capturer
from crawler.examine.inspection import CaptureInspector
from crawler.loopback.web import LOOPBACK, serving_files
from detector.brands import BrandLibrary, load_library
from detector.config import CaptureConfig, default_brands_dir
from detector.evidence import Evidence
from detector.judge import Judge
from detector.model import Decision
from tests.support.pages.ballast import (
    COUNT,
    HIDING,
    KINDS,
    OTHERS,
    PLACES,
    SCAM,
    SHOWING,
    SILENT,
    Ballast,
    loaded,
    picture_page,
)

PLAIN_LOOKS = 3
QUICK = 3
SECONDS = 120.0
"""Time that one capture may take, so that a slow page is measured instead of cut off."""
Around = Callable[[str], str]


@dataclass(frozen=True)
class Cost:
    """Time and verdict of one look."""

    seconds: float
    """Time until the verdict."""
    cpu: float
    """CPU seconds of this process and of all below it."""
    verdict: tuple[Decision, str | None]
    screenshot: bytes


class Looks:
    """Looks at documents with the browser, one at a time."""

    def __init__(self, pages: dict[str, bytes], address: str, capturer: Capturer, inspector: CaptureInspector) -> None:
        self._pages, self._address = pages, address
        self._capturer, self._inspector = capturer, inspector

    async def at(self, document: str, evidence: Evidence) -> Cost:
        """Capture and judge a document that nobody has seen under its address before."""
        path = f"/{len(self._pages)}/"
        self._pages[path] = document.encode()
        cpu, begun = _cpu_of_all(), time.monotonic()
        look = await self._capturer.record(self._address + path)
        judged = await self._inspector.inspect(look.capture, look.before)
        seconds, cpu = time.monotonic() - begun, _cpu_of_all() - cpu
        shot = judged.capture.screenshot
        verdict = judged.verdict
        return Cost(seconds, cpu, (verdict.decision, verdict.brand), evidence.get(shot) if shot else b"")


def _cpu_of_all() -> float:
    return sum(cpu_seconds(pid) for pid in (os.getpid(), *descendants()))


def kinds(count: int) -> Iterator[tuple[str, Around]]:
    """Every kind of element with one way to hide or show it, and every ballast that is no element repeated."""
    ways, places = cycle([*HIDING, *SHOWING, "frame", "shadow"]), cycle(PLACES)
    for kind in KINDS:
        ballast = Ballast(kind, next(ways), next(places), count)
        yield ballast.name, ballast.around
    for kind in SILENT:
        ballast = Ballast(kind, "", next(places), count)
        yield ballast.name, ballast.around
    nested = Ballast("div", "none", "before", count, nested=True)
    yield nested.name, nested.around
    yield from OTHERS.items()


async def measure(library: BrandLibrary, around: list[tuple[str, Around]], rounds: int, most: float) -> bool:
    """Look at all kinds, print a line each, and return True if every verdict held within ``most`` times the plain page's time."""
    paypal = library.get("paypal")
    if paypal is None:
        raise SystemExit("the brand paypal is missing from the library")
    config = CaptureConfig(
        allow_private=(f"{LOOPBACK}/32",), slots=1, total_seconds=SECONDS, navigation_seconds=SECONDS / 2
    )
    pages: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder, serving_files(pages) as server:
        evidence = Evidence(folder)
        async with Capturer(config, evidence) as capturer, CaptureInspector(Judge(library), evidence) as inspector:
            looks = Looks(pages, server.url("").rstrip("/"), capturer, inspector)
            text = ordinary(mark_of_brand(paypal), "card").render().replace("<body >", "<body>")
            first = await looks.at(text, evidence)
            clones = {"text": text, "picture": picture_page(first.screenshot), "scam": SCAM}
            plain = {name: await _median(looks, page, evidence) for name, page in clones.items()}
            for name, cost in plain.items():
                print(f"{name}, plain: {cost.seconds:.1f} s, {cost.cpu:.1f} s of CPU, {_told(cost)}")
            worst, held = (0.0, ""), True
            for number, (ballast, wrapped) in enumerate(around * rounds):
                name = list(clones)[number % len(clones)]
                cost, base = await looks.at(loaded(clones[name], wrapped), evidence), plain[name]
                ratio = cost.seconds / base.seconds
                same = cost.verdict == base.verdict
                print(
                    f"{name}, {ballast}: {cost.seconds:.1f} s ({ratio:.1f} times), "
                    f"CPU {cost.cpu / base.cpu:.1f} times, {'held' if same else f'LOST: {_told(cost)}'}",
                    flush=True,
                )
                worst, held = max(worst, (ratio, f"{name}, {ballast}")), held and same
    print(f"worst: {worst[0]:.1f} times ({worst[1]}); at most {most:g} allowed; verdicts {'held' if held else 'LOST'}")
    return held and worst[0] <= most


async def _median(looks: Looks, document: str, evidence: Evidence) -> Cost:
    costs = [await looks.at(document, evidence) for _ in range(PLAIN_LOOKS)]
    seconds = statistics.median(cost.seconds for cost in costs)
    return Cost(seconds, statistics.median(cost.cpu for cost in costs), costs[0].verdict, costs[0].screenshot)


def _told(cost: Cost) -> str:
    decision, brand = cost.verdict
    return f"{decision} {brand or ''}".strip()


def main() -> None:
    """Read the options, look at the pages, and exit with 1 where a verdict was lost or a page took too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} kinds only")
    parser.add_argument("--count", type=int, default=COUNT, help="elements of each kind")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--most", type=float, default=3.0, help="times the plain page's time that a page may take")
    given = parser.parse_args()
    around = list(kinds(given.count))
    chosen = around[:: len(around) // QUICK][:QUICK] if given.quick else around
    library = load_library([default_brands_dir()])
    sys.exit(0 if asyncio.run(measure(library, chosen, given.rounds, given.most)) else 1)


if __name__ == "__main__":
    main()
