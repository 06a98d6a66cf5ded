"""``clonewatch discover``: ask the sources for suspicious URLs."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.source_progress import SourceProgress
from crawler.discovery.lookalike_plan import announcement
from crawler.discovery.runner import DiscoverySummary, run_discovery
from crawler.discovery.source_tally import tally_table
from crawler.jobs.run_recorder import recorded
from crawler.runtime.terminal import Console
from crawler.sources.feeds.feed_location import feed_at, is_web
from detector.errors import SourceError, UsageError
from detector.sentences import counted
from detector.workspace import Workspace


def discover(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            help="Sources to ask: permutations, feeds, links, recheck, ct_logs, certstream, new_names, reports, probe; "
            "by default all that are configured.",
        ),
    ] = None,
    brand: options.BrandIds = None,
    from_: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="LIST",
            help="Read this list (file, http(s) address, - for standard input) and no other feed; repeatable.",
        ),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="Format of --from: auto, text, csv or json.")
    ] = "auto",
    url_field: Annotated[
        str, typer.Option("--url-field", metavar="FIELD", help="Column or key of --from that holds the URL.")
    ] = "url",
    brand_field: Annotated[
        str | None, typer.Option("--brand-field", metavar="FIELD", help="Column or key of --from that holds the brand.")
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what the spiders do, to standard error.")
    ] = False,
) -> None:
    """Ask the sources for suspicious URLs and put those worth a capture into the backlog.

    Exit code 4 if every source failed; if only some did, the table says which and why.
    """
    chosen = list(sources or ())
    if from_ and not chosen:
        chosen = ["feeds"]
    if from_ and "feeds" not in chosen:
        raise UsageError("--from is read by the source `feeds`: name that source too, or name no source")
    with Workspace.open(workspace, brands=brands) as opened, _given_feeds(from_ or []) as lists:
        feeds = [
            replace(feed_at(shown, format=format_, url_field=url_field, brand_field=brand_field), location=location)
            for shown, location in lists
        ]
        Console(stderr=True, highlight=False).print(
            announcement(opened.config, opened.library(), chosen, brand or ()), soft_wrap=True, markup=False
        )
        with SourceProgress() as progress, recorded(opened.store.runs) as recorder:
            recorder.doing = "discover"
            summary = run_discovery(opened, chosen, brand or (), feeds=feeds, verbose=verbose, tell=progress.tell)
            recorder.discovered(summary)
    show(summary)
    summary.raise_if_all_failed()


def show(summary: DiscoverySummary) -> None:
    """Print the table of sources and one line that sums it up."""
    console = Console()
    console.print(tally_table(summary.sources))
    failed = ", ".join(tally.source for tally in summary.failed)
    console.print(
        f"{counted(summary.new, 'new candidate')} in the backlog." + (f" Failed: {failed}." if failed else ""),
        highlight=False,
    )


@contextmanager
def _given_feeds(locations: list[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield (name as given, location to read): a pipe or standard input is copied to a file that a child process can read."""
    with ExitStack() as kept:
        found = []
        folder = None  # made only where something is copied: a run that is killed leaves none behind
        for number, location in enumerate(locations):
            path = Path(location).expanduser()
            if is_web(location) or (location != "-" and (path.is_file() or not path.exists() or path.is_dir())):
                found.append((location, location if is_web(location) else str(path.absolute())))
                continue
            folder = folder or Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="clonewatch-")))
            copy = folder / f"{number}"
            try:
                with copy.open("wb") as target:
                    if location == "-":
                        shutil.copyfileobj(sys.stdin.buffer, target)
                    else:
                        with path.open("rb") as source:
                            shutil.copyfileobj(source, target)
            except OSError as error:
                raise SourceError(f"--from {location}: cannot be read ({error.strerror})") from error
            found.append(("stdin" if location == "-" else location, str(copy)))
        yield found
