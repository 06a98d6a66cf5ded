"""Handing cases to the takedown desk, each exactly once.

The order makes it so: evidence files, the line, then the store's row.  A crash before the line leaves files that the
next run finds and uses; a crash between line and row leaves an id in the file that the next run finds and enters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import (
    TAKEDOWN_DUE_STATES,
    VERDICT_DECIDES_STATES,
    Case,
    CaseState,
    Decision,
    utcnow,
)
from detector.store import PROGRAM, Delivery, Store
from detector.takedown.facts_file import facts_file
from detector.takedown.queue_line import BrandLookup, ManifestLine, export_id
from detector.takedown.sinks import DraftFile, DueCase, TakedownSink

PICTURES = ("screenshot", "full_page")
"""Roles of the pictures that are exported."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Result of an export."""

    target: str
    """Destination of the cases: path of the queue file, or the address of another destination."""
    exported: tuple[int, ...]
    """Ids of the cases that this run added."""
    before: int
    """Number of due cases that the destination had already."""
    failed: tuple[tuple[int, str], ...] = ()
    """Cases whose evidence is missing or was altered, each with the error; the next run tries again."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A case that is due for the takedown desk, or was handed over."""

    case: int
    id: str
    """Id of the case at the takedown desk."""
    host: str
    brand: str
    state: CaseState
    decision: Decision
    probability: float | None
    exported: datetime | None = None
    """None while it waits for the next export."""
    destination: str | None = None


def is_due(case: Case, *, confirmed_only: bool = False) -> bool:
    """Check whether a case belongs in the queue: confirmed by a person, or flagged and neither dismissed nor down."""
    if case.state in TAKEDOWN_DUE_STATES:
        return True
    return not confirmed_only and case.state in VERDICT_DECIDES_STATES and case.verdict.decision is Decision.FLAGGED


def export_cases(
    store: Store,
    evidence: Evidence,
    sink: TakedownSink,
    *,
    library: BrandLookup | None = None,
    confirmed_only: bool = False,
    destination: str | None = None,
    actor: str = PROGRAM,
    now: Callable[[], datetime] = utcnow,
) -> ExportResult:
    """Deliver every due case that ``sink`` has not had.

    ``destination`` names the sink in the store, by default its target: a folder that the desk empties is not filled
    again.  ``actor`` is who does it, for the custody log.  A case whose evidence cannot be read is reported in the
    result and does not hold up the others.

    Raises:
        EnvironmentFault: the sink takes nothing more (disk full); what was delivered stays delivered.
        StoreError: the database refused.
    """
    destination = destination or sink.target
    exported: list[int] = []
    failed: list[tuple[int, str]] = []
    before = 0
    with sink.connect() as written:
        entered = {delivery.case_id for delivery in store.deliveries.find(destination)}
        for case in store.cases.stream(
            states=TAKEDOWN_DUE_STATES if confirmed_only else TAKEDOWN_DUE_STATES | VERDICT_DECIDES_STATES
        ):
            if not is_due(case, confirmed_only=confirmed_only):
                continue
            if case.id in entered:
                before += 1
                continue
            moment, reference = now(), export_id(case)
            if reference in written:
                before += 1
            else:
                try:
                    files = _collect(case, evidence)
                except EvidenceError as error:
                    failed.append((case.id, str(error)))
                    continue
                brand = library.get(case.brand) if library else None
                draft = sink.prepare(DueCase(case, brand, files, _manifest(store, case), moment))
                reference = sink.deliver(draft).reference
                exported.append(case.id)
            store.deliveries.add(Delivery(destination, case.id, case.capture_id, reference, moment), actor=actor)
    return ExportResult(sink.target, tuple(exported), before, tuple(failed))


def list_exports(store: Store, *, confirmed_only: bool = False) -> list[QueueEntry]:
    """Read the queue from the store: the cases that were handed over, oldest first, then those that wait for an export."""
    delivered = store.deliveries.find()
    known = {delivery.case_id for delivery in delivered}
    entries = {
        case.id: _entry(case)
        for case in store.cases.stream()
        if case.id in known or is_due(case, confirmed_only=confirmed_only)
    }
    handed_over = [
        replace(entries[delivery.case_id], exported=delivery.at, destination=delivery.destination)
        for delivery in delivered
        if delivery.case_id in entries
    ]
    return handed_over + [entry for entry in entries.values() if entry.case not in known]


def _entry(case: Case) -> QueueEntry:
    verdict = case.verdict
    return QueueEntry(
        case.id, export_id(case), case.site, case.brand, case.state, verdict.decision, verdict.probability
    )


def _collect(case: Case, evidence: Evidence) -> tuple[DraftFile, ...]:
    """Read all of a case's files, each checked against its SHA-256, before anything is written."""
    capture = case.capture
    files = [DraftFile(role, stored, evidence.get(stored)) for role, stored in capture.files() if role in PICTURES]
    if capture.facts is not None:
        files.append(DraftFile("page_facts", *facts_file(capture.facts)))
    return tuple(files)


def _manifest(store: Store, case: Case) -> ManifestLine | None:
    record = store.chain.manifest_of(case.capture_id)
    return None if record is None else ManifestLine(record.sequence, record.sha256)
