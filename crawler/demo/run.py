"""Run the product's commands against the demo's own sites, from discovery to the takedown queue, and print the verdicts."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from crawler.cli.exit_codes import ExitCode
from crawler.demo.server import DemoServers
from crawler.demo.sites import load_sites
from crawler.demo.steps import LOG, Step, run_step
from crawler.demo.verdicts import Row, read_rows
from crawler.demo.workspace import fresh_workspace
from crawler.runtime.terminal import Console
from detector.model import Decision
from detector.store import Store

DEFAULT_WORKSPACE = Path("demo-workspace")
DATABASE = "clonewatch.sqlite"
WIDE = 130
"""Columns of a terminal from which the table has room for sentences."""
MADE_UP = ("ostrelin", "kumoriva")

STEPS = (
    *(
        Step(f"The owner of {brand} shows clonewatch the official pages.", ("brands", "capture", brand))
        for brand in MADE_UP
    ),
    Step(
        "Which lookalike names exist, and what do the two feeds report?",
        ("discover", *(word for brand in MADE_UP for word in ("--brand", brand))),
    ),
    Step(
        "Capture and judge everything that was found.",
        ("run", "--no-discover"),
        may_leave_with=(ExitCode.NOTHING_FLAGGED, ExitCode.FLAGGED),
        telling=" judged: ",
    ),
    Step("Write the report.", ("report",)),
    Step(
        "An analyst looks at it, and confirms what is flagged.",
        ("cases", "confirm", "--comment", "seen"),
        for_flagged_cases=True,
    ),
    Step("Hand the proof to the takedown desk.", ("takedown", "export")),
)


def run_demo(workspace: Path = DEFAULT_WORKSPACE, *, keep_serving: bool = False) -> bool:
    """Run the demo in a folder that is created anew; True when every verdict is right and no form was submitted.

    ``keep_serving``: leave the sites up until Ctrl-C.

    Raises:
        UsageError: the folder exists, holds something, and was not made by the demo.
        StepFailedError: a command failed.
    """
    console = Console(highlight=False)
    with DemoServers() as servers:
        right = _demo(servers, workspace, console)
        if keep_serving:
            _keep_serving(servers, console)
    return right


def _demo(servers: DemoServers, folder: Path, console: Console) -> bool:
    workspace = fresh_workspace(folder, servers)
    kinds = [entry.kind for entry in load_sites()]
    console.print(
        f"[bold]{len(kinds)} addresses[/] are up on this machine: {kinds.count('official')} official pages of two made-up "
        f"brands, {kinds.count('clone')} clones, {kinds.count('innocent')} innocent look-alikes, "
        f"{kinds.count('nuisance')} nuisances.\nNothing of this touches the internet.\n"
    )
    for number, step in enumerate(STEPS, start=1):
        if step.for_flagged_cases:
            step = replace(step, words=(*step.words, *map(str, _flagged_cases(workspace / DATABASE))))  # noqa: PLW2901
        console.print(f"[bold]{number}.[/] {step.story}")
        console.print(f"   $ {step.typed}", style="cyan", markup=False)
        with console.status("working"):
            seconds, said = run_step(step, workspace)
        console.print(f"   {said} [{seconds:.1f} s]", style="dim", markup=False, soft_wrap=True)
    rows = read_rows(workspace / DATABASE, servers)
    console.print()
    console.print(_table(rows, wide=console.width >= WIDE))
    return _conclude(rows, servers, workspace, console)


def _flagged_cases(database: Path) -> list[int]:
    with Store.open(database) as store:
        return [case.id for case in store.cases.stream() if case.verdict.decision is Decision.FLAGGED]


def _table(rows: Sequence[Row], *, wide: bool) -> Table:
    """Return a table of one row per site; a wide one also says what makes the site hard to judge."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "site", "is", "judged"):
        table.add_column(column, no_wrap=True)
    if wide:
        table.add_column("what makes it hard, or harmless")
    for row in rows:
        cells = [
            "[green]✓[/]" if row.right else "[bold red]✗[/]",
            row.site.host,
            f"clone of {row.site.brand}" if row.site.kind == "clone" else row.site.kind,
            row.seen + (f" {row.probability:.2f}" if row.probability is not None else ""),
        ]
        table.add_row(*cells, *([row.site.difficulty] if wide else []))
    return table


def _conclude(rows: Sequence[Row], servers: DemoServers, workspace: Path, console: Console) -> bool:
    def share(kind: str) -> str:
        mine = [row.right for row in rows if row.site.kind == kind]
        return f"{sum(mine)} of {len(mine)}"

    with Store.open(workspace / DATABASE) as store:
        handed_over = len(store.deliveries.find())
    console.print(f"\nClones flagged for the right brand: [bold]{share('clone')}[/]")
    console.print(f"Innocent pages left alone:          [bold]{share('innocent')}[/]")
    console.print(f"Cases in the takedown queue:        [bold]{handed_over}[/]")
    if servers.posts:
        console.print(f"[bold red]The crawler submitted {servers.posts} forms: it must never do that.[/]")
    report = _report_of(workspace)
    if report is not None:
        console.print(f"\nThe report: {report}", soft_wrap=True)
        if _has_display():
            webbrowser.open(report.as_uri())
    console.print(f"What the commands said: {workspace / LOG}", soft_wrap=True, style="dim")
    return all(row.right for row in rows) and not servers.posts and report is not None


def _report_of(workspace: Path) -> Path | None:
    pages = sorted((workspace / "reports").rglob("index.html"), key=lambda path: path.stat().st_mtime)
    return pages[-1] if pages else None


def _has_display() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _keep_serving(servers: DemoServers, console: Console) -> None:
    console.print("\nThe sites stay up until Ctrl-C. To look at them yourself:")
    console.print(
        '  chromium --host-resolver-rules="MAP *.test 127.0.0.1, MAP *.example 127.0.0.1" --ignore-certificate-errors '
        f"{servers.url(load_sites()[1])}",
        soft_wrap=True,
        markup=False,
    )
    servers.stopping.wait()
