"""The table of judged captures that ``scan``, ``run``, ``compare`` and crawl jobs print."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from crawler.cli.tables import decision_text, figures, plain_table, probability_text, words
from crawler.examine.examination_result import ExaminationResult
from detector.model import Decision
from detector.present.defang import defang
from detector.present.legible import one_line
from detector.present.personal_data import mask_personal_data

MAX_PAGE, MAX_SENTENCE = 200, 320
"""Characters of an address and of a verdict's sentence that are shown."""


def results_table() -> Table:
    """Return an empty table for :func:`add_row`; fits 80 columns."""
    return plain_table(words("verdict"), words("brand"), figures("prob."), words("outcome"), "page")


def add_row(table: Table, result: ExaminationResult, name: str | None = None) -> None:
    """Add one row.  Text that comes from a page is shown as plain text, addresses are defanged."""
    verdict = result.verdict
    page = Text(one_line(name or defang(mask_personal_data(result.capture.url)), MAX_PAGE))
    if verdict.decision is not Decision.CLEAR:
        page.append(f"\n{one_line(verdict.sentence, MAX_SENTENCE)}", style="dim")
    table.add_row(
        decision_text(verdict.decision),
        Text(verdict.brand or "" if verdict.decision is not Decision.CLEAR else ""),
        probability_text(verdict.probability),
        Text(str(result.capture.outcome)),
        page,
    )
