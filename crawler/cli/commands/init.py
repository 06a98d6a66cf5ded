"""``clonewatch init``: make a workspace to begin with."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.setup.first_workspace import make_workspace
from crawler.runtime.terminal import say, say_lines
from detector.config import CONFIG_NAME
from detector.workspace import DEFAULT, OWN_BRANDS, workspace_path


def init(
    database: Annotated[
        str, typer.Option("--database", metavar="URL", help="Database to write into the configuration: postgresql://…")
    ] = "",
    metrics: Annotated[
        str, typer.Option("--metrics", metavar="ADDRESS:PORT", help="Place of the metrics, for the configuration.")
    ] = "",
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Leave a workspace that there is as it is, and call that a success.")
    ] = False,
    workspace: options.Workspace = None,
) -> None:
    """Make a workspace with a commented configuration, a folder for brands and first crawl jobs.

    A folder that is a workspace already, or holds other things, is refused.
    """
    folder = workspace_path(workspace)
    if if_missing and (folder / CONFIG_NAME).exists():
        say(f"{folder} is a workspace already; nothing was changed.")
        return
    make_workspace(folder, database=database, metrics=metrics)
    named = "" if workspace is None and folder.name == DEFAULT else f" -w {quote(str(folder))}"
    say_lines(
        f"Made {folder}: {CONFIG_NAME} with two crawl jobs, and {OWN_BRANDS}/ for your brands.\n"
        "Next:\n"
        f'  clonewatch brands add{named} "Example Bank" --domain examplebank.com --logo logo.svg\n'
        f"  clonewatch schedule run{named} nightly      one of the jobs now\n"
        f"  clonewatch schedule{named}                  all jobs at their times, until it is stopped"
    )
