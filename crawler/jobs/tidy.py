"""Delete old captures of cleared pages, and evidence files that nothing refers to any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from detector.kept_files import named_files
from detector.workspace import Workspace

GRACE = timedelta(days=1)
"""Age below which files are kept: a worker may have stored them and not yet written the row that refers to them."""


@dataclass(frozen=True, slots=True)
class TidyResult:
    """Numbers of deleted captures, files and bytes."""

    captures: int
    files: int = 0
    bytes: int = 0


def tidy(workspace: Workspace, now: datetime, *, dry: bool = False) -> TidyResult | None:
    """Delete what ``[retention]`` says; None where it keeps everything.  ``dry``: only count the captures.

    Raises:
        StoreError, EvidenceError: something cannot be deleted; earlier deletions are done.
    """
    days = workspace.config.retention.cleared_days
    if not days:
        return None
    before = now - timedelta(days=days)
    if dry:
        return TidyResult(workspace.store.captures.count_cleared(before))
    captures = workspace.store.captures.forget_cleared(before)
    named = {stored.sha256 for stored in named_files(workspace)}
    files, size = workspace.evidence.sweep(named, now - GRACE)
    return TidyResult(captures, files, size)
