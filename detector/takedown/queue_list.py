"""The queue as the store knows it: what was handed over to which destination, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from detector.config import ReleaseRule
from detector.model import Case, CaseState, Decision
from detector.store import Delivery, Store
from detector.takedown.queue_line import export_id
from detector.takedown.release import release_of


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A case that is due for the takedown desk, or was handed over."""

    case: int
    id: str
    """Id of the case at the takedown desk."""
    host: str
    site: str
    """The host, or on a host where others publish the account's part of it."""
    brand: str
    state: CaseState
    decision: Decision
    probability: float | None
    exported: datetime | None = None
    """Time of the last handover; None while the case waits for the next export."""
    destination: str | None = None
    withdrawn: datetime | None = None
    """Time at which the destination was told not to act on it; None where it was not."""


def list_exports(store: Store, *, rules: Sequence[ReleaseRule] = ()) -> list[QueueEntry]:
    """Read the queue from the store: the cases that were handed over, oldest first, then those that wait for an export."""
    steps: dict[tuple[str, int], list[Delivery]] = {}
    for delivery in store.deliveries.find():
        steps.setdefault((delivery.destination, delivery.case_id), []).append(delivery)
    known = {case_id for _, case_id in steps}
    entries = {
        case.id: _entry(case)
        for case in store.cases.stream()
        if case.id in known or release_of(case, rules) is not None
    }
    handed_over = [
        replace(
            entries[case_id],
            exported=max(step.at for step in taken if not step.withdrawal),
            destination=destination,
            withdrawn=taken[-1].at if taken[-1].withdrawal else None,
        )
        for (destination, case_id), taken in steps.items()
        if case_id in entries
    ]
    return handed_over + [entry for entry in entries.values() if entry.case not in known]


def _entry(case: Case) -> QueueEntry:
    verdict = case.verdict
    return QueueEntry(
        case.id, export_id(case), case.host, case.site, case.brand, case.state, verdict.decision, verdict.probability
    )
