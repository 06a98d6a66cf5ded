"""``clonewatch phones``: telephone numbers that captured pages show, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.json_lines import write_lines
from detector.errors import UsageError
from detector.model import Decision
from detector.phones import normal
from detector.present.legible import safe_url, utc
from detector.sentences import counted, printable
from detector.store import PhoneSummary, Store
from detector.workspace import Workspace

app = typer.Typer(name="phones", help="Look at the telephone numbers that pages show.", no_args_is_help=True)
Json = Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="As JSON lines; - for standard output.")]
MAX_ROWS = 100
"""Captures that `show` prints; ``--json`` has all."""


@dataclass(frozen=True, slots=True)
class SightingLine:
    """One capture that shows a number."""

    capture: int
    url: str
    final_url: str
    seen: datetime
    decision: Decision
    brand: str | None
    written: tuple[str, ...]
    sources: tuple[str, ...]
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhoneNumberLine:
    """One number, its captures and the ids of its cases."""

    phone: PhoneSummary
    cases: tuple[int, ...]
    captures: tuple[SightingLine, ...]


@app.command("list")
def list_phones(brand: options.BrandIds = None, json_target: Json = None, workspace: options.Workspace = None) -> None:
    """Show every number, those on the most captures first.

    With --brand, only numbers on pages that were judged to imitate one of the brands.
    """
    with Workspace.open(workspace) as opened:
        phones = opened.store.phones(brands=brand or None)
    if json_target is not None:
        write_lines(json_target, phones)
        return
    console = Console()
    if phones:
        console.print(_table(phones))
    console.print(f"{counted(len(phones), 'number')}.", highlight=False)


@app.command("show")
def show_phone(
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="Any spelling; without a country code it is read as North American.")
    ],
    json_target: Json = None,
    workspace: options.Workspace = None,
) -> None:
    """Show the captures and cases of one number."""
    wanted = normal(number, "US")
    if wanted is None:
        raise UsageError(f"{number!r} is no telephone number; write it as `phones list` shows it, such as +18005550142")
    with Workspace.open(workspace) as opened:
        line = _line(opened.store, wanted)
    if json_target is not None:
        write_lines(json_target, [line])
        return
    _print(Console(), line)


def _line(store: Store, number: str) -> PhoneNumberLine:
    phone = store.phone(number)
    if phone is None:
        raise UsageError(f"no capture shows {number}; `clonewatch phones list` has those that some do")
    return PhoneNumberLine(
        phone,
        tuple(case.id for case in store.phone_cases(number)),
        tuple(_sightings(store, number)),
    )


def _sightings(store: Store, number: str) -> list[SightingLine]:
    lines = []
    for capture_id, capture, verdict in store.phone_captures(number):
        views = (capture, *capture.others)
        shown = [(view, phone) for view in views for phone in view.phones if phone.number == number]
        lines.append(
            SightingLine(
                capture_id,
                capture.url,
                capture.final_url,
                capture.started,
                verdict.decision,
                verdict.brand,
                tuple(dict.fromkeys(phone.raw for _, phone in shown)),
                tuple(dict.fromkeys(str(phone.source) for _, phone in shown)),
                tuple(dict.fromkeys(view.profile for view, _ in shown)),
            )
        )
    return lines


def _table(phones: list[PhoneSummary]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in (
        "number",
        "country",
        "captures",
        "cases",
        "brands",
        "own number of",
        "first seen (UTC)",
        "last seen",
    ):
        right = header in {"captures", "cases"}
        table.add_column(header, justify="right" if right else "left", no_wrap=header == "number", overflow="fold")
    for phone in phones:
        table.add_row(
            phone.number,
            phone.region,
            str(phone.captures),
            str(phone.cases),
            Text(", ".join(phone.brands)),
            Text(", ".join(phone.official)),
            utc(phone.first_seen)[:16],
            utc(phone.last_seen)[:16],
        )
    return table


def _print(console: Console, line: PhoneNumberLine) -> None:
    phone = line.phone
    facts = [
        ("country", phone.region or "none"),
        ("written as", " | ".join(printable(raw) for raw in phone.written)),
        ("found in", ", ".join(phone.sources)),
        ("own number of", ", ".join(phone.official)),
        ("brands imitated", ", ".join(phone.brands)),
        ("first seen", utc(phone.first_seen)),
        ("last seen", utc(phone.last_seen)),
        ("cases", ", ".join(map(str, line.cases))),
    ]
    console.print(Text(phone.number, style="bold"))
    for name, value in facts:
        if value:
            console.print(Text(f"  {name}: {value}"), highlight=False)
    for seen in line.captures[:MAX_ROWS]:
        brand = f" ({seen.brand})" if seen.brand else ""
        where = safe_url(seen.final_url or seen.url)
        console.print(Text(f"  {utc(seen.seen)[:16]}  {seen.decision}{brand}  {where}"), highlight=False)
    if len(line.captures) > MAX_ROWS:
        console.print(f"  and {len(line.captures) - MAX_ROWS} more captures", highlight=False)
