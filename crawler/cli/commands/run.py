"""``clonewatch run``: discover, capture, judge and report until the backlog has nothing due."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.cli.job_output import JobConsole
from crawler.jobs.run_job import run_job
from crawler.jobs.run_recorder import recorded
from crawler.runtime.terminal import say
from detector.brands import known_ids
from detector.sentences import counted
from detector.workspace import Workspace


def run(
    brand: options.BrandIds = None,
    discover: Annotated[
        bool, typer.Option("--discover/--no-discover", help="Ask the sources for new candidates first.")
    ] = True,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    resolve: options.Resolve = None,
    allow_private: options.AllowPrivate = None,
    slots: options.Slots = None,
    timeout: options.Timeout = None,
) -> None:
    """Discover, capture, judge and report until nothing is due; if stopped, it continues at the next call."""
    capture = options.capture_overrides(resolve, allow_private, slots, timeout)
    console = JobConsole()
    steps = ("discover", "capture", "report") if discover else ("capture", "report")
    with Workspace.open(workspace, capture=capture, brands=brands) as opened:
        only = known_ids(opened.library(), brand or ())
        with recorded(opened.store.runs) as recorder:
            run_job(opened, recorder, steps, console, brands=only)
        leased = opened.store.counts()["leased"]
        if leased:
            say(
                f"{counted(leased, 'page is', 'pages are')} leased to another run, or to one that died: "
                "a page that is not finished returns to the backlog "
                f"within {opened.config.store.lease_seconds:.0f} s; run again then."
            )
    raise typer.Exit(ExitCode.FLAGGED if console.flagged else ExitCode.NOTHING_FLAGGED)
