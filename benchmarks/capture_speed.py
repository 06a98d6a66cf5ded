"""Pages a second of the whole capture, beside a bare Playwright loop on the same pages, in alternating rounds.

The machine's other work disturbs both alike, so that the ratio of a pair of rounds says more than either speed.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from statistics import median

from playwright.async_api import ViewportSize, async_playwright

from benchmarks.other_programs import NotCompared, dnstwist, shot_scraper
from benchmarks.process_tree import cpu_seconds, descendants
from benchmarks.sign_in_pages import served
from crawler.browser.browser_process import sandbox_wanted
from crawler.browser.browser_program import find_browser
from crawler.capture.capturer import Capturer
from detector.config import CaptureConfig
from detector.errors import ClonewatchError
from detector.evidence import Evidence
from detector.model import Outcome

CONTEXTS = 8
"""Browser contexts that the bare loop has open at a time."""


@dataclass(frozen=True, slots=True)
class Round:
    """Speed of one loop over all pages."""

    pages_a_second: float
    cpu_ms: dict[str, float]
    """CPU milliseconds a page of ``program``, ``driver`` and ``browser``; empty where /proc is missing."""


@dataclass(slots=True)
class Speeds:
    """Measurements: rounds in pairs, one of the bare loop and one of ours."""

    bare: list[Round] = field(default_factory=list)
    ours: list[Round] = field(default_factory=list)
    others: dict[str, float | NotCompared] = field(default_factory=dict)
    """Pages a second of other programs by name."""

    @property
    def ratio(self) -> float:
        """Our speed divided by the bare loop's: median of the pairs."""
        return median(
            ours.pages_a_second / bare.pages_a_second for bare, ours in zip(self.bare, self.ours, strict=True)
        )


def measure(pages: int, rounds: int, slots: int) -> Speeds:
    """Measure ``rounds`` pairs on ``pages`` pages each.

    Raises:
        BrowserMissing: no browser was found, or it does not start.
        ClonewatchError: a page could not be captured, so that the figures would mean nothing.
    """
    with served(pages) as urls:
        speeds = asyncio.run(_rounds(urls, rounds, slots))
        for name, others in (("shot-scraper multi", shot_scraper), ("dnstwist --phash", dnstwist)):
            speeds.others[name] = others(urls)
    return speeds


async def _rounds(urls: list[str], rounds: int, slots: int) -> Speeds:
    speeds = Speeds()
    for _ in range(rounds):
        speeds.bare.append(await _bare(urls))
        with tempfile.TemporaryDirectory() as folder:
            speeds.ours.append(await _ours(urls, slots, Evidence(folder)))
    return speeds


async def _bare(urls: list[str]) -> Round:
    """Take a picture of each page, with one browser and a context for each page, and nothing else."""
    turns = asyncio.Semaphore(CONTEXTS)
    own = CaptureConfig()
    viewport: ViewportSize = {"width": own.viewport_width, "height": own.viewport_height}  # as many pixels as ours
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(), chromium_sandbox=sandbox_wanted(no_sandbox=False)
        )

        async def one(url: str) -> None:
            async with turns:
                context = await browser.new_context(viewport=viewport)
                page = await context.new_page()
                await page.goto(url, wait_until="load")
                await page.screenshot()
                await context.close()

        await asyncio.gather(*(one(url) for url in urls[:CONTEXTS]))
        watch = _Stopwatch()
        await asyncio.gather(*(one(url) for url in urls))
        result = watch.stop(len(urls))
        await browser.close()
    return result


async def _ours(urls: list[str], slots: int, evidence: Evidence) -> Round:
    """Take the whole capture of each page, with all evidence that is kept of a suspicious page."""
    config = CaptureConfig(slots=slots, allow_private=("127.0.0.0/24",))
    async with Capturer(config, evidence) as capturer:

        async def one(url: str) -> None:
            look = await capturer.record(url)
            capture = await asyncio.to_thread(look.keep, evidence)
            if capture.outcome is not Outcome.OK or capture.screenshot is None:
                raise ClonewatchError(f"the benchmark's own page {url} was not captured: {capture.note}")

        await asyncio.gather(*(one(url) for url in urls[:slots]))
        watch = _Stopwatch()
        await asyncio.gather(*(one(url) for url in urls))
        return watch.stop(len(urls))


class _Stopwatch:
    """Wall clock and CPU time of this program, Playwright's driver and the browser."""

    def __init__(self) -> None:
        self._cpu = _cpu_seconds()
        self._clock = time.perf_counter()

    def stop(self, pages: int) -> Round:
        seconds = time.perf_counter() - self._clock
        now = _cpu_seconds()
        return Round(pages / seconds, {kind: (now[kind] - self._cpu[kind]) * 1000 / pages for kind in now})


def _cpu_seconds() -> dict[str, float]:
    """Return the CPU seconds, by kind, of this process and those below it, with ended children that were waited for."""
    below = descendants()
    if not below:
        return {}
    used = {"program": time.process_time(), "driver": 0.0, "browser": 0.0}
    for pid, name in below.items():
        if not name.startswith("python"):
            used["driver" if name.startswith(("node", "MainThread")) else "browser"] += cpu_seconds(pid)
    return used
