"""The ``ct_logs`` spider on as many names as a day's certificates, in local logs, while its process is killed and restarted.

``python -m benchmarks.ct_day --names 10000000 --certificates 20000 --kills 20`` writes two tiled logs to a temporary folder,
serves them on 127.0.0.1, runs ``clonewatch discover ct_logs`` until everything is read, and kills it (SIGKILL) at random moments.
Names are put together from the labels and endings of the names in ``--from``; every planted name must be found exactly once.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer
from crawler.sources.ct.log_reader import TILE, tile_path
from crawler.sources.ct.merkle import MerkleTree
from detector.brands import load_library
from detector.config import default_brands_dir
from detector.workspace import Workspace
from tests.support.servers.ct_logs import CtLog, log_list

ROOT = Path(__file__).resolve().parents[1]
NAMES_AN_ENTRY = 2


@dataclass
class Made:
    """A log on disk."""

    log: CtLog
    planted: set[str] = field(default_factory=set)


def main() -> None:
    """Read the options, build, run, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=10_000_000)
    parser.add_argument("--certificates", type=int, default=20_000)
    parser.add_argument("--planted", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument(
        "--from", dest="source", type=Path, default=ROOT.parent / "shared/bench/names/benign_top50k.txt"
    )
    parser.add_argument(
        "--alive", type=float, nargs=2, default=(4.0, 20.0), help="Seconds after which a run is killed."
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ct-day-") as folder:
        measure(Path(folder), Day(**vars(given)))


@dataclass(frozen=True)
class Day:
    """Size of the day, and the number of times that its reading is killed."""

    names: int
    certificates: int
    planted: int
    kills: int
    source: Path
    alive: Sequence[float]
    seed: int = 1


def measure(folder: Path, given: Day) -> Runs:
    """One run; raises AssertionError where a planted name is missing or came twice."""
    chance = random.Random(given.seed)
    served = folder / "served"
    words = given.source.read_text(encoding="utf-8").split()
    share = given.planted * given.names // (given.names + given.certificates * NAMES_AN_ENTRY)
    started = time.monotonic()
    tiled = written(served / "names", given.names // NAMES_AN_ENTRY, share, words, chance, data=False)
    real = written(served / "data", given.certificates, given.planted - share, words, chance, data=True)
    built = time.monotonic() - started
    print(f"built {given.names} names and {given.certificates} certificates in {built:.0f} s", flush=True)
    with serving(served, {"names": tiled, "data": real}) as address:
        lab = folder / "workspace"
        lab.mkdir()
        settings = f'[ct]\nlog_list = "{address}"\nstart = "oldest"\nmax_entries = 1000000000\nat_once = 16\n'
        (lab / "clonewatch.toml").write_text(settings, encoding="utf-8")
        runs = Runs(lab, chance, given.alive)
        runs.until_read(given.kills)
    planted = tiled.planted | real.planted
    found = stored(lab)
    missing, doubles = planted - set(found), len(found) - len(set(found))
    print(
        f"killed {runs.killed} times; {len(planted) - len(missing)} of {len(planted)} planted names found, {doubles} twice"
    )
    rate = given.names / runs.seconds
    print(f"{runs.seconds:.0f} s in all runs, {rate:,.0f} names a second, starts and kills included")
    print(f"last run: {runs.last}")
    print(f"memory of the process: {runs.peaks[0]} MB at most in the first run, {max(runs.peaks)} MB in any")
    assert len(planted) == given.planted
    assert not missing, sorted(missing)[:10]
    assert not doubles
    return runs


class Runs:
    """Runs of the command, some of them killed."""

    def __init__(self, lab: Path, chance: random.Random, alive: Sequence[float]) -> None:
        self._lab, self._chance, self._alive = lab, chance, alive
        self.killed = 0
        self.seconds = 0.0
        self.peaks: list[int] = []
        self.last = ""

    def until_read(self, kills: int) -> None:
        """Run until a run ends by itself after ``kills`` were killed, or there is nothing left to kill."""
        command = [sys.executable, "-m", "crawler.cli.launch", "discover", "ct_logs", "-w", str(self._lab)]
        while True:
            limit = self._chance.uniform(*self._alive) if self.killed < kills else None
            started = time.monotonic()
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
                env=os.environ | {"COLUMNS": "250"},
            )
            peak = 0
            while process.poll() is None and (limit is None or time.monotonic() - started < limit):
                peak = max(peak, _memory(process.pid))
                time.sleep(0.2)
            over = process.poll() is not None
            if not over:
                os.killpg(process.pid, signal.SIGKILL)
                self.killed += 1
            said = process.communicate()[0]
            self.seconds += time.monotonic() - started
            self.peaks.append(peak)
            if over:
                self.last = "; ".join(line for line in said.splitlines() if "entries read" in line)
                assert process.returncode == 0, said
                return


def _memory(group: int) -> int:
    """Most that one process of a group has held, MB."""
    most = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(status.read_text().rpartition(")")[2].split()[2]) == group:
                lines = (status.parent / "status").read_text().splitlines()
                most = max([most, *(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))])
    return most


def stored(lab: Path) -> list[str]:
    """Host names of the backlog."""
    found: list[str] = []
    with Workspace.open(lab) as workspace:
        while claims := workspace.store.backlog.claim(1000):
            found += [claim.candidate.url.removeprefix("https://").rstrip("/") for claim in claims]
    return [name for name in found if name.startswith("planted-")]


def written(folder: Path, entries: int, plants: int, words: list[str], chance: random.Random, *, data: bool) -> Made:
    """Write a log: names tiles with made-up leaves, or data tiles with real certificates."""
    made = Made(CtLog(tiled=True))
    places = set(chance.sample(range(entries), plants))
    labels = [word.partition(".")[0] for word in words]
    library = load_library([default_brands_dir()])  # what is planted below a brand's own domain would be that brand's
    endings = [ending for word in words if library.owner_of(f"x.{(ending := word.partition('.')[2])}") is None]
    tree = MerkleTree()
    for tile in range(-(-entries // TILE)):
        numbers = range(tile * TILE, min(entries, (tile + 1) * TILE))
        names = [_names(number, places, labels, endings, chance, made) for number in numbers]
        if data:
            for each in names:
                made.log.add(each)
            leaves = [hashlib.sha256(b"\x00" + made.log.entries[number][0]).digest() for number in numbers]
            _write(
                folder / tile_path("data", tile, len(numbers)),
                b"".join(made.log._tile_leaf(number) for number in numbers),
            )
        else:
            leaves = [hashlib.sha256(number.to_bytes(8, "big")).digest() for number in numbers]
            lines = "".join(
                json.dumps({"Timestamp": 1, "Subject": {"CommonName": each[0]}, "DNS": each}) + "\n" for each in names
            )
            _write(folder / tile_path("names", tile, len(numbers)), gzip.compress(lines.encode(), 1))
            _write(folder / tile_path("0", tile, len(numbers)), b"".join(leaves))
        tree.extend(leaves)
    root = tree.root()
    made.log.signed_size = entries
    made.log.root = lambda start, end: root  # type: ignore[method-assign]
    _write(folder / "checkpoint", made.log.checkpoint())
    return made


def _names(
    number: int, places: set[int], labels: list[str], endings: list[str], chance: random.Random, made: Made
) -> list[str]:
    name = f"{chance.choice(labels)}{chance.choice(('', '-', str(number)))}{chance.choice(labels)}.{chance.choice(endings)}"
    if number in places:
        name = f"planted-{number}-{'n' if len(made.log.entries) == 0 else 'd'}-paypal-login.{chance.choice(endings)}"
        made.planted.add(name)
    return [name, f"www.{name}"] if number not in places else [name]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@contextlib.contextmanager
def serving(folder: Path, logs: dict[str, Made]) -> Iterator[str]:
    """Hand out the folder from a process of its own; gives the address of the list of logs."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(folder, theirs), daemon=True)
    process.start()
    base = f"http://127.0.0.1:{ours.recv()}"
    for name, made in logs.items():
        made.log.url = f"{base}/{name}/"
    _write(folder / "list.json", json.dumps(log_list([made.log for made in logs.values()])).encode())
    try:
        yield f"{base}/list.json"
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, pipe: Connection) -> None:
    def respond(request: Request) -> Response:
        path = folder / request.path.lstrip("/")
        return Response(path.read_bytes(), media_type="application/octet-stream") if path.is_file() else NOT_FOUND

    with WebServer(respond, keep_alive=True) as server:
        pipe.send(server.port)
        threading.Event().wait()


if __name__ == "__main__":
    main()
