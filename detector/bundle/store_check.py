"""Check the evidence chain of a whole store: every link, signature, time stamp and file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from detector.bundle.blocks import FileDigests, digests
from detector.bundle.bundle_reader import shown
from detector.bundle.bundle_verifier import TrustAnchors, check_signature, describe_alteration
from detector.bundle.chain_walk import ChainWalk
from detector.bundle.evidence_manifest import EvidenceManifest, FileEntry, read_manifest
from detector.bundle.journal_check import JournalCheck, check_journal
from detector.bundle.row_check import verdict_problem
from detector.bundle.seal import sha256_hex, stored_file
from detector.bundle.stamp import check_stamp
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import Capture, from_json
from detector.store import ManifestRecord, Store
from detector.store.chains.chain import handover_sha256
from detector.store.chains.heads import GENESIS
from detector.store.damage import DamagedRow, stored_json


@dataclass(slots=True)
class StoreCheck:
    """Result of checking a store."""

    problems: list[str] = field(default_factory=list)
    manifests: int = 0
    files: int = 0
    signed: int = 0
    stamped: int = 0
    handovers: int = 0
    unsealed: int = 0
    """Suspicious captures without a manifest, from versions that wrote none.  That is no problem: their export seals them."""
    head: tuple[int, str] = (0, GENESIS)
    journal: JournalCheck = field(default_factory=JournalCheck)


def check_store(
    store: Store,
    evidence: Evidence,
    trust: TrustAnchors | None = None,
    *,
    files: bool = True,
    own_key: bytes | None = None,
    on_manifest: Callable[[], None] = lambda: None,
) -> StoreCheck:
    """Check all chains from their first links, and the rows that the journal tells of; with ``files``, also every file of evidence.

    ``trust.sha256``, where given, must be the SHA-256 of a manifest or of an entry of the journal: one that was noted elsewhere
    proves that the chain up to it has not changed since.  ``own_key`` is the public key with which the workspace signs.
    """
    result, trust = StoreCheck(), trust or TrustAnchors()
    seen: set[str] = set()
    noted = False
    # read the head first: manifests that are added during the check come after it
    result.head = store.chain.head()
    walk = ChainWalk("manifest", "manifests", "the chain", result.problems)
    for record in store.chain.manifests():
        walk.step(record.sequence, record.previous, record.sha256)
        noted |= record.sha256 == trust.sha256
        manifest = _check_manifest(store, evidence, record, trust, result)
        if files and manifest is not None:
            _check_files(evidence, manifest, f"manifest {record.sequence}", result, seen)
        result.manifests += 1
        on_manifest()
    walk.end(result.head, store.chain.head())
    _check_log(store, result)
    result.journal = check_journal(store, trust, own_key)
    result.problems += result.journal.problems
    if trust.sha256 is not None and not noted and not result.journal.noted:
        result.problems.append(
            f"no manifest of the chain and no entry of the journal has the SHA-256 {trust.sha256}: the chain was cut or rewritten"
        )
    result.unsealed = len(store.chain.unsealed())
    return result


def _check_manifest(
    store: Store, evidence: Evidence, record: ManifestRecord, trust: TrustAnchors, result: StoreCheck
) -> EvidenceManifest | None:
    """Check everything except the files; None where the manifest cannot be read."""
    where = f"manifest {record.sequence}"
    if sha256_hex(record.manifest) != record.sha256:
        result.problems.append(f"{where} was altered: its bytes no longer have the stored SHA-256")
        return None
    try:
        manifest = read_manifest(record.manifest)
    except ValueError as error:
        result.problems.append(f"{where} was altered, or is not a manifest: {shown(str(error))}")
        return None
    place = (manifest.sequence, manifest.previous, manifest.capture_id, manifest.case)
    if place != (record.sequence, record.previous, record.capture_id, record.case_id):
        result.problems.append(
            f"{where} and its database row disagree about its place in the chain, its capture or its case"
        )
    named = bytes.fromhex(manifest.signer.public_key) if manifest.signer else None
    if named != record.public_key:
        result.problems.append(f"{where} and its database row name different public keys")
    problems, _ = check_signature(manifest, record.manifest, record.signature, trust.public_key)
    result.problems += [f"{where}: {problem}" for problem in problems]
    result.signed += record.signature is not None and not problems
    if record.stamp is not None:
        try:
            moment = check_stamp(record.stamp, record.manifest, roots=list(trust.roots))
            result.stamped += 1
            if moment != record.stamped:
                result.problems.append(
                    f"{where}: its time stamp says {moment:%F %T}, and its row {record.stamped or 'nothing'}"
                )
        except ValueError as error:
            result.problems.append(f"{where}: its time stamp is invalid: {shown(str(error))}")
    _check_row(store, evidence, record, manifest, result)
    return manifest


def _check_row(
    store: Store, evidence: Evidence, record: ManifestRecord, manifest: EvidenceManifest, result: StoreCheck
) -> None:
    stored = store.chain.capture_json(record.capture_id)
    sealed = next((entry for entry in manifest.files if entry.role == "record"), None)
    if stored is None:
        result.problems.append(f"manifest {record.sequence}: capture {record.capture_id} is missing from the database")
    elif sealed is not None and not _is_same(stored, sealed, evidence):
        result.problems.append(
            f"manifest {record.sequence}: capture {record.capture_id} was altered in the database after it was sealed"
        )
    elif problem := verdict_problem(store, record, manifest):
        result.problems.append(problem)


def _is_same(stored: str, sealed: FileEntry, evidence: Evidence) -> bool:
    """Compare a stored capture with its sealed record; either may come from a version that had fewer fields."""
    if sha256_hex(stored.encode()) == sealed.sha256:
        return True
    try:
        record = evidence.get(stored_file(sealed))
    except EvidenceError:
        # a missing or altered record is reported with the other files
        return True
    try:
        return stored_json(stored, Capture, "capture", sealed.name) == from_json(record, Capture)
    except (msgspec.DecodeError, RecursionError, DamagedRow):
        return False


def _check_files(
    evidence: Evidence, manifest: EvidenceManifest, where: str, result: StoreCheck, seen: set[str]
) -> None:
    for entry in manifest.files:
        if entry.missing or entry.sha256 in seen:
            continue
        seen.add(entry.sha256)
        result.files += 1
        stored = stored_file(entry)
        try:
            data = evidence.peek(stored)
        except EvidenceError as error:
            result.problems.append(f"{where}: {entry.name} is missing: {error}")
            continue
        found: FileDigests = digests([data], manifest.block_size)
        if found != entry.digests:
            sentence = describe_alteration(entry.name, entry.digests, found, manifest.block_size)
            result.problems.append(f"{where}: {sentence} ({evidence.path(stored)})")


def _check_log(store: Store, result: StoreCheck) -> None:
    head, log = store.chain.log_head(), store.chain.handovers()
    result.handovers = len(log)
    walk = ChainWalk("entry", "entries", "the custody log", result.problems)
    for record in log:
        if handover_sha256(record.sequence, record.previous, record.handover) != record.sha256:
            result.problems.append(f"entry {record.sequence} of the custody log was altered")
        walk.step(record.sequence, record.previous, record.sha256)
    walk.end(head, store.chain.log_head())
