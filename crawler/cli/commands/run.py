"""``clonewatch run``: discover, capture, judge and report until the backlog has nothing due."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.cli.output import ProgressReporter
from crawler.jobs.run_job import JobSteps
from crawler.jobs.run_recorder import recorded
from crawler.jobs.time_stamping import stamp_at_end
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
    """Discover, capture, judge and report until nothing is due; stopped at any moment, it goes on where it was."""
    capture = options.capture_overrides(resolve, allow_private, slots, timeout)
    with Workspace.open(workspace, capture=capture, brands=brands) as opened:
        only = options.known_brands(opened.library(), brand or ())
        teller = ProgressReporter(total=None, json_target=None, brief=True)
        with recorded(opened.store.runs) as recorder:
            steps = JobSteps(opened, recorder, only)
            if discover:
                steps.discover()
            steps.prepare()
            try:
                with teller:
                    steps.capture(teller.tell)
            finally:
                teller.print_table()
            if said := stamp_at_end(opened.store.chain, opened.config.evidence):
                typer.echo(said, err=True)
            typer.echo(f"Report: {steps.report().path}")
        held = opened.store.counts()["leased"]
        if held:
            typer.echo(
                f"{counted(held, 'page is', 'pages are')} held by another run, or by one that died: "
                "what is not finished comes back to the backlog "
                f"within {opened.config.store.lease_seconds:.0f} s; run again then."
            )
    raise typer.Exit(ExitCode.FLAGGED if teller.flagged else ExitCode.NOTHING_FLAGGED)
