"""``clonewatch cases``: what an analyst says about flagged sites."""

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
from crawler.examine.result_rows import STYLES
from detector.actor import login
from detector.model import Case, CaseState, Decision
from detector.present.legible import safe_url, utc
from detector.sentences import counted
from detector.workspace import Workspace

app = typer.Typer(name="cases", help="Look at cases, confirm or dismiss them.", no_args_is_help=True)
Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of cases, as `cases list` shows them.")]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as ``--json`` shows it."""

    id: int
    site: str
    brand: str
    state: CaseState
    decision: Decision
    probability: float | None
    sentence: str
    url: str
    final_url: str
    opened: datetime
    updated: datetime
    sources: tuple[str, ...]


@app.command("list")
def list_cases(
    state: Annotated[
        list[CaseState] | None, typer.Option("--state", help="Only cases in this state; repeatable.")
    ] = None,
    brand: options.BrandIds = None,
    json_target: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="One JSON object a case; - for standard output.")
    ] = None,
    workspace: options.Workspace = None,
) -> None:
    """Show cases, the most probable first."""
    with Workspace.open(workspace) as opened:
        lines = [_line(case) for case in opened.store.stream_cases(states=state or None, brands=brand or None)]
    if json_target is not None:
        write_lines(json_target, lines)
        return
    console = Console()
    if lines:
        console.print(_table(lines))
    console.print(f"{counted(len(lines), 'case')}.", highlight=False)


@app.command("confirm")
def confirm(
    ids: Ids,
    comment: Annotated[str, typer.Option("--comment", help="Why, for the custody log.")] = "",
    actor: options.Actor = None,
    workspace: options.Workspace = None,
) -> None:
    """Say that sites impersonate the brand: the next takedown export takes them."""
    _move(ids, CaseState.CONFIRMED, actor, comment, workspace)


@app.command("dismiss")
def dismiss(
    ids: Ids,
    comment: Annotated[str, typer.Option("--comment", help="Why, for the custody log.", show_default=False)],
    actor: options.Actor = None,
    workspace: options.Workspace = None,
) -> None:
    """Say that sites do not impersonate the brand: they are never exported."""
    _move(ids, CaseState.DISMISSED, actor, comment, workspace)


def _move(ids: list[int], state: CaseState, actor: str | None, comment: str, workspace: options.Workspace) -> None:
    with Workspace.open(workspace) as opened:
        for case_id in ids:
            opened.store.set_state(case_id, state, actor=actor or login(), comment=comment)
            typer.echo(f"Case {case_id} is {state}.")


def _line(case: Case) -> CaseLine:
    verdict, capture = case.verdict, case.capture
    return CaseLine(
        id=case.id,
        site=case.site,
        brand=case.brand,
        state=case.state,
        decision=verdict.decision,
        probability=verdict.probability,
        sentence=verdict.sentence,
        url=capture.url,
        final_url=capture.final_url,
        opened=case.opened,
        updated=case.updated,
        sources=case.sources,
    )


def _table(lines: list[CaseLine]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in ("case", "verdict", "prob.", "brand", "state", "site", "updated (UTC)"):
        right, kept = header in {"case", "prob."}, header != "site"
        table.add_column(header, justify="right" if right else "left", overflow="fold", no_wrap=kept)
    for line in lines:
        table.add_row(
            str(line.id),
            Text(str(line.decision), style=STYLES[line.decision]),
            "" if line.probability is None else f"{line.probability:.2f}",
            Text(line.brand),
            Text(line.state.replace("_", " ")),
            Text(safe_url(line.site)),
            utc(line.updated)[:16],
        )
    return table
