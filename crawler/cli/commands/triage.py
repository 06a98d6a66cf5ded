"""``clonewatch triage``: what names and URLs say by themselves, without looking at any of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from crawler.cli import options
from crawler.cli.output import json_lines
from crawler.discovery.triage import SELECT, NameScore, Triage
from crawler.discovery.urls import refang
from crawler.sources.feeds.feed_records import FORMATS
from crawler.sources.feeds.input_lists import GivenList
from detector.brands import load_library
from detector.errors import SourceError, UsageError
from detector.present.defang import defang
from detector.workspace import read_config

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class TriageLine:
    """What is said of one name; documented in docs/cli.md."""

    input: str
    selected: bool
    brand: str | None
    score: float
    reasons: tuple[str, ...]

    def as_json(self) -> TriageLine:
        """What is written of it: all."""
        return self


def triage(
    from_: Annotated[
        str, typer.Option("--from", metavar="FILE|-", help="Names or URLs, one a line; gzip and bzip2 too.")
    ],
    format_: Annotated[str, typer.Option("--format", help="text, csv or json.")] = "text",
    url_field: Annotated[str, typer.Option("--url-field", help="Of csv and json: column or key of the URL.")] = "url",
    selected: Annotated[bool, typer.Option("--selected", help="Only what deserves a look: many times faster.")] = False,
    json_target: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="As JSON lines; - for standard output.")
    ] = None,
    brands: options.Brands = None,
    workspace: options.Workspace = None,
) -> None:
    """Score names and URLs against all brands at once, and say why.  Nothing is looked up or fetched.

    Exit code 4 where the list could only be read in part; what could be read was scored.
    """
    if format_ not in FORMATS or format_ == "auto":
        raise UsageError(f"--format {format_}: text, csv or json")
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
        Console(stderr=True).print(f"{counts[1]} of {counts[0]} selected (score {SELECT} and more).", highlight=False)
    if source.fault is not None:
        raise SourceError(f"{from_}: {source.fault}; the {counts[0]} entries before that were scored")


def _judged(judge: Triage, block: list[str], selected: bool) -> Iterator[TriageLine]:
    addresses = [refang(entry) for entry in block]
    scored: Iterator[tuple[int, NameScore]] = (
        judge.sift(addresses) if selected else enumerate(map(judge.score_name, addresses))
    )
    for position, score in scored:
        yield TriageLine(block[position], score.selected, score.brand, score.score, score.reasons)


def _show(line: TriageLine, console: Console) -> None:
    said = f"{line.score:.2f}  {line.brand or '-':16}  {defang(line.input)}\n"
    said += "".join(f"      {reason}\n" for reason in line.reasons)
    console.print(Text(said, end=""), highlight=False)
