"""The summary that ``clonewatch bench year`` prints: cost and outcome of a year."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from benchmarks.year.plan import Kind
from benchmarks.year.work import YearReport
from detector.model import Decision

MEGABYTE = 1_000_000
DECISIONS = (Decision.FLAGGED, Decision.REVIEW, Decision.CLEAR, Decision.UNSEEN)


def print_year(report: YearReport, console: Console) -> None:
    """Figures of a run, and whatever is missing."""
    found, count = report.account, len(report.places)
    planted = sum(len(place.numbers) for place in report.places)
    lines = (
        (
            "URLs, from candidate to handover",
            f"{count:,} in {_clock(report.total)}, {count / report.total:.1f} a second",
        ),
        *((f"  {step}", _clock(taken)) for step, taken in report.seconds.items()),
        ("memory at its peak, browsers included", _megabytes(report.peak_memory)),
        *((f"disk: {what}", _megabytes(size)) for what, size in report.disk.items()),
        ("telephone numbers", f"{found.numbers:,} of {planted:,} found, {found.more_numbers:,} others"),
        ("cases", f"{found.cases:,} flagged, {found.exported:,} in the takedown queue"),
        ("evidence", f"{found.evidence:,} files read back"),
    )
    table = Table.grid(padding=(0, 2))
    for line in lines:
        table.add_row(*line)
    console.print(table)
    console.print(_kinds(report))
    for sentence in found.missing:
        console.print(f"LOST: {sentence}", style="bold red", markup=False)
    console.print("something is lost" if found.missing else "nothing is lost")


def _kinds(report: YearReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kind")
    for column in ("URLs", *DECISIONS, "right brand"):
        table.add_column(column, justify="right")
    urls = Counter(place.kind for place in report.places)
    for kind in Kind:
        decided = [report.account.decisions[kind, decision] for decision in DECISIONS]
        right = (
            f"{report.account.right[kind] / urls[kind]:.1%}" if kind in (Kind.CLONE, Kind.SCAM) and urls[kind] else ""
        )
        table.add_row(kind, *(f"{number:,}" for number in (urls[kind], *decided)), right)
    return table


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
