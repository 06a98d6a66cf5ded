"""The JSON line of ``clonewatch triage``: one name or URL, its score and the reasons."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.discovery.triage import NameScore


@dataclass(frozen=True, slots=True)
class TriageLine:
    """The score of one name or URL; documented in docs/cli.md."""

    input: str
    selected: bool
    """True where the score is high enough for a capture."""
    brand: str | None
    score: float
    reasons: tuple[str, ...]


def triage_line(entry: str, score: NameScore) -> TriageLine:
    """Return the line for ``entry``, as it was given."""
    return TriageLine(entry, score.selected, score.brand, score.score, score.reasons)
