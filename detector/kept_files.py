"""Which evidence files somebody still names: captures, and the manifests that are sealed over them."""

from __future__ import annotations

from collections.abc import Iterator

from detector.bundle.evidence_manifest import read_manifest
from detector.errors import EvidenceError
from detector.model import StoredFile
from detector.workspace import Workspace


def named_files(workspace: Workspace) -> Iterator[StoredFile]:
    """All of them, some more than once, as a stream.

    Raises:
        EvidenceError: a manifest cannot be read: then nobody knows what it names.
    """
    yield from workspace.store.captures.files()
    for record in workspace.store.chain.manifests():
        try:
            manifest = read_manifest(record.manifest)
        except ValueError as error:
            raise EvidenceError(
                f"manifest {record.sequence} cannot be read ({error}); clonewatch evidence check says what else is wrong"
            ) from error
        for entry in manifest.files:
            if not entry.missing:
                yield StoredFile(entry.sha256, entry.media_type, entry.size)
