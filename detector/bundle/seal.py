"""Seal captures: read back and hash the files before the transaction, and write the manifest inside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from detector.bundle.blocks import digests
from detector.bundle.capture_files import FOLDER, NAMES, NamedFile, files_of
from detector.bundle.evidence_manifest import FileEntry, write_manifest
from detector.bundle.signing import SigningKey
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import Capture, Decision, StoredFile, Verdict
from detector.program import program_name
from detector.store import ChainLink, Seal, SignedManifest
from detector.store.columns import encode

SEALED = frozenset({Decision.FLAGGED, Decision.REVIEW})
"""Verdicts whose captures are evidence."""


@dataclass(frozen=True, slots=True)
class EvidenceSealer:
    """Writes manifests, and signs them where there is a key."""

    evidence: Evidence
    key: SigningKey | None = None

    def prepare(self, capture: Capture, verdict: Verdict) -> Seal | None:
        """Hash a capture's files; return the seal for ``Store.finish`` or ``Store.record``, or None where no seal is due.

        Reads every file and writes one (the record), so do not call it on an event loop.  A file that is already missing or altered
        does not stop it: the manifest says so.

        Raises:
            EvidenceError: the record could not be stored (disk full).
        """
        if verdict.decision not in SEALED and capture.bundle is None:
            return None
        return self.seal(capture, verdict)

    def seal(self, capture: Capture, verdict: Verdict) -> Seal:
        """Do the same as :meth:`prepare`, for any verdict."""
        record = self.evidence.put(encode(capture).encode(), "application/json")
        named = [*files_of(capture), NamedFile(f"{FOLDER}/{NAMES['record']}", "record", 0, record)]
        known: dict[str, FileEntry] = {}
        entries = [self._entry(file, known) for file in named]
        key = self.key

        def seal(link: ChainLink) -> SignedManifest:
            public = key.public if key else None
            data = write_manifest(link, capture, verdict, entries, program=program_name(), public_key=public)
            return SignedManifest(data, key.sign(data) if key else None, public)

        return seal

    def _entry(self, file: NamedFile, known: dict[str, FileEntry]) -> FileEntry:
        stored = file.stored
        same = known.get(stored.sha256)
        blocks: tuple[str, ...] = same.blocks if same else ()
        missing = same.missing if same else ""
        if same is None:
            try:
                blocks = digests([self.evidence.get(stored)]).blocks
            except EvidenceError as error:
                missing = str(error)
        entry = FileEntry(
            name=file.name,
            role=file.role,
            view=file.view,
            media_type=stored.media_type,
            size=stored.size,
            sha256=stored.sha256,
            blocks=blocks,
            missing=missing,
        )
        known[stored.sha256] = entry
        return entry


def stored_file(entry: FileEntry) -> StoredFile:
    """Return the name under which the workspace's evidence stores the file."""
    return StoredFile(entry.sha256, entry.media_type, entry.size)


def sha256_hex(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
