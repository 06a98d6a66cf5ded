"""Where results go: JSON lines to a file or standard output, a table and progress for people."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crawler.examine.result_rows import ExaminationResult, add_row, results_table
from detector.errors import UsageError
from detector.model import to_json

MANY = 200
"""Rows after which a brief table has suspicious ones only, as many again at most."""
_ACTS_ON_TERMINALS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""DEL, C1 controls (U+009B starts a command in xterm) and what turns the direction of text; JSON does not have to escape them."""


def json_line(value: object) -> bytes:
    """One line of JSON in UTF-8; characters that a terminal would obey are escaped, and so read back the same."""
    text = to_json(value).decode()
    return _ACTS_ON_TERMINALS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode() + b"\n"


class JsonWritable(Protocol):
    """What can be written as a line of JSON."""

    def as_json(self) -> object:
        """The object that is written."""


class JsonLines:
    """One JSON object a line, each written through at once: a reader or a crash loses nothing that was printed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, result: JsonWritable) -> None:
        self._stream.write(json_line(result.as_json()))
        self._stream.flush()


@contextmanager
def json_lines(target: str | None) -> Iterator[JsonLines | None]:
    """``-`` is standard output, anything else a file; None writes nothing.

    Raises:
        UsageError: the file cannot be written.
    """
    if target is None:
        yield None
        return
    if target == "-":
        yield JsonLines(sys.stdout.buffer)
        return
    with _open_for_writing(Path(target)) as stream:
        yield JsonLines(stream)


def _open_for_writing(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(f"--json {path}: cannot be written ({error.strerror})") from error


class ProgressReporter:
    """Tells a person how the work goes; keeps standard output clean where JSON is written there."""

    def __init__(self, *, total: int | None, json_target: str | None, brief: bool = False) -> None:
        """``brief``: of many results only the suspicious ones are shown; the report has them all."""
        self._brief = brief
        self.console = Console(stderr=json_target == "-")
        self._errors = Console(stderr=True)
        self._table = results_table()
        self._rows = self._shown = 0
        self.flagged = 0
        self.counts: dict[str, int] = {}
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._errors,
            transient=True,
            disable=not self._errors.is_terminal,
        )
        self._task = self._progress.add_task("looking at pages", total=total)

    def __enter__(self) -> ProgressReporter:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, result: ExaminationResult, name: str | None = None) -> None:
        """Count a result and add it to the table."""
        self._rows += 1
        if not self._brief or self._rows <= MANY or (result.verdict.is_suspect and self._shown < 2 * MANY):
            add_row(self._table, result, name)
            self._shown += 1
        self.count(result)

    def count(self, result: ExaminationResult) -> None:
        """Count a result only: a table without end would be one that nobody reads."""
        decision = str(result.verdict.decision)
        self.counts[decision] = self.counts.get(decision, 0) + 1
        self.flagged += decision == "flagged"
        said = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        self._progress.update(self._task, advance=1, description=f"looking at pages: {said}")

    def print_table(self) -> None:
        """The table and one line of counts."""
        if self._rows:
            self.console.print(self._table)
        if self._shown < self._rows:
            shown = f"{self._shown} of {self._rows} are shown; the report has all that are suspicious."
            self.console.print(shown, highlight=False)
        said = ", ".join(f"{count} {decision}" for decision, count in sorted(self.counts.items()))
        self.console.print(f"{self._rows} looked at: {said}." if self._rows else "Nothing was due.", highlight=False)
