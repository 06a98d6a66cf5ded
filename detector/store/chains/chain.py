"""Hash chains: manifests, each with the SHA-256 of the one before, and the log of handovers.

Appending happens inside the transaction that stores the result, after everything else in it: writers wait for each other
at the head of the chain only for as long as it takes to write one row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from detector.canonical_json import canonical_json
from detector.model import to_builtins
from detector.store.chains.evidence_rows import HandoverRow, ManifestRow
from detector.store.chains.heads import HANDOVERS, MANIFESTS, advance, lock_head
from detector.store.chains.journal import note, note_capture
from detector.store.columns import storable
from detector.store.models import CaptureRow


@dataclass(frozen=True, slots=True)
class ChainLink:
    """Place in the chain for which a manifest is written."""

    sequence: int
    """1 for the first."""
    previous: str
    """SHA-256 of the manifest before; 64 zeros for the first."""
    case_id: int | None
    capture_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """Bytes of a manifest, and their signature where there is a key."""

    manifest: bytes
    signature: bytes | None = None
    """Ed25519 (RFC 8032), 64 bytes."""
    public_key: bytes | None = None
    """32 bytes."""


Seal = Callable[[ChainLink], SignedManifest]
"""Writes the manifest of one capture for its place in the chain; called within the transaction, so it must be quick."""


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    """A manifest as the store keeps it."""

    sequence: int
    sha256: str
    previous: str
    case_id: int | None
    capture_id: int
    sealed: datetime
    signature: bytes | None
    public_key: bytes | None
    stamped: datetime | None
    stamp: bytes | None
    """An RFC 3161 response, DER."""
    manifest: bytes


@dataclass(frozen=True, slots=True)
class Handover:
    """Evidence that left the store."""

    case_id: int
    capture_id: int
    at: datetime
    actor: str
    action: str
    """``export`` (a bundle), ``takedown`` (a line of the takedown queue) or ``withdrawal`` (a line that takes it back)."""
    destination: str
    manifest: int | None = None
    """Sequence number of the manifest."""
    manifest_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class HandoverRecord:
    """An entry of the handover log with its place in the log's own hash chain."""

    sequence: int
    previous: str
    sha256: str
    handover: Handover


def append_manifest(
    connection: Connection, seal: Seal, capture_id: int, case_id: int | None, now: datetime
) -> ManifestRecord:
    """Seal a capture and return its manifest; a capture that is sealed already keeps its first manifest."""
    sequence, previous = lock_head(connection, MANIFESTS)
    known = manifest_of(connection, capture_id)
    if known is not None:
        return known
    link = ChainLink(sequence + 1, previous, case_id, capture_id, now)
    signed = seal(link)
    record = ManifestRecord(
        sequence=link.sequence,
        sha256=hashlib.sha256(signed.manifest).hexdigest(),
        previous=previous,
        case_id=case_id,
        capture_id=capture_id,
        sealed=now,
        signature=signed.signature,
        public_key=signed.public_key,
        stamped=None,
        stamp=None,
        manifest=signed.manifest,
    )
    connection.execute(insert(ManifestRow), [asdict(record)])
    advance(connection, MANIFESTS, record.sequence, record.sha256)
    note(connection, ManifestRow, record.sequence)
    note_capture(connection, capture_id)
    return record


def append_handover(connection: Connection, handover: Handover) -> HandoverRecord:
    """Add an entry to the handover log."""
    clean = Handover(
        **(asdict(handover) | {name: storable(getattr(handover, name)) for name in ("actor", "action", "destination")})
    )
    sequence, previous = lock_head(connection, HANDOVERS)
    record = HandoverRecord(sequence + 1, previous, handover_sha256(sequence + 1, previous, clean), clean)
    values = asdict(clean) | {"sequence": record.sequence, "previous": previous, "sha256": record.sha256}
    connection.execute(insert(HandoverRow), [values])
    advance(connection, HANDOVERS, record.sequence, record.sha256)
    note(connection, HandoverRow, record.sequence)
    return record


