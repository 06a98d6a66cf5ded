"""``clonewatch evidence log``: who did what with a case and its evidence, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.listing import show_list
from crawler.cli.tables import figures, plain_table, words
from detector.present.legible import one_line, utc
from detector.sentences import counted
from detector.store import CustodyStep
from detector.workspace import Workspace

LONGEST = 2000
"""Characters of a comment or a destination that the table shows; ``--json`` has all."""


def log(
    case: Annotated[
        int | None, typer.Argument(metavar="CASE", help="Only this case.", parser=options.case_number)
    ] = None,
    json_target: options.Json = None,
    workspace: options.Workspace = None,
) -> None:
    """Show the custody log: decisions about cases, and handovers of their evidence."""
    with Workspace.open(workspace, create=False) as opened:
        lines = opened.store.custody.steps(case)
    show_list(json_target, lines, _table, f"{counted(len(lines), 'step')}.")


def _table(lines: Sequence[CustodyStep]) -> Table:
    table = plain_table("at (UTC)", figures("case"), "who", words("what"), "detail", figures("manifest"))
    for line in lines:
        table.add_row(
            utc(line.at)[:19],
            str(line.case),
            Text(one_line(line.actor, LONGEST)),
            line.action,
            Text(one_line(line.detail, LONGEST)),
            "" if line.manifest is None else str(line.manifest),
        )
    return table
