"""``clonewatch worker``: look at what is due, and wait for more."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.broker_extra import extra_is_there
from crawler.cli.output import ProgressReporter
from crawler.jobs.run_job import JobSteps
from crawler.jobs.run_recorder import recorded
from detector.errors import UsageError
from detector.workspace import Workspace, read_config, workspace_path


class MessageQueue(StrEnum):
    """What messages bring."""

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
        float, typer.Option("--patience", min=0.1, metavar="SECONDS", help="How often an idle worker asks for work.")
    ] = 5.0,
    broker: Annotated[
        bool,
        typer.Option("--broker/--no-broker", help="Take messages where broker.url is set, else ask the database."),
    ] = True,
    queue: Annotated[
        list[MessageQueue] | None,
        typer.Option(
            "--queue",
            "-Q",
            help="Take only these messages: captures, crawl jobs, or cleared pages to judge anew; repeatable.",
        ),
    ] = None,
) -> None:
    """Capture and judge what is due until stopped: any number of workers, on any machines that reach the database.

    It gives back what it has claimed when it is stopped; what a killed one had claimed comes back when its leases end.
    """
    capture = options.capture_overrides(resolve, allow_private, slots, timeout)
    if broker and read_config(workspace).broker.url:
        if brand:
            raise UsageError("--brand is for workers that ask the database: name --no-broker too")
        with extra_is_there("clonewatch worker --no-broker"):
            from crawler.jobs.broker.broker_worker import take_messages  # noqa: PLC0415
        take_messages(workspace_path(workspace), {"capture": capture, "brands": brands}, list(queue or MessageQueue))
        return
    if queue:
        raise UsageError("--queue is for workers that take messages: set [broker] url")
    with Workspace.open(workspace, capture=capture, brands=brands) as opened:
        only = options.known_brands(opened.library(), brand or ())
        teller = ProgressReporter(total=None, json_target=None)
        with recorded(opened.store.runs) as recorder:
            steps = JobSteps(opened, recorder, only)
            steps.prepare()
            with teller:
                steps.capture(teller.count, patience=patience)


def dispatch(
    workspace: options.Workspace = None,
    patience: Annotated[
        float, typer.Option("--patience", min=0.1, metavar="SECONDS", help="How often an empty backlog is asked.")
    ] = 2.0,
) -> None:
    """Send what is due to the broker's queue, for the workers, until stopped; a second one does no harm."""
    with Workspace.open(workspace) as opened:
        if not opened.config.broker.url:
            raise UsageError("there is no broker: set [broker] url, or run clonewatch worker, which asks the database")
        with extra_is_there("clonewatch worker --no-broker"):
            from crawler.jobs.broker.broker_worker import send_messages  # noqa: PLC0415
        with recorded(opened.store.runs) as recorder:
            recorder.doing = "dispatch"
            send_messages(opened, recorder, patience)
