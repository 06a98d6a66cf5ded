"""Hostile pages and hostile names all at once: nothing lost, with time and memory.

    python -m benchmarks.hostile [--pages 50] [--slots 50] [--names 1000]

``scan`` of the first kinds of the hostile corpus (``tests/hostile``), and ``probe`` of names whose servers behave as
``benchmarks/farm/hostile_names.py`` lists, every twentieth a clone instead.  Exits with 1 where a page or a name is lost, or a
clone is not sent to the browser.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.farm.hostile_names import BEHAVIOURS, serving
from benchmarks.process_tree import memory
from benchmarks.soak import corpus_served
from crawler.loopback.connections import in_thread
from crawler.loopback.web import LOOPBACK
from detector.model import utcnow
from detector.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
BRANDS = ROOT / "crawler" / "demo" / "brands"
CLONE_EVERY = 20
CLONE_PAGE = (
    b"<title>Ostrelin sign in</title><h1>Ostrelin account</h1><form><input type=email><input type=password></form>"
)
SAMPLE_SECONDS = 0.5


@dataclass(frozen=True)
class Measured:
    """A command's end, its time in seconds, and the most memory in bytes that it and its processes had at once."""

    code: int
    output: str
    seconds: float
    memory: int


def measured(folder: Path, *words: str) -> Measured:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "crawler.cli.launch", *words]
    environment = {**os.environ, "COLUMNS": "300"}
    most, begun = 0, time.monotonic()
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, env=environment, text=True)
        ended = threading.Event()

        def sample() -> None:
            nonlocal most
            while not ended.wait(SAMPLE_SECONDS):
                most = max(most, memory(process.pid))

        sampler = threading.Thread(target=sample)
        sampler.start()
        output, _ = process.communicate()
        ended.set()
        sampler.join()
    return Measured(process.returncode, output, time.monotonic() - begun, most)


def scan_pages(folder: Path, pages: int, slots: int) -> tuple[Measured, Counter[str], list[str]]:
    """Scan hostile pages; returns the run, the outcomes, and the addresses without a line."""
    with corpus_served() as (_, kinds, _):
        urls = list(kinds.values())[:pages]
        (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        run = measured(
            folder,
            *("scan", "--from", str(folder / "urls.txt"), "--json", str(folder / "out.jsonl"), "--slots", str(slots)),
            *("--allow-private", f"{LOOPBACK}/32", "--workspace", str(folder / "scan")),
        )
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    missing = Counter(urls) - Counter(line["url"] for line in lines)
    return run, Counter(line["outcome"] for line in lines), list(missing)


def probe_names(folder: Path, count: int) -> tuple[Measured, Counter[str], list[str]]:
    """Probe hostile names; returns the run, what became of each name, and the clones that were not sent to the browser."""
    behaviours = list(BEHAVIOURS)
    hosts = {f"h{number}.example": behaviours[number % len(behaviours)] for number in range(count)}
    clones = {f"c{number}.example": CLONE_PAGE for number in range(count // CLONE_EVERY)}
    for host in list(hosts)[: len(clones)]:
        del hosts[host]
    lab = folder / "probe"
    lab.mkdir()
    with in_thread(serving(hosts, clones)) as (port, nameserver):
        (lab / "clonewatch.toml").write_text(
            f"brands = ['{BRANDS}']\n[capture]\nallow_private = ['{LOOPBACK}/32']\nnameservers = ['{nameserver}']\n",
            encoding="utf-8",
        )
        urls = {f"http://{host}:{port}/": host for host in (*hosts, *clones)}
        with Workspace.open(lab) as workspace:
            workspace.store.probes.add(list(urls), "benchmark", utcnow())
        run = measured(folder, "discover", "probe", "-w", str(lab))
    with Workspace.open(lab) as workspace:
        sent = {urls[claim.candidate.url] for claim in workspace.store.backlog.claim(len(urls) + 1)}
        due, waiting = workspace.store.probes.counts(utcnow())
    fates = Counter({"sent to the browser": len(sent), "to be probed again": waiting, "due": due})
    fates["remembered"] = len(urls) - sum(fates.values())
    return run, fates, sorted(set(clones) - sent)


def main() -> None:
    """Read the options, run both, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--slots", type=int, default=50)
    parser.add_argument("--names", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run, outcomes, lost = scan_pages(folder, given.pages, given.slots)
        _say(f"scan of {given.pages} hostile pages, {given.slots} at once", run)
        print(f"  outcomes: {', '.join(f'{outcome} {number}' for outcome, number in outcomes.most_common())}")
        print(f"  without a line: {len(lost)}")
        run, fates, missed = probe_names(folder, given.names)
        _say(f"probe of {given.names} hostile names", run)
        print(f"  {', '.join(f'{fate} {number}' for fate, number in fates.items())}")
        print(f"  clones that were not sent on: {len(missed)}")
        print(run.output)
        sys.exit(bool(lost or missed or fates["due"]))


def _say(what: str, run: Measured) -> None:
    print(f"{what}: {run.seconds:.1f} s, at most {run.memory / 1e6:.0f} MB, exit {run.code}")


if __name__ == "__main__":
    main()
