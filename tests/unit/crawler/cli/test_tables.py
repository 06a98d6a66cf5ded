"""Tables fit a terminal of 80 columns without cutting a word or a date in the middle."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table

from crawler.cli.tables import figures, plain_table, probability_text, words


def shown(table: Table, width: int = 80) -> list[str]:
    stream = StringIO()
    Console(file=stream, width=width).print(table)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def filled(state: str = "takedown requested") -> Table:
    table = plain_table(figures("case"), words("verdict"), words("brand"), "state", "site", "at (UTC)")
    table.add_row(
        "7", "flagged", "americanexpress", state, "a-rather-long-label.of-a-site[.]example", "2026-03-09 14:05"
    )
    return table


def test_a_row_fits_80_columns_and_wraps_between_words() -> None:
    header, *rows = shown(filled())
    assert header.split() == ["case", "verdict", "brand", "state", "site", "at", "(UTC)"]
    assert all(len(line) <= 80 for line in (header, *rows))
    text = " ".join(" ".join(rows).split())
    assert {"flagged", "americanexpress", "takedown", "requested", "2026-03-09", "14:05"} <= set(text.split())


def test_a_row_that_has_room_is_one_line() -> None:
    [_, row] = shown(filled("new"), 130)
    assert row.split("  ")[-1].strip() == "2026-03-09 14:05"
    assert row.startswith("   7  flagged")


def test_a_probability_that_is_not_known_is_blank() -> None:
    assert [probability_text(value) for value in (None, 0.0, 0.987)] == ["", "0.00", "0.99"]
