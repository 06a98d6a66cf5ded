"""Lists as commands show them: JSON lines for programs, else a table and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rich.table import Table

from crawler.cli.json_lines import write_lines
from crawler.cli.tables import show_table
from crawler.runtime.terminal import Console

Line = TypeVar("Line")


def show_list(
    json_target: str | None, lines: Sequence[Line], draw: Callable[[Sequence[Line]], Table], sentence: str
) -> None:
    """Write the lines to ``json_target`` where there is one, else print their table, if there are any, and the sentence.

    Raises:
        UsageError: the file for JSON cannot be written.
    """
    if json_target is not None:
        write_lines(json_target, lines)
        return
    console = Console()
    if lines:
        show_table(console, draw(lines))
    console.print(sentence, highlight=False)
