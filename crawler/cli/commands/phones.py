"""``clonewatch phones``: telephone numbers on captured pages, and the pages that show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from crawler.cli import options
from crawler.cli.json_lines import write_lines
from crawler.cli.listing import show_list
from crawler.cli.tables import figures, plain_table, words
from crawler.runtime.terminal import Console
from detector.errors import UsageError
from detector.phones import normal
from detector.present.legible import one_line, page_url, utc
from detector.present.phone_line import PhoneNumberLine, phone_line
from detector.sentences import counted
from detector.store import PhoneSummary
from detector.workspace import Workspace

app = typer.Typer(name="phones", help="List the telephone numbers that captured pages show.", no_args_is_help=True)
MAX_ROWS = 100
"""Captures that ``show`` prints; ``--json`` has all."""
LONGEST = 200
"""Characters of a number as a page writes it."""


@app.command("list")
def list_phones(
    brand: options.BrandIds = None, json_target: options.Json = None, workspace: options.Workspace = None
) -> None:
    """List all numbers, those on the most captures first.

    With --brand, only numbers on pages that were judged to imitate one of the brands.
    """
    with Workspace.open(workspace, create=False) as opened:
        options.check_brands(opened, brand)
        phones = opened.store.phones.find(brands=brand or None)
    show_list(json_target, phones, _table, f"{counted(len(phones), 'number')}.")


@app.command("show")
def show_phone(
    number: Annotated[
        str,
        typer.Argument(metavar="NUMBER", help="In any spelling; without a country code it is read as North American."),
    ],
    json_target: options.Json = None,
    workspace: options.Workspace = None,
) -> None:
    """Show the captures and cases of one number."""
    wanted = normal(number, "US")
    if wanted is None:
        raise UsageError(
            f"{number!r} is not a telephone number; write it as `phones list` shows it, such as +18005550142"
        )
    with Workspace.open(workspace, create=False) as opened:
        line = phone_line(opened.store, wanted)
    if json_target is not None:
        write_lines(json_target, [line])
        return
    _print(Console(), line)


def _table(phones: Sequence[PhoneSummary]) -> Table:
    table = plain_table(
        words("number"),
        "country",
        figures("pages"),
        figures("cases"),
        "brands",
        "number of",
        "first seen",
        "last seen",
    )
    for phone in phones:
        table.add_row(
            phone.number,
            phone.region,
            str(phone.captures),
            str(phone.cases),
            Text(", ".join(phone.brands)),
            Text(", ".join(phone.official)),
            utc(phone.first_seen)[:10],
            utc(phone.last_seen)[:10],
        )
    return table


def _print(console: Console, line: PhoneNumberLine) -> None:
    phone = line.phone
    facts = [
        ("country", phone.region or "none"),
        ("written as", " | ".join(one_line(raw, LONGEST) for raw in phone.written)),
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
        where = page_url(seen.final_url or seen.url)
        console.print(Text(f"  {utc(seen.seen)[:16]}  {seen.decision}{brand}  {where}"), highlight=False)
    if len(line.captures) > MAX_ROWS:
        console.print(f"  and {len(line.captures) - MAX_ROWS} more captures", highlight=False)
