"""Deletes what cleared pages left: their captures once they are old enough, and evidence files that nothing names any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from detector.kept_files import named_files
from detector.workspace import Workspace

GRACE = timedelta(days=1)
"""Files younger than this stay: somebody may have stored them and be about to name them."""


@dataclass(frozen=True, slots=True)
class TidyResult:
    """What went."""

    captures: int
    files: int = 0
    bytes: int = 0


def tidy(workspace: Workspace, now: datetime, *, dry: bool = False) -> TidyResult | None:
    """Tidy as ``[retention]`` says; None where it says nothing.  ``dry``: only count the captures.

    Raises:
        StoreError, EvidenceError: something cannot be deleted; what went before is gone.
    """
    days = workspace.config.retention.cleared_days
    if not days:
        return None
    before = now - timedelta(days=days)
    if dry:
        return TidyResult(workspace.store.cleared(before))
    captures = workspace.store.forget_cleared(before)
    named = {stored.sha256 for stored in named_files(workspace)}
    files, size = workspace.evidence.sweep(named, now - GRACE)
    return TidyResult(captures, files, size)
