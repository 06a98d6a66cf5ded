"""Hand evidence over as a self-contained bundle, a folder or a zip file, and record it in the handover log.

The bundle is written under a temporary name, then the log entry is stored, then the bundle gets its final name: no bundle exists
without an entry.  A crash between the last two steps leaves an entry for a bundle that nobody got, which is the lesser harm.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from detector.bundle import bundle_layout
from detector.bundle.bundle_reader import MANIFEST
from detector.bundle.evidence_manifest import EvidenceManifest, read_manifest
from detector.bundle.seal import EvidenceSealer, sha256_hex, stored_file
from detector.bundle.signing import public_pem
from detector.errors import EvidenceError, UsageError
from detector.evidence import Evidence
from detector.files import sync_file, sync_folder
from detector.model import Case, utcnow
from detector.store import Handover, ManifestRecord, Store


@dataclass(frozen=True, slots=True)
class ExportedBundle:
    """A bundle that was handed over."""

    path: Path
    sequence: int
    sha256: str
    """Of the manifest."""
    missing: tuple[str, ...] = ()
    """Files that could not be read, one sentence each."""


def sealed_case(store: Store, sealer: EvidenceSealer, case_id: int, *, every: bool = False) -> list[ManifestRecord]:
    """Return the manifests of a case: of its main capture, or of every capture.  A main capture without one is sealed now.

    Raises:
        UsageError: there is no such case.
    """
    case = store.cases.get(case_id)
    if case is None:
        raise UsageError(f"there is no case {case_id}; `clonewatch cases list` shows them")
    front = store.chain.manifest_of(case.capture_id) or _seal_now(store, sealer, case)
    return list(store.chain.manifests(case_id=case_id)) if every else [front]


def export_bundle(
    store: Store,
    evidence: Evidence,
    record: ManifestRecord,
    to: Path,
    *,
    case_id: int,
    actor: str,
    as_zip: bool = False,
) -> ExportedBundle:
    """Write the bundle of one manifest into the folder ``to``, and log it.

    Existing files are never overwritten: a second export gets a number after its name.  A file that is missing or was altered does
    not stop the export: it is left out, its entry in the manifest stays, and the result names it.

    Raises:
        EvidenceError: it could not be written (disk full); then nothing is logged, and no part of it is left.
    """
    manifest = read_manifest(record.manifest)
    name = f"case-{case_id}-{_plain(manifest.site)}-{record.sequence:06d}"
    missing: list[str] = []
    with _explained(to):
        to.mkdir(parents=True, exist_ok=True)
        temporary = to / f".{name}.{uuid4().hex}.part"
        try:
            files = _contents(record, manifest, evidence, missing)
            if as_zip:
                _write_zip(temporary, name, files)
            else:
                _write_folder(temporary, files)
            with _turn(to):
                target = _free(to, name, ".zip" if as_zip else "")
                store.chain.log(_line(record, case_id, actor, target))
                temporary.rename(target)
        except BaseException:
            _discard(temporary)
            raise
        sync_folder(to)
    return ExportedBundle(target, record.sequence, record.sha256, tuple(missing))


def _seal_now(store: Store, sealer: EvidenceSealer, case: Case) -> ManifestRecord:
    return store.chain.seal(case.capture_id, case.id, sealer.seal(case.capture, case.verdict))


def _line(record: ManifestRecord, case_id: int, actor: str, target: Path) -> Handover:
    return Handover(
        case_id, record.capture_id, utcnow(), actor, "export", str(target.absolute()), record.sequence, record.sha256
    )


def _contents(
    record: ManifestRecord, manifest: EvidenceManifest, evidence: Evidence, missing: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of all files, ``SHA256SUMS`` last."""
    listed: dict[str, str] = {}
    for entry in manifest.files:
        try:
            data = evidence.get(stored_file(entry))
        except EvidenceError as error:
            missing.append(f"{entry.name}: {error}")
            continue
        listed[entry.name] = entry.sha256
        yield entry.name, data
    beside = {
        MANIFEST: record.manifest,
        bundle_layout.SIGNATURE: record.signature,
        bundle_layout.PUBLIC_KEY: public_pem(record.public_key) if record.public_key else None,
        bundle_layout.STAMP: record.stamp,
        bundle_layout.README: bundle_layout.readme(
            manifest, record.manifest, signed=record.signature is not None, stamped=record.stamp is not None
        ),
    }
    for name, content in beside.items():
        if content is not None:
            listed[name] = sha256_hex(content)
            yield name, content
    yield bundle_layout.SUMS, bundle_layout.sums(listed)


def _write_folder(folder: Path, files: Iterator[tuple[str, bytes]]) -> None:
    folder.mkdir()
    for name, data in files:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as stream:
            stream.write(data)
            sync_file(stream)
    for made in (folder / "files", folder):
        if made.is_dir():
            sync_folder(made)


def _write_zip(path: Path, folder: str, files: Iterator[tuple[str, bytes]]) -> None:
    # stored without compression: pictures and WARC are compressed already, and damage stays limited to the bytes it hits
    with path.open("xb") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            for name, data in files:
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0)), data)
        sync_file(stream)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Hold a lock while a bundle gets its name, so that programs that export into one folder do not choose the same name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _free(folder: Path, name: str, extension: str) -> Path:
    number, target = 1, folder / f"{name}{extension}"
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{name}-{number}{extension}"
    return target


def _plain(site: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", site.lower()).strip("-.")[:80] or "site"


def _discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        hint = "free some space" if full else "check its permissions, or name another folder with --to"
        raise EvidenceError(
            f"evidence bundle: {path} cannot be written ({error.strerror or error}); {hint}, then export again: no evidence "
            "is lost"
        ) from error
