"""``clonewatch report``: the flagged sites as a folder that opens from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import options
from detector.report import ReportResult, write_report
from detector.sentences import counted
from detector.workspace import Workspace


def report(
    workspace: options.Workspace = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write to instead of the workspace's reports/.")
    ] = None,
    include_review: Annotated[
        bool, typer.Option("--include-review", help="Also show the sites that wait for a person's word.")
    ] = False,
    brands: options.Brands = None,
) -> None:
    """Write the flagged sites as HTML pages that open from disk, without a network."""
    with Workspace.open(workspace, brands=brands) as opened:
        result = write_report(
            opened.store,
            opened.evidence,
            opened.library(),
            (out.expanduser() if out else opened.reports_dir).absolute(),
            include_review=include_review,
        )
    typer.echo(str(result.path))
    typer.echo(summary(result, include_review=include_review))


def summary(result: ReportResult, *, include_review: bool) -> str:
    """One line for people: how many cases, and how much of the report was new."""
    review = f", {result.review} to review" if include_review else ""
    return f"{result.flagged} flagged{review}; {counted(result.written, 'page')} written, {result.reused} up to date."
