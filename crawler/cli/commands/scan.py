"""``clonewatch scan``: capture and judge URLs at once, without the backlog."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler.capture.profiles import Profiles
from crawler.cli import options
from crawler.cli.exit_codes import ExitCode
from crawler.cli.json_lines import json_lines
from crawler.cli.progress import ProgressReporter
from crawler.cli.result_line import result_line
from crawler.examine.backlog_worker import scan_urls
from crawler.examine.judge_warm_up import ready_judge
from crawler.jobs.time_stamping import stamp_at_end
from crawler.runtime.terminal import say
from detector.errors import UsageError
from detector.workspace import Workspace, read_config

MAX_LIST_BYTES = 200_000_000
URL_LINE_LIMIT = 20_000


def scan(
    urls: Annotated[
        list[str] | None, typer.Argument(help="URLs to capture.", metavar="URL", show_default=False)
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="File with one URL per line; - is standard input.")
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
    wanted = [*(urls or []), *(_read_list(source) if source else [])]
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


def _read_list(source: str) -> list[str]:
    """Return the lines of a file, comments left out; a line that is not a URL is kept and gets a result of its own.

    Raises:
        UsageError: the file cannot be read, or is larger than MAX_LIST_BYTES.
    """
    try:
        if source == "-":
            data = sys.stdin.buffer.read(MAX_LIST_BYTES + 1)
        else:
            with Path(source).open("rb") as stream:
                data = stream.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"--from {source}: cannot be read ({error.strerror}); name a file that exists, or - for standard input"
        ) from error
    if len(data) > MAX_LIST_BYTES:
        raise UsageError(
            f"--from {source}: more than {MAX_LIST_BYTES} bytes; split the file, or read it with `clonewatch discover feeds --from`"
        )
    # split at line feeds only: a NUL or another control character inside a line is that line's own mistake
    lines = (line.strip(" \t\r") for line in data.decode("utf-8", "replace").split("\n"))
    return [line[:URL_LINE_LIMIT] for line in lines if line and not line.startswith("#")]
