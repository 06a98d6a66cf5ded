"""``clonewatch evidence log``: who did what with a case and its evidence, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.json_lines import write_lines
from detector.errors import UsageError
from detector.present.legible import utc
from detector.sentences import counted, printable
from detector.store import Store
from detector.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """One step, as ``--json`` shows it."""

    at: datetime
    case: int
    actor: str
    action: str
    """``state`` (the case moved), ``export`` (a bundle was written), ``takedown`` (a line of the takedown queue)."""
    detail: str
    """The new state and why, or where the evidence went."""
    manifest: int | None = None
    manifest_sha256: str | None = None


def log(
    case: Annotated[int | None, typer.Argument(metavar="[CASE]", help="Only this case.")] = None,
    json_target: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="One JSON object a step; - for standard output.")
    ] = None,
    workspace: options.Workspace = None,
) -> None:
    """Show the custody log: what became of cases, and who took their evidence where."""
    with Workspace.open(workspace) as opened:
        lines = custody_lines(opened.store, case)
    if json_target is not None:
        write_lines(json_target, lines)
        return
    console = Console()
    if lines:
        console.print(_table(lines))
    console.print(f"{counted(len(lines), 'step')}.", highlight=False)


def custody_lines(store: Store, case_id: int | None) -> list[CustodyLine]:
    """All steps of a case, or of all cases, oldest first.

    Raises:
        UsageError: there is no such case.
    """
    if case_id is not None and store.case(case_id) is None:
        raise UsageError(f"there is no case {case_id}; `clonewatch cases list` shows them")
    ids = [case.id for case in store.stream_cases()] if case_id is None else [case_id]
    lines = [
        CustodyLine(
            step.at, number, step.actor, "state", f"{step.after}: {step.comment}" if step.comment else str(step.after)
        )
        for number in ids
        for step in store.custody(number)
    ]
    for record in store.chain.handovers(case_id):
        went = record.handover
        lines.append(
            CustodyLine(
                went.at, went.case_id, went.actor, went.action, went.destination, went.manifest, went.manifest_sha256
            )
        )
    return sorted(lines, key=lambda line: line.at)


def _table(lines: list[CustodyLine]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in ("at (UTC)", "case", "who", "what", "detail", "manifest"):
        table.add_column(header, justify="right" if header in {"case", "manifest"} else "left", overflow="fold")
    for line in lines:
        table.add_row(
            utc(line.at)[:19],
            str(line.case),
            Text(printable(line.actor)),
            line.action,
            Text(printable(line.detail)),
            "" if line.manifest is None else str(line.manifest),
        )
    return table
