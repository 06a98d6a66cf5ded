"""Pages a second of other screenshot programs on the same pages, for those that are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SECONDS = 600.0
"""Time limit of another program."""
_DNSTWIST = """
import queue, sys, threading, time
from io import BytesIO
import dnstwist

class Address:
    def __init__(self, urls):
        self.urls, self.lock = iter(urls), threading.Lock()
    def full_uri(self, domain):
        with self.lock:
            return next(self.urls)

urls = sys.argv[1:]
jobs = queue.Queue()
tasks = [{"domain": "127.0.0.1"} for _ in urls]
for task in tasks:
    jobs.put(task)
began = time.perf_counter()
browser = dnstwist.HeadlessBrowser()
browser.get(urls[0])
reference = dnstwist.pHash(BytesIO(browser.screenshot()))
browser.stop()
address, scanners = Address(urls), []
for _ in range(dnstwist.THREAD_COUNT_DEFAULT):
    scanner = dnstwist.Scanner(jobs)
    scanner.option_phash, scanner.phash_init, scanner.url = True, reference, address
    scanner.useragent = "Mozilla/5.0"
    scanners.append(scanner)
    scanner.start()
for scanner in scanners:
    scanner.join()
seconds = time.perf_counter() - began
print(sum("phash" in task for task in tasks), seconds)
"""
"""The part of ``dnstwist --phash`` after names are resolved: its own scanner threads, as many as it starts by default, each with
its own browser.  Only the address of a name is replaced, since dnstwist itself cannot visit an address with another port."""


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Reason why another program was not measured."""

    reason: str


def shot_scraper(urls: list[str]) -> float | NotCompared:
    """Pages a second of ``shot-scraper multi``, its start included."""
    program = shutil.which("shot-scraper")
    if program is None:
        return NotCompared("not installed")
    with tempfile.TemporaryDirectory() as folder:
        shots = Path(folder, "shots.yml")
        shots.write_text("".join(f"- url: {url}\n  output: {index}.png\n" for index, url in enumerate(urls)))
        started = time.perf_counter()
        said = _run([program, "multi", str(shots)], folder)
        seconds = time.perf_counter() - started
        if isinstance(said, NotCompared):
            return said
        return _speed(len(list(Path(folder).glob("*.png"))), len(urls), seconds)


def dnstwist(urls: list[str]) -> float | NotCompared:
    """Pages a second of dnstwist's scanners with ``--phash``, their start included."""
    if find_spec("selenium") is None or find_spec("dnstwist") is None:
        return NotCompared("not installed")
    with tempfile.TemporaryDirectory() as folder:
        said = _run([sys.executable, "-c", _DNSTWIST, *urls], folder)
    if isinstance(said, NotCompared):
        return said
    pictures, seconds = said.split()
    return _speed(int(pictures), len(urls), float(seconds))


def _speed(pictures: int, wanted: int, seconds: float) -> float | NotCompared:
    return wanted / seconds if pictures == wanted else NotCompared(f"took {pictures} pictures of {wanted} pages")


def _run(command: list[str], folder: str) -> str | NotCompared:
    """Return what ``command`` prints, or why it failed."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return NotCompared(f"still running after {SECONDS:.0f} s")
    if done.returncode == 0:
        return done.stdout
    errors = [line.strip() for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
    return NotCompared(f"failed: {errors[-1] if errors else f'exit {done.returncode}'}")
