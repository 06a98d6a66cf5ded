"""``clonewatch report``: write the flagged sites as a folder of HTML pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import options
from crawler.runtime.terminal import say
from detector.report import ReportResult, write_report
from detector.sentences import counted
from detector.workspace import Workspace


def report(
    workspace: options.Workspace = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder to write to, instead of WORKSPACE/reports."),
    ] = None,
    include_review: Annotated[
        bool, typer.Option("--include-review", help="Also show sites that wait for an analyst's decision.")
    ] = False,
    brands: options.Brands = None,
) -> None:
    """Write the flagged sites as HTML pages that open from disk, without a network."""
    with Workspace.open(workspace, create=False, brands=brands) as opened:
        result = write_report(
            opened.store,
            opened.evidence,
            opened.library(),
            (out.expanduser() if out else opened.reports_dir).absolute(),
            include_review=include_review,
        )
    say(str(result.path))
    say(summary(result, include_review=include_review))


def summary(result: ReportResult, *, include_review: bool) -> str:
    """Say in a sentence how many cases the report shows, and how many of its pages are new."""
    review = f", {result.review} to review" if include_review else ""
    return f"{result.flagged} flagged{review}; {counted(result.written, 'page')} written, {result.reused} up to date."
