"""Runs the year: the program's own commands on a workspace of its own, watched from outside."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process_tree import memory
from benchmarks.year.audit import Account, account
from benchmarks.year.plan import Place, plan
from benchmarks.year.server import impersonated, served
from crawler.cli.exit_codes import ExitCode
from crawler.runtime.own_module import own_module
from detector.errors import ClonewatchError, UsageError
from detector.model import Candidate
from detector.workspace import DATABASE, Workspace

SAMPLE_SECONDS = 10.0
LOG = "year.log"


@dataclass(slots=True)
class YearReport:
    """Cost and outcome of a run."""

    places: Sequence[Place]
    seconds: dict[str, float] = field(default_factory=dict)
    """By step: ``candidates``, ``run`` (with the report), ``export`` and ``audit``."""
    peak_memory: int = 0
    """Bytes of the program, its driver and its browsers; 0 where the system does not say."""
    disk: dict[str, int] = field(default_factory=dict)
    """Bytes of ``evidence``, ``store``, ``reports`` and ``takedown``."""
    account: Account = field(default_factory=Account)

    @property
    def total(self) -> float:
        """Seconds from candidates to the exported queue."""
        return sum(taken for step, taken in self.seconds.items() if step != "audit")


def work(
    folder: Path,
    count: int,
    brands: Sequence[Path],
    slots: int,
    tell: Callable[[str, int], None] = lambda doing, done: None,
) -> YearReport:
    """Work off ``count`` URLs in the new workspace ``folder``; ``tell`` gets what is being done, and the captures so far.

    Raises:
        UsageError: the folder holds something.
        ClonewatchError: a command failed; what it said is in ``year.log`` of the folder.
        BrandFileError: a brand's folder is malformed.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: the year wants a workspace of its own; name another folder")
    report = YearReport(plan(count, impersonated(brands)))
    with served(count, brands) as (port, names):
        _configure(folder, brands, names, slots)
        with _timed(report, "candidates"), Workspace.open(folder) as opened:
            opened.store.backlog.add(Candidate(place.url(port), source="year", priority=0.5) for place in report.places)
        with _timed(report, "run"):
            _watch(folder, report, tell)
        with _timed(report, "export"):
            tell("exporting the queue", count)
            _finish(folder, _command(folder, "takedown", "export"))
        with _timed(report, "audit"), Workspace.open(folder) as opened:
            tell("looking for what is lost", count)
            report.account = account(opened, report.places, port)
    report.disk = {
        "evidence": _size(folder / "evidence"),
        "store": sum(path.stat().st_size for path in folder.glob(f"{DATABASE}*")),
        "reports": _size(folder / "reports"),
        "takedown": _size(folder / "takedown"),
    }
    return report


def _configure(folder: Path, brands: Sequence[Path], names: int, slots: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{brand.absolute()}"' for brand in brands)
    (folder / "clonewatch.toml").write_text(
        f'brands = [{listed}]\n[capture]\nslots = {slots}\nnameservers = ["127.0.0.1:{names}"]\n'
        'allow_private = ["127.0.0.0/8"]\n'
        '[[takedown.without_review]]\nname = "year"\nprobability = 0.01\n',
        encoding="utf-8",
    )


def _command(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command, environment = own_module("crawler.cli.launch")
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            [*command, *words, "--workspace", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
        )  # fmt: skip


def _finish(folder: Path, process: subprocess.Popen[bytes]) -> None:
    code = process.wait()
    if code not in (ExitCode.NOTHING_FLAGGED, ExitCode.FLAGGED):
        raise ClonewatchError(f"a command of the year ended with {code}; what it said is in {folder / LOG}")


def _watch(folder: Path, report: YearReport, tell: Callable[[str, int], None]) -> None:
    process = _command(folder, "run", "--no-discover")
    try:
        with Workspace.open(folder) as opened:
            while process.poll() is None:
                report.peak_memory = max(report.peak_memory, memory(process.pid))
                tell("capturing and judging", opened.store.counts()["done"])
                with suppress(subprocess.TimeoutExpired):
                    process.wait(SAMPLE_SECONDS)
        _finish(folder, process)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _timed(report: YearReport, step: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    report.seconds[step] = time.monotonic() - begun


def _size(folder: Path) -> int:
    """Bytes that the files below a folder take on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
