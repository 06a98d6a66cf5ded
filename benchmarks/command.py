"""``clonewatch bench``: the published figures, measured again on this machine."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from benchmarks import name_triage as names
from benchmarks.capture_speed import Round, Speeds, measure
from benchmarks.labelled_pages import Outcome, Report, judge_pages, load_pages, summarise
from benchmarks.other_programs import NotCompared
from benchmarks.year.summary import print_year
from benchmarks.year.work import work
from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.discovery.triage import Triage
from detector.brands import BrandLibrary, load_library
from detector.hosts import split_url
from detector.judge import Judge
from detector.workspace import read_config

PAGE_WIDE = ("context", "lure", "scareware")
"""Signals that say the same of every brand."""

app = typer.Typer(
    help="Measure the detector on labelled data, the speed of captures, and a year's work.", no_args_is_help=True
)


@app.callback()
def bench() -> None:
    """Measure the detector on labelled data, the speed of captures, and a run of 20,000 URLs."""


@app.command()
def detect(
    folder: Annotated[Path, typer.Argument(help="Folder with clones/ and benign/, NAME.png and NAME.json each.")],
    pictures_only: Annotated[bool, typer.Option("--pictures-only", help="Judge without page facts.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print a line a page.")] = False,
    brands: options.Brands = None,
    workspace: options.Workspace = None,
) -> None:
    """Measure identification rate, false flags, precision, each signal's contribution, time per page."""
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
    """Measure pages a second of captures with all evidence kept, and of a bare Playwright loop on the same local pages."""
    _print_speeds(measure(pages, rounds, slots))


@app.command()
def triage(
    folder: Annotated[Path, typer.Argument(help=f"Folder with {names.BENIGN} and {names.PHISHING}.")],
    brands: options.Brands = None,
    workspace: options.Workspace = None,
) -> None:
    """Measure how well names alone tell phishing from benign, and names a second, beside two other programs' methods."""
    library = load_library(read_config(workspace, brands=brands).brand_folders())
    benign = names.read_benign(folder)
    rows = names.read_phishing(folder, library)
    judge = Triage(library)
    wrong = sum(1 for _ in judge.sift(benign))
    console = Console()
    console.print(f"benign names selected       {_share(wrong, len(benign), digits=2)}")
    if (folder / names.LOOKALIKES).exists():
        traced = [row for row in names.read_phishing(folder, library, names.LOOKALIKES) if row.trace]
        right = names.rightly_selected(traced, judge)
        console.print(f"lookalikes of 2026 that name their brand, selected for it  {_share(right, len(traced))}")
    recalls = [names.recall_of(rows, judge, trace) for trace in ("word", "letters", "")]
    console.print(_traces(recalls))
    console.print(_by_brand(recalls[:2]))
    _print_names_a_second(library, judge, benign, [split_url(row.url)[0] for row in rows], console)


@app.command()
def year(
    urls: Annotated[int, typer.Option(min=20, help="Candidates.")] = 20_000,
    slots: Annotated[int, typer.Option(min=1, help="Captures at a time.")] = 8,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Keep the workspace here; must be new or empty.")
    ] = None,
    brands: options.Brands = None,
    workspace: options.Workspace = None,
) -> None:
    """Run the whole flow, from candidates to handover, on local sites: clones, scams, ordinary, dead and hostile pages."""
    brand_folders = read_config(workspace, brands=brands).brand_folders()
    errors = Console(stderr=True)
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(TemporaryDirectory(prefix="clonewatch-year-")), "year")
        progress = stack.enter_context(Progress(console=errors, transient=True, disable=not errors.is_terminal))
        task = progress.add_task("starting", total=urls)
        report = work(
            home,
            urls,
            brand_folders,
            slots,
            lambda doing, done: progress.update(task, description=doing, completed=done),
        )
    print_year(report, Console())
    if report.account.missing:
        raise typer.Exit(ExitCode.FAILED)


def _print_names_a_second(
    library: BrandLibrary, judge: Triage, benign: list[str], hosts: list[str], console: Console
) -> None:
    """Score benign names mixed with one phishing host in a hundred, as a feed of all new names would hold them."""
    mixed = benign + hosts[:: max(1, len(hosts) // (len(benign) // 100 or 1))]
    sample = mixed[:: max(1, len(mixed) // 5000)]
    larger = Triage(names.grown(library, benign, 10 * len(library)))
    for triage_of in (judge, larger):
        list(triage_of.sift(sample))  # built before the clock runs
    speeds = [
        names.speed_of(f"clonewatch, {len(library)} brands", names.sifted(judge), mixed),
        names.speed_of(f"clonewatch, {10 * len(library)} brands", names.sifted(larger), mixed),
        names.speed_of("clonewatch, every name scored", names.scored(judge), sample),
        names.speed_of("openSquat's way", names.per_keyword_distance(library), sample),
        names.speed_of("phishing_catcher's way", names.summed_points(library), sample),
    ]
    table = _table("scoring, one core", "names a second", "names", "selected")
    for speed in speeds:
        table.add_row(speed.name, f"{speed.names_a_second:,.0f}", str(speed.names), str(speed.selected))
    console.print(table)


def _traces(recalls: list[names.Recall]) -> Table:
    table = _table("phishing URLs", "rows", "selected", "right brand found")
    for recall, what in zip(
        recalls, ("with the brand's name", "with its letters only", "without a trace"), strict=True
    ):
        table.add_row(what, str(recall.rows), _share(recall.selected, recall.rows), _share(recall.found, recall.rows))
    traced = [recalls[0], recalls[1]]
    rows, selected, found = (sum(getattr(each, field) for each in traced) for field in ("rows", "selected", "found"))
    table.add_row("name or letters", str(rows), _share(selected, rows), _share(found, rows))
    return table


def _by_brand(traced: list[names.Recall]) -> Table:
    table = _table("brand", "with name", "selected", "letters only", "selected")
    for brand in sorted({brand for each in traced for brand in each.by_brand}):
        table.add_row(brand, *(str(count) for each in traced for count in each.by_brand.get(brand, (0, 0))))
    return table


def _table(*columns: str) -> Table:
    """Return an empty table; its first column is aligned to the left, the figures to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    return table


def _share(part: int, whole: int, digits: int = 1) -> str:
    return f"{part / whole:.{digits}%} ({part} of {whole})" if whole else "no such pages"


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
    console.print(
        f"identification rate     {_share(report.identified, report.labelled)} of the brand-labelled clone pages"
    )
    console.print(f"flagged, right brand    {_share(report.flagged_right, report.labelled)}")
    console.print(f"flagged, wrong brand    {_share(report.flagged_wrong, report.labelled)}")
    console.print(f"false-flag rate         {_share(report.benign_flagged, report.benign)} of the benign pages")
    console.print(f"benign sent to review   {_share(report.benign_review, report.benign)}")
    console.print(f"nameless lures flagged  {_share(report.lures_flagged, report.lures)}")
    console.print(f"precision of flags      {report.precision:.1%}")
    console.print(f"CPU ms a page           median {report.cpu_ms[0]:.0f}, p95 {report.cpu_ms[1]:.0f}")
    console.print(f"wall ms a page          median {report.wall_ms[0]:.0f}, p95 {report.wall_ms[1]:.0f}")
    table = _table("signal", "right brand first, alone", "identified without it")
    for name, count in report.without.items():
        change = count - report.identified
        alone = "same for all" if name in PAGE_WIDE else _share(report.alone[name], report.labelled)
        table.add_row(name, alone, f"{_share(count, report.labelled)} {change:+d}")
    console.print(table)
