"""Back up a workspace that is in use: the database as of one moment, and every evidence file that it names.

A backup is a workspace: ``clonewatch ... --workspace BACKUP`` works in it, and copying it back restores the original.  Files are
named by their content, so that the next backup into the same folder copies only what is new.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from detector.config import CONFIG_NAME
from detector.errors import EnvironmentFault, UsageError
from detector.files import atomic_writer, make_private_folder, open_regular
from detector.kept_files import named_files
from detector.workspace import DATABASE, Workspace

REMAKEABLE = frozenset(("reports", "evidence"))
"""Folders that are not copied whole: reports can be written again, evidence is copied file by file."""


@dataclass(frozen=True, slots=True)
class BackupResult:
    """Result of a backup."""

    path: Path
    evidence_copied: int
    evidence_there: int
    """Files that an earlier backup copied."""
    missing: tuple[str, ...]
    """Files that the database names and that are missing or altered; an intact copy of an earlier backup stays."""
    healed: tuple[str, ...] = ()
    """Copies of earlier backups that were damaged, and were copied anew."""


def back_up(workspace: Workspace, target: Path) -> BackupResult:
    """Copy ``workspace`` into the folder ``target``, which is created, or holds an earlier backup of it.

    Raises:
        UsageError: the target lies within the workspace, or holds something else.
        EnvironmentFault: it cannot be written (disk full), or another backup into it is under way; an earlier backup there is
            still complete.
        StoreError: the database is on a server, or cannot be read.
        EvidenceError: a manifest of evidence cannot be read.
    """
    _check_places(workspace, target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with _alone_in(target):
            return _copy_all(workspace, target)
    except OSError as error:
        hint = "free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "check its permissions"
        raise EnvironmentFault(
            f"backup {target} could not be written ({error.strerror or error}); {hint}, then run again: "
            "an earlier backup there is still complete"
        ) from error


@contextmanager
def _alone_in(target: Path) -> Iterator[None]:
    """Hold a lock on the folder of the backup; the system releases it when the process ends, however it ends.

    Raises:
        EnvironmentFault: another process holds it.
    """
    descriptor = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EnvironmentFault(
                f"another backup into {target} is under way; let it finish, then run again, or name another folder"
            ) from None
        yield
    finally:
        os.close(descriptor)


def _copy_all(workspace: Workspace, target: Path) -> BackupResult:
    _check_contents(target)
    partial = target / f"{DATABASE}.part"
    partial.unlink(missing_ok=True)
    workspace.store.copy_to(partial)
    # the database first: evidence is written before the rows that name it, so all that is named is there by now
    result = _copy_evidence(workspace, target)
    _copy_rest(workspace.path, target)
    for name in (f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (target / name).unlink(missing_ok=True)
    partial.replace(target / DATABASE)
    return result


def _check_places(workspace: Workspace, target: Path) -> None:
    if target.resolve().is_relative_to(workspace.path.resolve()):
        raise UsageError(f"{target} lies within the workspace; name a folder elsewhere, best on another disk")
    if workspace.config.store.evidence and "://" in workspace.config.store.evidence:
        raise UsageError(
            f"the evidence is stored at {workspace.config.store.evidence.partition('://')[0]}://, which has backups of its own "
            "(versions, replication); this command copies folders only"
        )


def _check_contents(target: Path) -> None:
    if any(target.iterdir()) and not (target / DATABASE).exists():
        known = {f"{DATABASE}.part", "evidence", CONFIG_NAME}
        if any(entry.name not in known and entry.suffix != ".part" for entry in target.iterdir()):
            raise UsageError(f"{target} holds something other than a backup; name an empty folder")


def _copy_evidence(workspace: Workspace, target: Path) -> BackupResult:
    source = Path(workspace.config.store.evidence or workspace.path / "evidence")
    make_private_folder(target / "evidence")
    copied = there = 0
    missing, healed, done = [], [], set()
    for stored in named_files(workspace):
        path = Path(workspace.evidence.path(stored))
        if path in done:
            continue
        done.add(path)
        copy = target / "evidence" / path.relative_to(source.absolute())
        before, now = _sha256(copy), _sha256(path)
        if before == stored.sha256:
            there += 1
        elif now == stored.sha256:
            _copy(path, copy)
            copied += 1
            if before is not None:
                healed.append(str(copy))
        if now != stored.sha256:
            kept = "; the copy is intact" if before == stored.sha256 else ""
            missing.append(f"{path} ({'missing' if now is None else 'altered'}{kept})")
    return BackupResult(target, copied, there, tuple(missing), tuple(healed))


def _sha256(path: Path) -> str | None:
    """Digest of a file as it is on the disk now; None where there is none, empty where something else stands in its place."""
    try:
        with open_regular(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError:
        if path.is_file():
            raise
        return ""


def _copy_rest(source: Path, target: Path) -> None:
    for path in _rest(source):
        copy = target / path.relative_to(source)
        if _sha256(copy) != _sha256(path):
            _copy(path, copy)


def _rest(source: Path) -> Iterator[Path]:
    """Yield configuration, brands, keys and takedown queue: everything but database, evidence and reports."""
    for entry in sorted(source.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and entry.name not in REMAKEABLE:
            yield from (path for path in sorted(entry.rglob("*")) if path.is_file() and not path.is_symlink())
        elif entry.is_file() and not entry.name.startswith(DATABASE):
            yield entry


def _copy(path: Path, copy: Path) -> None:
    """Copy a file completely or not at all, and flush it to the disk: a backup must survive a power cut."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source, atomic_writer(copy) as stream:
        shutil.copystat(path, stream.name)
        shutil.copyfileobj(source, stream)
        stream.flush()
        shutil.copystat(path, stream.name)
