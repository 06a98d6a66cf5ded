"""``clonewatch cases``: list cases, and record what an analyst decides about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.listing import show_list
from crawler.cli.tables import decision_text, figures, plain_table, probability_text, words
from crawler.runtime.terminal import say
from detector.actor import login
from detector.model import CaseState
from detector.present.case_line import CaseLine, case_line
from detector.present.legible import safe_url, utc
from detector.sentences import counted
from detector.workspace import Workspace

app = typer.Typer(name="cases", help="List cases, confirm or dismiss them.", no_args_is_help=True)
Ids = Annotated[
    list[int],
    typer.Argument(metavar="ID", help="Numbers of cases, as `cases list` shows them.", parser=options.case_number),
]


@app.command("list")
def list_cases(
    state: Annotated[
        list[CaseState] | None,
        typer.Option(
            "--state", metavar="STATE", help=f"Only cases in this state ({', '.join(CaseState)}); repeatable."
        ),
    ] = None,
    brand: options.BrandIds = None,
    json_target: options.Json = None,
    workspace: options.Workspace = None,
) -> None:
    """List cases, the most probable first."""
    with Workspace.open(workspace, create=False) as opened:
        options.check_brands(opened, brand)
        lines = [case_line(case) for case in opened.store.cases.stream(states=state or None, brands=brand or None)]
    show_list(json_target, lines, _table, f"{counted(len(lines), 'case')}.")


@app.command("confirm")
def confirm(
    ids: Ids,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="Reason, for the custody log.")] = "",
    actor: options.Actor = None,
    workspace: options.Workspace = None,
) -> None:
    """Confirm that sites impersonate the brand; the next takedown export includes them."""
    _move(ids, CaseState.CONFIRMED, actor, comment, workspace)


@app.command("dismiss")
def dismiss(
    ids: Ids,
    comment: Annotated[
        str, typer.Option("--comment", metavar="TEXT", help="Reason, for the custody log.", show_default=False)
    ],
    actor: options.Actor = None,
    workspace: options.Workspace = None,
) -> None:
    """Dismiss cases of sites that do not impersonate the brand; they are never exported."""
    _move(ids, CaseState.DISMISSED, actor, comment, workspace)


def _move(ids: list[int], state: CaseState, actor: str | None, comment: str, workspace: options.Workspace) -> None:
    with Workspace.open(workspace, create=False) as opened:
        opened.store.cases.move_all(ids, state, actor=actor or login(), comment=comment)
    for case_id in dict.fromkeys(ids):
        say(f"Case {case_id} is {state}.")


def _table(lines: Sequence[CaseLine]) -> Table:
    table = plain_table(
        figures("case"),
        words("verdict"),
        figures("prob."),
        words("brand"),
        "state",
        "site",
        "updated (UTC)",
    )
    for line in lines:
        table.add_row(
            str(line.id),
            decision_text(line.decision),
            probability_text(line.probability),
            Text(line.brand),
            Text(line.state.replace("_", " ")),
            Text(safe_url(line.site)),
            utc(line.updated)[:16],
        )
    return table
