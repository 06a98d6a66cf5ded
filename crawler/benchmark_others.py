"""Pages a second of other programs that take pictures of pages, on the same pages, where they are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

SECONDS = 600.0
"""After which another program is not waited for."""
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
"""What ``dnstwist --phash`` does once its names are resolved: its own scanner threads, as many as it starts by default, each with
its own browser.  Only the address of a name is replaced, since dnstwist itself visits no address with a port of its own."""


def shot_scraper(urls: list[str]) -> float | None:
    """Pages a second of ``shot-scraper multi``, its start included; None where it is not installed, or fails."""
    program = shutil.which("shot-scraper")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        shots = Path(folder, "shots.yml")
        shots.write_text("".join(f"- url: {url}\n  output: {index}.png\n" for index, url in enumerate(urls)))
        started = time.perf_counter()
        if _run([program, "multi", str(shots)], folder) is None:
            return None
        seconds = time.perf_counter() - started
        return len(urls) / seconds if len(list(Path(folder).glob("*.png"))) == len(urls) else None


def dnstwist(urls: list[str]) -> float | None:
    """Pages a second of dnstwist's scanners with ``--phash``, their start included; None without Selenium, or where it fails."""
    if find_spec("selenium") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        said = _run([sys.executable, "-c", _DNSTWIST, *urls], folder)
    if said is None:
        return None
    pictures, seconds = said.split()
    return len(urls) / float(seconds) if int(pictures) == len(urls) else None


def _run(command: list[str], folder: str) -> str | None:
    """What ``command`` prints; None when it fails or takes too long."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None
