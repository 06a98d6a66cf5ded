"""``clonewatch backup`` and ``clonewatch tidy``: copy a workspace, and delete what need not be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import options
from crawler.jobs.backup import back_up
from crawler.jobs.tidy import tidy as tidied
from crawler.runtime.terminal import say
from detector.errors import EvidenceError
from detector.model import utcnow
from detector.sentences import counted
from detector.workspace import Workspace


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the backup: empty, or an earlier backup of this workspace.")
    ],
    workspace: options.Workspace = None,
) -> None:
    """Copy the workspace while it is in use; the copy is a workspace too, and the next backup into it copies only what is new."""
    with Workspace.open(workspace, create=False) as opened:
        done = back_up(opened, target.expanduser().absolute())
    say(
        f"{done.path}: the database, and {counted(done.evidence_copied, 'evidence file')}; "
        f"{counted(done.evidence_there, 'file was', 'files were')} copied before."
    )
    for path in done.healed[:20]:
        say(f"{path}: this copy was damaged, and was made anew", err=True)
    if done.missing:
        for path in done.missing[:20]:
            say(path, err=True)
        raise EvidenceError(
            f"{counted(len(done.missing), 'evidence file')} of the workspace could not be copied: missing or altered there; "
            "all others were; `clonewatch evidence check` says which captures they belong to"
        )


def tidy(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much would be deleted.")] = False,
    workspace: options.Workspace = None,
) -> None:
    """Delete captures of cleared pages that are older than retention.cleared_days, and files that nothing refers to."""
    with Workspace.open(workspace, create=False) as opened:
        done = tidied(opened, utcnow(), dry=dry_run)
    if done is None:
        say("Nothing is deleted: retention.cleared_days is 0.")
        return
    captures = counted(done.captures, "capture of cleared pages", "captures of cleared pages")
    if dry_run:
        say(f"{captures} would be deleted, with the files that nothing else refers to.")
    else:
        say(
            f"{captures} deleted, and {counted(done.files, 'file')} that nothing refers to ({done.bytes / 1e6:.1f} MB)."
        )
