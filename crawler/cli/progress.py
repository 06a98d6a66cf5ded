"""Progress of captures for a person: a live line of counts, and a table at the end."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crawler.cli.result_table import add_row, results_table
from crawler.examine.examination_result import ExaminationResult
from crawler.runtime.terminal import Console

MANY = 200
"""Rows after which a brief table shows only suspicious pages, as many again at most."""


class ProgressReporter:
    """Show the progress of captures; standard output stays clean where JSON is written to it."""

    def __init__(self, *, total: int | None, json_target: str | None, brief: bool = False) -> None:
        """``total``: captures to expect, None where nobody knows.  ``brief``: after many rows, show only the suspicious ones."""
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
        self._task = self._progress.add_task("capturing pages", total=total)

    def __enter__(self) -> ProgressReporter:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, result: ExaminationResult, name: str | None = None) -> None:
        """Count a result and add it to the table, under ``name`` instead of its address where one is given."""
        self._rows += 1
        if not self._brief or self._rows <= MANY or (result.verdict.is_suspect and self._shown < 2 * MANY):
            add_row(self._table, result, name)
            self._shown += 1
        self.count(result)

    def count(self, result: ExaminationResult) -> None:
        """Count a result without a row, for runs that never end."""
        decision = str(result.verdict.decision)
        self.counts[decision] = self.counts.get(decision, 0) + 1
        self.flagged += decision == "flagged"
        said = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        self._progress.update(self._task, advance=1, description=f"capturing pages: {said}")

    def print_table(self) -> None:
        """Print the table and one line of counts."""
        if self._rows:
            self.console.print(self._table)
        if self._shown < self._rows:
            shown = f"The table shows {self._shown} of {self._rows} pages; the report has every flagged one."
            self.console.print(shown, highlight=False)
        said = ", ".join(f"{count} {decision}" for decision, count in sorted(self.counts.items()))
        self.console.print(f"{self._rows} judged: {said}." if self._rows else "Nothing was due.", highlight=False)
