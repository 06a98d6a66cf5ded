"""Check the journal from its first entry, and the rows of the database with what its entries say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from detector.bundle.bundle_reader import shown
from detector.bundle.bundle_verifier import TrustAnchors
from detector.bundle.chain_walk import ChainWalk, ranges_text
from detector.bundle.seal import sha256_hex
from detector.bundle.signing import fingerprint, is_signed
from detector.bundle.stamp import check_stamp
from detector.store import JournalEntry, JournalRecord, JournalSnapshot, Store
from detector.store.chains.heads import GENESIS
from detector.store.chains.journal import JOURNALED, MOMENTS
from detector.store.chains.journal_reader import read_entry
from detector.store.columns import EPOCH, FIRST, LAST

BATCH = 200
MAX_DIFFERENCES = 1000
MAX_SHOWN = 80
_TITLES = {
    "captures": "capture {key}",
    "phones": "telephone number {key}",
    "phone_sightings": "sighting {key} of a telephone number",
    "cases": "case {key}",
    "custody": "step {key} of the custody log",
    "manifests": "the row of manifest {key}",
    "handovers": "handover {key}",
    "deliveries": "delivery {key}",
    "journal": "the time stamp of journal entry {key}",
}


@dataclass(slots=True)
class JournalCheck:
    """Result of checking the journal and the rows that it tells of."""

    problems: list[str] = field(default_factory=list)
    entries: int = 0
    unsigned: list[int] = field(default_factory=list)
    """Entries without a signature."""
    taken_in: list[int] = field(default_factory=list)
    """Entries about rows that were there before the journal was."""
    anchored: int = 0
    """The last entry that somebody outside knows: nothing up to it can have been rewritten since."""
    anchor: str = ""
    """The outside knowledge of it, as a clause."""
    noted: bool = False
    """It has the SHA-256 that was asked for."""
    head: tuple[int, str] = (0, GENESIS)


def check_journal(store: Store, trust: TrustAnchors, own_key: bytes | None = None) -> JournalCheck:
    """Walk the journal and compare the rows with it, all as they are at one moment.

    ``own_key`` is the public key with which this workspace signs: entries after the first signed one must be signed too.
    """
    result = JournalCheck()
    latest: dict[str, dict[int, int]] = {table: {} for table in JOURNALED}
    altered: set[int] = set()
    with store.journal.snapshot() as snapshot:
        result.head = snapshot.head()
        walk = ChainWalk("entry", "entries", "the journal", result.problems)
        for record in snapshot.records():
            walk.step(record.sequence, record.previous, record.sha256)
            entry = _read(record, result)
            result.entries += 1
            if entry is None or sha256_hex(record.entry) != record.sha256:
                altered.add(record.sequence)
            if entry is not None:
                latest[entry.table][entry.key] = record.sequence
                _check_signature(entry, record, trust, result)
                if entry.taken_in:
                    result.taken_in.append(record.sequence)
            _check_anchor(record, trust, result)
        walk.end(result.head, result.head)
        _say_unsigned(result, trust, own_key)
        result.problems += [shown(problem) for problem in snapshot.structure()]
        differences = list(_differences(snapshot, latest, altered))
    result.problems += differences[:MAX_DIFFERENCES]
    if len(differences) > MAX_DIFFERENCES:
        result.problems.append(f"and {len(differences) - MAX_DIFFERENCES} more rows differ from the journal")
    return result


def _read(record: JournalRecord, result: JournalCheck) -> JournalEntry | None:
    """Decode an entry and compare it with its own row; None where it cannot be read."""
    where = f"entry {record.sequence} of the journal"
    if sha256_hex(record.entry) != record.sha256:
        result.problems.append(f"{where} was altered: its bytes no longer have the stored SHA-256")
    try:
        entry = read_entry(record.entry)
    except ValueError as error:
        result.problems.append(f"{where} was altered, or is none: {shown(str(error))}")
        return None
    if (entry.sequence, entry.previous) != (record.sequence, record.previous):
        result.problems.append(
            f"{where} and its row disagree about its place: it was written as entry {entry.sequence}"
        )
    return entry


def _check_signature(entry: JournalEntry, record: JournalRecord, trust: TrustAnchors, result: JournalCheck) -> None:
    where = f"entry {record.sequence} of the journal"
    if entry.signer is None:
        result.unsigned.append(record.sequence)
        if record.signature is not None:
            result.problems.append(f"{where} has a signature and names no signer: one of them was altered")
        return
    try:
        public = bytes.fromhex(entry.signer.public_key)
    except ValueError:
        result.problems.append(f"{where} names a key that is none")
        return
    if trust.public_key is not None and public != trust.public_key:
        result.problems.append(
            f"{where} is signed by key {fingerprint(public)}, not by {fingerprint(trust.public_key)}"
        )
    elif record.signature is None or not is_signed(record.entry, record.signature, public):
        state = "missing" if record.signature is None else "invalid"
        result.problems.append(f"{where}: its signature by key {fingerprint(public)} is {state}")


def _say_unsigned(result: JournalCheck, trust: TrustAnchors, own_key: bytes | None) -> None:
    """Name the entries that lack a signature which they must have."""
    unsigned = result.unsigned
    if unsigned and trust.public_key is not None:
        result.problems.append(f"{ranges_text(unsigned)} of the journal: not signed, although a trusted key was given")
    elif unsigned and own_key is not None:
        first_signed = next((number for number, other in enumerate([*unsigned, 0], 1) if number != other), 0)
        if late := [number for number in unsigned if number > first_signed]:
            result.problems.append(
                f"{ranges_text(late)} of the journal: not signed, although entry {first_signed} is and there is a key"
            )


def _check_anchor(record: JournalRecord, trust: TrustAnchors, result: JournalCheck) -> None:
    """Check an entry's time stamp, and whether it is the one that was noted elsewhere."""
    if record.sha256 == trust.sha256:
        result.noted = True
        result.anchored, result.anchor = record.sequence, "its SHA-256 was given"
    if record.stamp is None:
        return
    where = f"entry {record.sequence} of the journal"
    try:
        moment = check_stamp(record.stamp, record.entry, roots=list(trust.roots))
    except ValueError as error:
        result.problems.append(f"{where}: its time stamp is invalid: {shown(str(error))}")
        return
    if moment != record.stamped:
        result.problems.append(f"{where}: its time stamp says {moment:%F %T}, and its row {record.stamped:%F %T}")
    doubt = "" if trust.roots else ", by an authority that was not checked (--roots)"
    result.anchored, result.anchor = record.sequence, f"stamped {moment:%F %T} UTC{doubt}"