def handover_sha256(sequence: int, previous: str, handover: Handover) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of an entry of the handover log."""
    fields = to_builtins(handover) | {"sequence": sequence, "previous": previous}
    return hashlib.sha256(canonical_json(fields)).hexdigest()


def manifest_of(connection: Connection, capture_id: int) -> ManifestRecord | None:
    """The manifest of a capture."""
    row = connection.execute(select(ManifestRow).where(ManifestRow.capture_id == capture_id)).mappings().first()
    return None if row is None else _record(row)


def manifests(connection: Connection, *, after: int, limit: int, case_id: int | None = None) -> list[ManifestRecord]:
    """Up to ``limit`` manifests with a higher sequence number than ``after``, in the chain's order."""
    query = select(ManifestRow).where(ManifestRow.sequence > after)
    if case_id is not None:
        query = query.where(ManifestRow.case_id == case_id)
    rows = connection.execute(query.order_by(ManifestRow.sequence).limit(limit)).mappings()
    return [_record(row) for row in rows]


def unstamped(connection: Connection, *, after: int, limit: int) -> list[ManifestRecord]:
    """Manifests without a time stamp, oldest first."""
    query = select(ManifestRow).where(ManifestRow.stamped.is_(None), ManifestRow.sequence > after)
    rows = connection.execute(query.order_by(ManifestRow.sequence).limit(limit)).mappings()
    return [_record(row) for row in rows]


def add_stamp(connection: Connection, sequence: int, stamp: bytes, stamped: datetime) -> bool:
    """Keep a time stamp; False where the manifest has one already, which stays."""
    change = update(ManifestRow).where(ManifestRow.sequence == sequence, ManifestRow.stamped.is_(None))
    if connection.execute(change.values(stamp=stamp, stamped=stamped)).rowcount != 1:
        return False
    note(connection, ManifestRow, sequence)
    return True


def handovers(connection: Connection, case_id: int | None = None) -> list[HandoverRecord]:
    """Entries of the handover log, oldest first."""
    query = select(HandoverRow).order_by(HandoverRow.sequence)
    if case_id is not None:
        query = query.where(HandoverRow.case_id == case_id)
    return [
        HandoverRecord(
            row["sequence"],
            row["previous"],
            row["sha256"],
            Handover(**{name: row[name] for name in Handover.__dataclass_fields__}),
        )
        for row in connection.execute(query).mappings()
    ]


def unsealed(connection: Connection, decisions: list[str]) -> list[int]:
    """Captures with one of these decisions that have no manifest, since they were stored before manifests existed."""
    sealed = select(ManifestRow.capture_id)
    query = select(CaptureRow.id).where(CaptureRow.decision.in_(decisions), CaptureRow.id.not_in(sealed))
    return list(connection.execute(query.order_by(CaptureRow.id)).scalars())


def capture_json(connection: Connection, capture_id: int) -> str | None:
    """The JSON text of a stored capture, as it lies in the database."""
    return connection.execute(select(CaptureRow.capture_json).where(CaptureRow.id == capture_id)).scalar()


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A capture's verdict as the database has it, in columns and in JSON."""

    decision: str
    brand: str | None
    probability: float | None
    json: str


def verdict_row(connection: Connection, capture_id: int) -> StoredVerdict | None:
    """The verdict of a stored capture, as it lies in the database; None where there is no such capture."""
    columns = (CaptureRow.decision, CaptureRow.brand, CaptureRow.probability, CaptureRow.verdict_json)
    row = connection.execute(select(*columns).where(CaptureRow.id == capture_id)).first()
    return None if row is None else StoredVerdict(*row)


def _record(row: RowMapping) -> ManifestRecord:
    return ManifestRecord(**{name: row[name] for name in ManifestRecord.__dataclass_fields__})
