"""Evidence files that are still in use: those that captures name, and those that sealed manifests name."""

from __future__ import annotations

from collections.abc import Iterator

from detector.bundle.evidence_manifest import read_manifest
from detector.errors import EvidenceError
from detector.model import StoredFile
from detector.workspace import Workspace


def named_files(workspace: Workspace) -> Iterator[StoredFile]:
    """Every evidence file that a capture or a manifest names, as a stream; a file that several name comes several times.

    Raises:
        EvidenceError: a manifest cannot be read, so that the files that it names are unknown.
    """
    yield from workspace.store.captures.files()
    for record in workspace.store.chain.manifests():
        try:
            manifest = read_manifest(record.manifest)
        except ValueError as error:
            raise EvidenceError(
                f"manifest {record.sequence} cannot be read ({error}); run `clonewatch evidence check` to see what else is wrong"
            ) from error
        for entry in manifest.files:
            if not entry.missing:
                yield StoredFile(entry.sha256, entry.media_type, entry.size)
