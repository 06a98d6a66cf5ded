"""A case as a line of JSON, for ``clonewatch cases list --json`` and for programs that ask the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detector.model import Case, CaseState, Decision


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case; documented in docs/cli.md."""

    id: int
    site: str
    brand: str
    state: CaseState
    decision: Decision
    probability: float | None
    sentence: str
    url: str
    final_url: str
    opened: datetime
    updated: datetime
    sources: tuple[str, ...]


def case_line(case: Case) -> CaseLine:
    """Return the line of ``case``, from its latest suspicious capture."""
    verdict, capture = case.verdict, case.capture
    return CaseLine(
        id=case.id,
        site=case.site,
        brand=case.brand,
        state=case.state,
        decision=verdict.decision,
        probability=verdict.probability,
        sentence=verdict.sentence,
        url=capture.url,
        final_url=capture.final_url,
        opened=case.opened,
        updated=case.updated,
        sources=case.sources,
    )
