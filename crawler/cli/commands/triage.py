"""``clonewatch triage``: score names and URLs by their spelling alone, without network access."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from crawler.cli import options
from crawler.cli.json_lines import json_lines
from crawler.cli.triage_line import TriageLine, triage_line
from crawler.discovery.triage import SELECT, NameScore, Triage
from crawler.runtime.terminal import Console, say
from crawler.sources.feeds.feed_records import FORMATS
from crawler.sources.feeds.input_lists import GivenEntry, GivenList
from detector.brands import load_library
from detector.errors import SourceError, UsageError
from detector.present.defang import defang
from detector.workspace import read_config

_BLOCK = 4096


def triage(
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="FILE|-",
            help="File of names or URLs, one per line, packed or not; hosts and blocking lists too; - is standard input.",
        ),
    ],
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="Format of the file: auto, text, csv or json.")
    ] = "auto",
    url_field: Annotated[
        str, typer.Option("--url-field", metavar="FIELD", help="Column (csv) or key (json) that holds the URL.")
    ] = "url",
    selected: Annotated[
        bool, typer.Option("--selected", help="Print only entries that are worth a capture; many times faster.")
    ] = False,
    json_target: options.Json = None,
    brands: options.Brands = None,
    workspace: options.Workspace = None,
) -> None:
    """Score names and URLs against all brands, with reasons; nothing is looked up or fetched.

    Exit code 4 if the file could only be read in part, or no entry of it; the entries before the fault were scored.
    """
    if format_ not in FORMATS:
        raise UsageError(f"--format {format_}: expected auto, text, csv or json")
    judge = Triage(load_library(read_config(workspace, brands=brands).brand_folders()))
    source = GivenList(from_, format_, url_field)
    counts = [0, 0]
    console = Console()
    with json_lines(json_target) as output:
        entries = source.entries()
        while block := list(islice(entries, _BLOCK)):
            counts[0] += len(block)
            for line in _judged(judge, block, selected):
                counts[1] += line.selected
                if output is not None:
                    output.write(line)
                elif line.selected:
                    _show(line, console)
    if json_target is None:
        Console(stderr=True).print(
            f"{counts[1]} of {counts[0]} worth a capture (score {SELECT} or more).", highlight=False
        )
    if source.unread:
        say(source.unread, err=True)
    if source.fault is not None:
        raise SourceError(f"{from_}: {source.fault}; the {counts[0]} entries before that were scored")
    if source.remarks.left_out and source.remarks.left_out == counts[0]:
        raise SourceError(f"{from_}: no entry is an address or a name; see the reasons above")


def _judged(judge: Triage, block: list[GivenEntry], selected: bool) -> Iterator[TriageLine]:
    names = [entry.name for entry in block]
    if selected:
        for position, score in judge.sift(names):
            yield triage_line(block[position].text, score)
        return
    for entry, name in zip(block, names, strict=True):
        score = judge.score_name(name) if name else NameScore(None, 0.0, (f"It is not read: {entry.problem}.",))
        yield triage_line(entry.text, score)


def _show(line: TriageLine, console: Console) -> None:
    said = f"{line.score:.2f}  {line.brand or '-':16}  {defang(line.input)}\n"
    said += "".join(f"      {reason}\n" for reason in line.reasons)
    console.print(Text(said, end=""), highlight=False)
