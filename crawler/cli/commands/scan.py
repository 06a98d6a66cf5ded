"""``clonewatch scan``: capture and judge URLs at once, without the backlog."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from crawler.capture.profiles import Profiles
from crawler.capture.target import url_problem
from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.cli.json_lines import json_lines
from crawler.cli.progress import ProgressReporter
from crawler.cli.result_line import result_line
from crawler.examine.backlog_worker import scan_urls
from crawler.examine.judge_warm_up import ready_judge
from crawler.jobs.time_stamping import stamp_at_end
from crawler.runtime.terminal import say
from crawler.sources.feeds.input_lists import GivenList, given_addresses
from detector.errors import UsageError
from detector.present.defang import defang
from detector.present.legible import one_line
from detector.workspace import Workspace, read_config

MAX_LIST_BYTES = 200_000_000
URL_LINE_LIMIT = 20_000


def scan(
    urls: Annotated[
        list[str] | None, typer.Argument(help="URLs to capture.", metavar="URL", show_default=False)
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="File with one URL per line, packed or not; - is standard input."),
    ] = None,
    json_target: options.Json = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    resolve: options.Resolve = None,
    allow_private: options.AllowPrivate = None,
    slots: options.Slots = None,
    timeout: options.Timeout = None,
    profile: options.Profile = None,
) -> None:
    """Capture and judge URLs now; print a table, or write JSON lines."""
    listed = GivenList(source, limit=MAX_LIST_BYTES) if source else None
    wanted = _wanted(urls or [], listed, source)
    if not wanted:
        raise UsageError("nothing to scan: give URLs, or a file of URLs with --from FILE")
    if profile:
        Profiles.of(read_config(workspace).capture).named(profile)
    capture = options.capture_overrides(resolve, allow_private, slots, timeout, profile)
    with Workspace.open(workspace, capture=capture, brands=brands) as opened, json_lines(json_target) as lines:
        judge = ready_judge(opened.library(), opened.config.detect)
        progress = ProgressReporter(total=len(wanted), json_target=json_target)

        async def run() -> None:
            async for result in scan_urls(opened, judge, wanted):
                progress.tell(result)
                if lines:
                    lines.write(result_line(result))

        try:
            with progress:
                asyncio.run(run())
        finally:
            progress.print_table()
        if said := stamp_at_end(opened.store, opened.config.evidence):
            say(said, err=True)
    raise typer.Exit(ExitCode.FLAGGED if progress.flagged else ExitCode.NOTHING_FLAGGED)


def _wanted(arguments: Sequence[str], listed: GivenList | None, place: str | None) -> list[str]:
    """Return the addresses to capture; an entry that is not read stays as it is, gets a result of its own and is named.

    Raises:
        UsageError: the list cannot be read, or only in part.
    """
    wanted = []
    for entry in given_addresses(arguments, listed):
        if entry.address:
            wanted.append(entry.address)
        elif url_problem(entry.text) is not None:
            wanted.append(entry.text[:URL_LINE_LIMIT])
        else:
            say(f"clonewatch: {one_line(defang(entry.text), 80)} is left out: {entry.problem}", err=True)
    if listed is not None:
        if listed.unread:
            say(listed.unread, err=True)
        if listed.fault is not None:
            raise UsageError(
                f"--from {place}: {listed.fault}; split it, or read it with `clonewatch discover feeds --from`"
            )
    return wanted
