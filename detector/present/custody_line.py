"""The custody log as lines of JSON: decisions about cases, and handovers of their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detector.errors import UsageError
from detector.store import Store


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """One step of the custody log; documented in docs/evidence.md."""

    at: datetime
    case: int
    actor: str
    action: str
    """``state`` (the case moved), ``export`` (a bundle was written), ``takedown`` (a line of the takedown queue)."""
    detail: str
    """The new state and why, or where the evidence went."""
    manifest: int | None = None
    manifest_sha256: str | None = None


def custody_lines(store: Store, case_id: int | None) -> list[CustodyLine]:
    """Return all steps of a case, or of all cases where ``case_id`` is None, oldest first.

    Raises:
        UsageError: there is no such case.
        StoreError: the store cannot be read.
    """
    if case_id is not None and store.case(case_id) is None:
        raise UsageError(f"there is no case {case_id}; `clonewatch cases list` shows them")
    ids = [case.id for case in store.stream_cases()] if case_id is None else [case_id]
    lines = [
        CustodyLine(
            step.at, number, step.actor, "state", f"{step.after}: {step.comment}" if step.comment else str(step.after)
        )
        for number in ids
        for step in store.custody(number)
    ]
    for record in store.chain.handovers(case_id):
        went = record.handover
        lines.append(
            CustodyLine(
                went.at, went.case_id, went.actor, went.action, went.destination, went.manifest, went.manifest_sha256
            )
        )
    return sorted(lines, key=lambda line: line.at)
