"""Handing cases to the takedown desk, each exactly once.

The order makes it so: evidence files, the line, then the store's row.  A crash before the line leaves files that the
next run finds and uses; a crash between line and row leaves an id in the file that the next run finds and enters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import (
    TAKEDOWN_DUE_STATES,
    VERDICT_DECIDES_STATES,
    Case,
    CaseState,
    Decision,
    StoredFile,
    to_json,
    utcnow,
)
from detector.store import PROGRAM, Delivery, Store
from detector.takedown.facts_file import facts_file
from detector.takedown.queue_folder import QueueFolder
from detector.takedown.queue_line import BrandLookup, EvidenceLine, ManifestLine, build_line, export_id

PICTURES = ("screenshot", "full_page")
"""Roles of the pictures that are exported."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Result of an export."""

    path: Path
    """The queue file."""
    exported: tuple[int, ...]
    """Ids of the cases that this run added."""
    before: int
    """Number of due cases that the queue had already."""
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
    out: Path,
    *,
    library: BrandLookup | None = None,
    confirmed_only: bool = False,
    destination: str | None = None,
    actor: str = PROGRAM,
    now: Callable[[], datetime] = utcnow,
) -> ExportResult:
    """Append every due case that ``out`` has not had to its ``takedown.jsonl``, evidence beside it.

    ``destination`` names the queue in the store, by default its path: a folder that the desk empties is not filled
    again.  ``actor`` is who does it, for the custody log.  A case whose evidence cannot be read is reported in the
    result and does not hold up the others.

    Raises:
        EvidenceError: the folder cannot be written (disk full); what was exported stays exported.
        StoreError: the database refused.
    """
    destination = destination or str(out.absolute())
    exported: list[int] = []
    failed: list[tuple[int, str]] = []
    before = 0
    with QueueFolder(out) as queue:
        entered = {delivery.case_id for delivery in store.deliveries.find(destination)}
        written = queue.ids()
        for case in store.cases.stream(
            states=TAKEDOWN_DUE_STATES if confirmed_only else TAKEDOWN_DUE_STATES | VERDICT_DECIDES_STATES
        ):
            if not is_due(case, confirmed_only=confirmed_only):
                continue
            if case.id in entered:
                before += 1
                continue
            moment = now()
            if export_id(case) in written:
                before += 1
            else:
                try:
                    files = _collect(case, evidence)
                except EvidenceError as error:
                    failed.append((case.id, str(error)))
                    continue
                lines = tuple(_put(queue, role, stored, data) for role, stored, data in files)
                brand = library.get(case.brand) if library else None
                line = build_line(case, brand, lines, moment, _manifest(store, case))
                queue.append(to_json(line))
                exported.append(case.id)
            store.deliveries.add(Delivery(destination, case.id, case.capture_id, export_id(case), moment), actor=actor)
    return ExportResult(queue.file, tuple(exported), before, tuple(failed))


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


def _collect(case: Case, evidence: Evidence) -> list[tuple[str, StoredFile, bytes]]:
    """All of a case's files with their bytes, each checked against its SHA-256, before anything is written."""
    capture = case.capture
    files = [(role, stored, evidence.get(stored)) for role, stored in capture.files() if role in PICTURES]
    if capture.facts is not None:
        stored, data = facts_file(capture.facts)
        files.append(("page_facts", stored, data))
    return files


def _manifest(store: Store, case: Case) -> ManifestLine | None:
    record = store.chain.manifest_of(case.capture_id)
    return None if record is None else ManifestLine(record.sequence, record.sha256)


def _put(queue: QueueFolder, role: str, stored: StoredFile, data: bytes) -> EvidenceLine:
    return EvidenceLine(role, queue.put(data, stored), stored.sha256, stored.media_type, stored.size)
