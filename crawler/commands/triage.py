"""``clonewatch triage``: what names and URLs say by themselves, without looking at any of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.text import Text

from crawler.commands import options
from crawler.feeds.records import FORMATS, FeedReader
from crawler.feeds.unpack import CHUNK, NO_LIMIT, FeedFault, text_of, unpack
from crawler.feeds.zonefile import lines_of
from crawler.output import json_lines
from crawler.triage import SELECT, NameScore, Triage
from crawler.urls import refang
from crawler.workspace import read_config
from detector.brands import load_library
from detector.defang import defang
from detector.errors import SourceError, UsageError

_MAX_LINE = 16_384
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
    source = _Source(from_, format_, url_field)
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


class _Source:
    """The entries of a file or of standard input."""

    def __init__(self, place: str, form: str, url_field: str) -> None:
        self._place, self._form, self._url_field = place, form, url_field
        self.fault: str | None = None
        """Why the rest could not be read."""

    def entries(self) -> Iterator[str]:
        if self._place == "-":
            yield from self._read(sys.stdin.buffer)
            return
        try:
            with Path(self._place).open("rb") as file:
                yield from self._read(file)
        except OSError as error:
            raise UsageError(f"--from {self._place}: cannot be read ({error.strerror})") from error

    def _read(self, file: BinaryIO) -> Iterator[str]:
        chunks = iter(lambda: file.read(CHUNK), b"")
        if self._form == "text":
            try:
                for line in lines_of(text_of(unpack(chunks, NO_LIMIT)), keep=_MAX_LINE):
                    yield from _entry(line)
            except FeedFault as fault:
                self.fault = str(fault)
            return
        reader = FeedReader(chunks, limit=NO_LIMIT, form=self._form, url_field=self._url_field, name=self._place)
        for record in reader.records():
            yield record.url
        self.fault = reader.fault


def _entry(line: str) -> Iterator[str]:
    """The entry of a line that is neither blank nor a comment; what is longer than any address is cut."""
    entry = line.strip()[:_MAX_LINE]
    if entry and not entry.startswith("#"):
        yield entry


def _show(line: TriageLine, console: Console) -> None:
    said = f"{line.score:.2f}  {line.brand or '-':16}  {defang(line.input)}\n"
    said += "".join(f"      {reason}\n" for reason in line.reasons)
    console.print(Text(said, end=""), highlight=False)
