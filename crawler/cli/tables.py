"""Tables for a terminal of 80 columns: one look, made in one place, for all commands."""

from __future__ import annotations

from rich.table import Column, Table
from rich.text import Text

from detector.model import Decision

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
    return Table(*headers, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


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
