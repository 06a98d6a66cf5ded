"""``clonewatch bench``: the published figures, measured again on this machine."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from crawler.benchmark_others import NotCompared
from crawler.capture_benchmark import Round, Speeds, measure
from crawler.commands import options
from crawler.workspace import read_config
from detector.benchmark import Outcome, Report, judge_pages, load_pages, summarise
from detector.brands import load_library
from detector.judge import Judge

PAGE_WIDE = ("context", "lure", "scareware")
"""Signals that say the same of every brand."""

app = typer.Typer(help="Measure the detector on labelled data, and the speed of captures.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure the detector on labelled data, and the speed of captures."""


@app.command()
def detect(
    folder: Annotated[Path, typer.Argument(help="Folder with clones/ and benign/, NAME.png and NAME.json each.")],
    pictures_only: Annotated[bool, typer.Option("--pictures-only", help="Judge without page facts.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print a line a page.")] = False,
    brands: options.Brands = None,
    workspace: options.Workspace = None,
) -> None:
    """Identification rate, false flags, precision, each signal's contribution and the time a page takes."""
    config = read_config(workspace, brands=brands)
    library = load_library(config.brand_folders())
    pages = load_pages(folder)
    errors = Console(stderr=True)
    judged = judge_pages(pages, library, config.detect, facts=not pictures_only)
    outcomes = list(
        track(judged, "judging", total=len(pages), console=errors, transient=True, disable=not errors.is_terminal)
    )
    report = summarise(outcomes, library, Judge(library, config.detect))
    _print(report, Console())
    if verbose:
        for outcome in outcomes:
            typer.echo(_line(outcome))


@app.command()
def capture(
    pages: Annotated[int, typer.Option(min=1, help="Pages a round.")] = 120,
    rounds: Annotated[int, typer.Option(min=1, help="Pairs of rounds.")] = 3,
    slots: Annotated[int, typer.Option(min=1, help="Captures at a time.")] = 8,
) -> None:
    """Pages a second of the whole capture, all evidence kept, beside a bare Playwright loop on the same local pages."""
    _print_speeds(measure(pages, rounds, slots))


def _print_speeds(speeds: Speeds) -> None:
    for name, taken in (("bare loop", speeds.bare), ("clonewatch", speeds.ours)):
        typer.echo(f"{name:12} {_speed(taken):6.2f} pages/s   CPU ms a page: {_cpu(taken)}")
    ours = _speed(speeds.ours)
    for name, speed in speeds.others.items():
        if isinstance(speed, NotCompared):
            typer.echo(f"{name}: not compared ({speed.reason})")
        else:
            typer.echo(f"{name}: {speed:.2f} pages/s; clonewatch does {ours / speed:.2f} x")
    typer.echo(f"ratio: {speeds.ratio:.2f}")


def _speed(rounds: list[Round]) -> float:
    return median(each.pages_a_second for each in rounds)


def _cpu(rounds: list[Round]) -> str:
    kinds = rounds[0].cpu_ms
    return ", ".join(f"{kind} {median(each.cpu_ms[kind] for each in rounds):.0f}" for kind in kinds) or "unknown here"


def _line(outcome: Outcome) -> str:
    verdict = outcome.verdict
    said = f"{verdict.decision:8} {verdict.probability or 0:.2f} {verdict.brand or '-':16}"
    return f"{said} expected {outcome.page.label or '-':16} {outcome.page.picture.name}"


def _print(report: Report, console: Console) -> None:
    def share(part: int, whole: int) -> str:
        return f"{part / whole:.1%} ({part} of {whole})" if whole else "none there"

    console.print(
        f"identification rate     {share(report.identified, report.labelled)} of the brand-labelled clone pages"
    )
    console.print(f"flagged, right brand    {share(report.flagged_right, report.labelled)}")
    console.print(f"flagged, wrong brand    {share(report.flagged_wrong, report.labelled)}")
    console.print(f"false-flag rate         {share(report.benign_flagged, report.benign)} of the benign pages")
    console.print(f"benign sent to review   {share(report.benign_review, report.benign)}")
    console.print(f"nameless lures flagged  {share(report.lures_flagged, report.lures)}")
    console.print(f"precision of flags      {report.precision:.1%}")
    console.print(f"CPU ms a page           median {report.cpu_ms[0]:.0f}, p95 {report.cpu_ms[1]:.0f}")
    console.print(f"wall ms a page          median {report.wall_ms[0]:.0f}, p95 {report.wall_ms[1]:.0f}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("signal", "right brand first, alone", "identified without it"):
        table.add_column(column, justify="left" if column == "signal" else "right")
    for name, count in report.without.items():
        change = count - report.identified
        alone = "same for all" if name in PAGE_WIDE else share(report.alone[name], report.labelled)
        table.add_row(name, alone, f"{share(count, report.labelled)} {change:+d}")
    console.print(table)
