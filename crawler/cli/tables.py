"""Tables for a terminal of 80 columns: one look, made in one place, for all commands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

from crawler.runtime.terminal import Console
from detector.model import Decision

GAP = 2
"""Columns of the terminal between two columns of a table."""
READABLE = 24
"""Width from which a column of text, such as a site's name, can be read; a narrower one is cut into too many pieces."""
DECISION_STYLES = {
    Decision.FLAGGED: "bold red",
    Decision.REVIEW: "yellow",
    Decision.CLEAR: "green",
    Decision.OWNED: "cyan",
    Decision.UNSEEN: "dim",
}


def plain_table(*columns: str | Column) -> Table:
    """Return an empty table without borders.  A plain name is a column of text, which wraps where the terminal is narrow."""
    # no minimal widths: Rich shrinks the widest columns first, and cuts off the last one where a minimum stops it
    headers = (Column(column, overflow="fold") if isinstance(column, str) else column for column in columns)
    return Table(*headers, box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")


def show_table(console: Console, table: Table) -> None:
    """Print a table of :func:`plain_table`; where the terminal is too narrow for it, the cells of each row below one another."""
    rows = [[str(cell) for cell in row] for row in zip(*(column.cells for column in table.columns), strict=True)]
    if _fits(table, rows, console.width):
        console.print(table)
        return
    headers = [str(column.header) for column in table.columns]
    stacked = plain_table(Column(no_wrap=True, style="bold"), Column(overflow="fold"))
    stacked.show_header = False
    for number, row in enumerate(zip(*(column.cells for column in table.columns), strict=True)):
        if number:
            stacked.add_row()
        for header, cell in zip(headers, row, strict=True):
            if str(cell):
                stacked.add_row(header, cell)
    console.print(stacked)


def _fits(table: Table, rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return True if each column gets the width that it can be read at.

    That is all of it where it does not wrap, else its longest word, or :data:`READABLE` of a longer one, which is broken.
    """
    needed = 0
    for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
        texts = (str(column.header), *cells)
        if column.no_wrap:
            needed += max(cell_len(line) for text in texts for line in text.split("\n"))
        else:
            needed += max((min(cell_len(word), READABLE) for text in texts for word in text.split()), default=0)
    return needed + GAP * (len(table.columns) - 1) <= width


def figures(header: str) -> Column:
    """Return a column of figures: right-aligned, never wrapped."""
    return Column(header, justify="right", no_wrap=True)


def words(header: str) -> Column:
    """Return a column of short words, never wrapped."""
    return Column(header, no_wrap=True)


def decision_text(decision: Decision) -> Text:
    """Return a verdict's decision in its colour."""
    return Text(str(decision), style=DECISION_STYLES[decision])


def probability_text(probability: float | None) -> str:
    """Return a probability with two digits; empty where there is none."""
    return "" if probability is None else f"{probability:.2f}"
