"""``clonewatch probe``: fetch front pages over plain HTTP, without a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from crawler.cli import options
from crawler.cli.source_progress import SourceProgress
from crawler.discovery.front_pages import addresses_of, front_pages
from crawler.discovery.runner import run_discovery
from crawler.discovery.source_tally import tally_table
from crawler.jobs.run_recorder import recorded
from crawler.runtime.terminal import Console, say
from crawler.sources.feeds.input_lists import GivenEntry, GivenList, given_addresses
from detector.brands import BrandLibrary
from detector.config import DiscoverConfig
from detector.errors import SourceError, UsageError
from detector.model import utcnow
from detector.sentences import counted
from detector.workspace import Workspace

SOURCE = "command"


def probe(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME|URL", help="Names or URLs to queue first.")] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE|-", help="File of names or URLs to queue, one per line, packed or not."),
    ] = None,
    workspace: options.Workspace = None,
    brands: options.Brands = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what the spider does, to standard error.")
    ] = False,
) -> None:
    """Fetch front page and icon of every due name over plain HTTP; pages that hint at a brand go to the backlog.

    Names come from the sources that probe.sources lists, and from this command.  A name without a hint is probed again after
    1, 3, 7, 14 and 30 days.
    """
    listed = GivenList(from_) if from_ else None
    with Workspace.open(workspace, brands=brands) as opened:
        given = Counter[str]()
        entries = _counted(given_addresses(names or (), listed), given)
        queued = opened.store.probes.add(
            _addresses(entries, opened.library(), opened.config.discover, given), SOURCE, utcnow()
        )
        if listed is not None and listed.unread:
            say(listed.unread, err=True)
        if given["lines"] and not given["addresses"]:
            raise UsageError(
                "nothing to probe: no argument or line is a host name or URL, or all of them belong to the brands themselves"
            )
        console = Console(stderr=True)
        if given["lines"]:
            console.print(f"{counted(queued, 'name')} queued of {given['lines']} given.")
        with SourceProgress() as progress, recorded(opened.store.runs) as recorder:
            recorder.doing = "probe"
            summary = run_discovery(opened, ["probe"], verbose=verbose, tell=progress.tell)
            recorder.discovered(summary)
        console.print(tally_table(summary.sources))
        due, waiting = opened.store.probes.counts(utcnow())
        console.print(
            f"{counted(summary.new, 'new candidate')} in the backlog; {counted(waiting, 'name')} to be probed later, {due} due."
        )
        summary.raise_if_all_failed()
        if listed and listed.fault is not None:
            raise SourceError(f"{from_}: {listed.fault}; the lines before that were queued")


def _counted(entries: Iterable[GivenEntry], given: Counter[str]) -> Iterator[GivenEntry]:
    for entry in entries:
        given["lines"] += 1
        yield entry


def _addresses(
    entries: Iterable[GivenEntry], library: BrandLibrary, config: DiscoverConfig, given: Counter[str]
) -> Iterator[str]:
    for entry in entries:
        if not entry.address:
            continue
        if not entry.is_name:
            found = [entry.leads_to]
        else:
            found = [address for host in front_pages([entry.name], library) for address in addresses_of(host, config)]
        given["addresses"] += len(found)
        yield from found