def _differences(snapshot: JournalSnapshot, latest: dict[str, dict[int, int]], altered: set[int]) -> Iterator[str]:
    """Name each row that is not as its last entry has it, that is gone, or that no entry tells of."""
    for table, told in latest.items():
        keys = sorted(told.keys() | snapshot.keys(table))
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            rows = snapshot.rows(table, batch)
            entries = snapshot.entries([told[key] for key in batch if key in told])
            for key in batch:
                title = _TITLES[table].format(key=key)
                if key not in told:
                    yield f"{title} is in the database, and no entry of the journal tells of it"
                elif told[key] not in altered:
                    entry = read_entry(entries[told[key]])
                    yield from _row_differences(entry, rows.get(key), title)


def _row_differences(entry: JournalEntry, row: dict[str, Any] | None, title: str) -> Iterator[str]:
    by = f"by entry {entry.sequence} of the journal"
    if entry.row is not None and entry.table != "cases" and entry.row.get("case_id"):
        title += f" (case {entry.row['case_id']})"
    if row is None or entry.row is None:
        if row is not None or entry.row is not None:
            yield f"{title} is {'gone' if row is None else 'there'}, and {'there' if row is None else 'gone'} {by}"
        return
    for name, told in entry.row.items():
        if name in row and row[name] != told:
            found, wanted = (_shown(entry.table, name, value) for value in (row[name], told))
            yield f"{title}: {name} is {found} in its row, and {wanted} {by}"


def _shown(table: str, name: str, value: Any) -> str:
    """A value as a sentence shows it."""
    match value:
        case None:
            return "empty"
        case int() if (table, name) in MOMENTS and FIRST <= value <= LAST:
            moment: datetime = EPOCH + timedelta(microseconds=value)
            return f"{moment:%F %T.%f} UTC"
        case {"sha256": str(digest)}:
            size = value.get("characters") or value.get("bytes")
            return f"a value of length {size} with SHA-256 {shown(digest)[:16]}…"
        case {"hex": str(digits)}:
            return shown(digits)
        case str():
            return f"“{shown(value[:MAX_SHOWN])}”" + ("…" if len(value) > MAX_SHOWN else "")
    return shown(str(value)[:MAX_SHOWN])
