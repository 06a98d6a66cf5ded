"""Say in sentences how far the journal can be trusted: what somebody outside has anchored, what is signed, what was taken in."""

from __future__ import annotations

from collections.abc import Iterator

from detector.bundle.chain_walk import ranges_text
from detector.bundle.journal_check import JournalCheck


def vouching_sentences(journal: JournalCheck) -> Iterator[str]:
    """Yield what a reader must know beside the problems, each as one sentence."""
    last = journal.head[0]
    if not last:
        return
    if journal.anchored:
        yield f"Anchored outside: {ranges_text(range(1, journal.anchored + 1))} of the journal ({journal.anchor})."
    if journal.anchored < last:
        yield (
            f"Anchored by nobody outside yet: {ranges_text(range(journal.anchored + 1, last + 1))} of the journal. Whoever has the "
            "database could write them anew: note the SHA-256 above elsewhere and give it with --sha256, or get time stamps "
            "(`clonewatch evidence stamp`)."
        )
    if journal.taken_in:
        yield (
            f"Taken in from an older version: {ranges_text(journal.taken_in)} of the journal. Nothing vouches for what happened to "
            "these rows before."
        )
    if journal.unsigned:
        yield f"Not signed: {ranges_text(journal.unsigned)} of the journal."
