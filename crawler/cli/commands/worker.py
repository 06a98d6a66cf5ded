"""``clonewatch worker`` and ``clonewatch dispatch``: capture what is due and wait for more, on any number of machines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.broker_extra import broker_libraries
from crawler.cli.progress import ProgressReporter
from crawler.jobs.run_job import JobSteps
from crawler.jobs.run_recorder import recorded
from detector.brands import known_ids
from detector.errors import UsageError
from detector.workspace import Workspace, read_config, workspace_path


class MessageQueue(StrEnum):
    """Queues of the broker, by the work that their messages ask for."""

    CAPTURE = "capture"
    DISCOVER = "discover"
    JUDGE = "judge"


def worker(
    brand: options.BrandIds = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    resolve: options.Resolve = None,
    allow_private: options.AllowPrivate = None,
    slots: options.Slots = None,
    timeout: options.Timeout = None,
    patience: Annotated[
        float,
        typer.Option("--patience", min=0.1, metavar="SECONDS", help="Pause before an idle worker asks for work again."),
    ] = 5.0,
    broker: Annotated[
        bool,
        typer.Option(
            "--broker/--no-broker", help="Take work from the broker where broker.url is set, or from the database."
        ),
    ] = True,
    queue: Annotated[
        list[MessageQueue] | None,
        typer.Option(
            "--queue",
            "-Q",
            metavar="QUEUE",
            help="Take only this work from the broker: capture, discover (crawl jobs) or judge (cleared pages again); repeatable.",
        ),
    ] = None,
) -> None:
    """Capture and judge due candidates until stopped; run any number of workers, on any machines that reach the database.

    A worker that is stopped returns its candidates to the backlog; those of a worker that was killed return when their leases end.
    """
    capture = options.capture_overrides(resolve, allow_private, slots, timeout)
    if broker and read_config(workspace).broker.url:
        if brand:
            raise UsageError("--brand works only with candidates from the database; add --no-broker")
        with broker_libraries("clonewatch worker --no-broker"):
            from crawler.jobs.broker.broker_worker import take_messages  # noqa: PLC0415
        take_messages(workspace_path(workspace), {"capture": capture, "brands": brands}, list(queue or MessageQueue))
        return
    if queue:
        raise UsageError("--queue needs a broker: set url in [broker] of clonewatch.toml, or leave --queue out")
    with Workspace.open(workspace, capture=capture, brands=brands) as opened:
        only = known_ids(opened.library(), brand or ())
        progress = ProgressReporter(total=None, json_target=None)
        with recorded(opened.store.runs) as recorder:
            steps = JobSteps(opened, recorder, only)
            steps.prepare()
            with progress:
                steps.capture(progress.count, patience=patience)


def dispatch(
    workspace: options.Workspace = None,
    patience: Annotated[
        float,
        typer.Option("--patience", min=0.1, metavar="SECONDS", help="Pause before an empty backlog is asked again."),
    ] = 2.0,
) -> None:
    """Send due candidates to the broker's queue until stopped; more than one dispatcher does no harm."""
    with Workspace.open(workspace) as opened:
        if not opened.config.broker.url:
            raise UsageError(
                "no broker is configured: set url in [broker] of clonewatch.toml, or use `clonewatch worker` without a dispatcher"
            )
        with broker_libraries("clonewatch worker --no-broker"):
            from crawler.jobs.broker.broker_worker import send_messages  # noqa: PLC0415
        with recorded(opened.store.runs) as recorder:
            recorder.doing = "dispatch"
            send_messages(opened, recorder, patience)
