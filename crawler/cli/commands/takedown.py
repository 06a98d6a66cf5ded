"""``clonewatch takedown``: hand cases to the takedown desk, and list what was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.listing import show_list
from crawler.cli.tables import figures, plain_table, probability_text, words
from crawler.runtime.terminal import say
from detector.actor import login
from detector.errors import EvidenceError, UsageError
from detector.present.legible import safe_url, utc
from detector.sentences import counted
from detector.takedown import ExportResult, FolderSink, QueueEntry, export_cases, list_exports, load_sink
from detector.workspace import OWN_QUEUE, Workspace

app = typer.Typer(name="takedown", help="Hand proven cases to the takedown desk.", no_args_is_help=True)


@app.command("export")
def export(
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder to export to, instead of WORKSPACE/takedown; the target where --sink is given.",
        ),
    ] = None,
    sink: Annotated[
        str, typer.Option("--sink", metavar="NAME", help="Destination: folder, or one that an installed package adds.")
    ] = FolderSink.name,
    confirmed_only: Annotated[
        bool,
        typer.Option("--confirmed-only", help="Leave out cases that a rule of the configuration lets go unreviewed."),
    ] = False,
    exact_addresses: Annotated[
        bool,
        typer.Option(
            "--exact-addresses",
            help="Leave victims' mail addresses and passwords in pages' addresses, which are masked otherwise.",
        ),
    ] = False,
    actor: options.Actor = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
) -> None:
    """Append confirmed cases to takedown.jsonl, with their evidence beside it, and withdraw dismissed ones; each step once."""
    with Workspace.open(workspace, create=False, brands=brands) as opened:
        target, destination = _destination(sink, out, opened.takedown_dir)
        result = export_cases(
            opened.store,
            opened.evidence,
            load_sink(sink, target),
            library=opened.library(),
            rules=() if confirmed_only else opened.config.takedown.without_review,
            actor=actor or login(),
            exact_addresses=exact_addresses,
            destination=destination,
        )
    for line in sentence(result).split("\n"):
        say(line)
    if result.failed:
        for _, problem in result.failed:
            say(problem, err=True)
        raise EvidenceError(
            f"{_cases(len(result.failed))} could not be exported, because evidence is missing or altered; the others were "
            "exported. Capture those pages again with `clonewatch scan`, then export again"
        )


@app.command("list")
def list_queue(
    json_target: options.Json = None,
    workspace: options.Workspace = None,
) -> None:
    """List the cases that were exported, and those that wait for the next export."""
    with Workspace.open(workspace, create=False) as opened:
        entries = list_exports(opened.store, rules=opened.config.takedown.without_review)
    waiting = sum(entry.exported is None for entry in entries)
    done = len(entries) - waiting
    sentence = f"{_cases(done)} exported, {waiting} waiting for the next export."
    show_list(json_target, entries, _table, sentence)


def _destination(sink: str, out: str | None, own: Path) -> tuple[str, str]:
    """Return what the sink is made for, and the name by which the store knows it.

    Raises:
        UsageError: a destination other than a folder was chosen without its target.
    """
    if sink == FolderSink.name:
        folder = own if out is None else Path(out).absolute()
        return str(folder), OWN_QUEUE if folder.resolve() == own.resolve() else str(folder.resolve())
    if out is None:
        raise UsageError(f"--sink {sink} needs its target, such as a URL: name it with --out")
    return out, f"{sink}:{out}"


def sentence(result: ExportResult) -> str:
    """Say in a sentence what an export did."""
    exported, before = len(result.exported), result.before
    earlier = f"{counted(before, 'was', 'were')} exported before" if before else "none was exported before"
    if exported:
        said = [f"{counted(exported, 'case')} exported to {result.target}, {earlier}."]
    elif before:
        said = [f"No new case for {result.target}, {earlier}."]
    else:
        said = [] if result.failed or result.withdrawn else ["Nothing to export: no case is confirmed."]
    if result.withdrawn:
        said.append(f"{counted(len(result.withdrawn), 'dismissed case')} withdrawn from {result.target}.")
    if result.unreviewed:
        said.append(
            f"{counted(result.unreviewed, 'flagged case waits', 'flagged cases wait')} for a person's decision: "
            "`clonewatch cases list`, then `clonewatch cases confirm ID`."
        )
    return "\n".join(said)


def _cases(count: int) -> str:
    return f"{count} case" if count == 1 else f"{count} cases"


def _table(entries: Sequence[QueueEntry]) -> Table:
    elsewhere = any(entry.destination not in {None, OWN_QUEUE} for entry in entries)
    destination = ["to"] if elsewhere else []
    table = plain_table(figures("case"), "site", words("brand"), "state", "verdict", "exported (UTC)", *destination)
    for entry in entries:
        table.add_row(
            str(entry.case),
            Text(safe_url(entry.site)),
            Text(entry.brand),
            Text(entry.state.replace("_", " ")),
            Text(f"{entry.decision} {probability_text(entry.probability)}".rstrip()),
            "withdrawn" if entry.withdrawn else utc(entry.exported)[:16] or "waiting",
            *([Text(entry.destination or "")] if elsewhere else []),
        )
    return table
