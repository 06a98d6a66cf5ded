"""Handing cases to the takedown desk, each step exactly once.

A case leaves when a person has confirmed it, or when a rule of ``[takedown]`` lets it go by name; when a person dismisses it later,
the destination is told.  The order makes it exact: evidence files, the line, then the store's row.  A crash before the line leaves
files that the next run finds and uses; a crash between line and row leaves an id in the file that the next run finds and enters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from detector.config import ReleaseRule
from detector.errors import EvidenceError
from detector.evidence import Evidence
from detector.model import TAKEDOWN_DUE_STATES, VERDICT_DECIDES_STATES, Case, CaseState, utcnow
from detector.store import PROGRAM, Delivery, Store
from detector.takedown.facts_file import facts_file
from detector.takedown.queue_line import BrandLookup, ManifestLine, export_id
from detector.takedown.release import Release, is_unreviewed, release_of
from detector.takedown.sinks import DraftFile, DueCase, TakedownSink, WrittenLine

CONCERNED_STATES = TAKEDOWN_DUE_STATES | VERDICT_DECIDES_STATES | {CaseState.DISMISSED}
"""States of cases that an export may have something to say about."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Result of an export."""

    target: str
    """Destination of the cases: path of the queue file, or the address of another destination."""
    exported: tuple[int, ...]
    """Ids of the cases that this run added."""
    before: int
    """Number of due cases that the destination had already."""
    failed: tuple[tuple[int, str], ...] = ()
    """Cases whose evidence is missing or was altered, each with the error; the next run tries again."""
    withdrawn: tuple[int, ...] = ()
    """Ids of the cases that this run took back, because they were dismissed."""
    unreviewed: int = 0
    """Number of flagged cases that no person has decided on and no rule lets go."""


def export_cases(
    store: Store,
    evidence: Evidence,
    sink: TakedownSink,
    *,
    library: BrandLookup | None = None,
    rules: Sequence[ReleaseRule] = (),
    destination: str | None = None,
    actor: str = PROGRAM,
    exact_addresses: bool = False,
    now: Callable[[], datetime] = utcnow,
) -> ExportResult:
    """Deliver every due case that ``sink`` has not had, and take back those that were dismissed since.

    ``rules`` let flagged cases go that nobody has confirmed.  ``destination`` names the sink in the store, by default its target:
    a folder that the desk empties is not filled again.  ``actor`` is who does it, for the custody log.  ``exact_addresses``: leave
    victims' mail addresses and passwords in the addresses of pages.  A case whose evidence cannot be read is reported in the result
    and does not hold up the others.

    Raises:
        EnvironmentFault: the sink takes nothing more (disk full); what was delivered stays delivered.
        StoreError: the database refused.
    """
    run = _ExportRun(store, evidence, sink, library, destination or sink.target, actor, exact_addresses)
    with sink.connect() as written:
        latest = _latest(store.deliveries.find(run.destination))
        for case in store.cases.stream(states=CONCERNED_STATES):
            last = latest.get(case.id)
            handed_over = last is not None and not last.withdrawal
            number = last.number + 1 if last is not None else 1
            release = release_of(case, rules)
            if case.state is CaseState.DISMISSED:
                if handed_over:
                    run.withdraw(case, number, now(), written)
            elif release is None:
                run.unreviewed += is_unreviewed(case) and not handed_over
            elif handed_over:
                run.before += 1
            else:
                run.hand_over(case, number, release, now(), written)
    return ExportResult(
        sink.target, tuple(run.exported), run.before, tuple(run.failed), tuple(run.withdrawn), run.unreviewed
    )


@dataclass(slots=True)
class _ExportRun:
    """One export: what it works with, and what has come of it so far."""

    store: Store
    evidence: Evidence
    sink: TakedownSink
    library: BrandLookup | None
    destination: str
    actor: str
    exact_addresses: bool
    exported: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    before: int = 0
    unreviewed: int = 0

    def hand_over(
        self, case: Case, number: int, release: Release, now: datetime, written: Collection[tuple[str, int]]
    ) -> None:
        """Deliver a case, unless an export that crashed had come to that already, and record it."""
        told = _told(written, case, number)
        if (export_id(case), number) in written:
            self.before += 1
        else:
            try:
                files = _collect(case, self.evidence)
            except EvidenceError as error:
                self.failed.append((case.id, str(error)))
                return
            brand = self.library.get(case.brand) if self.library else None
            pages = tuple(self.store.cases.pages(case))
            rest = (now, number, release.rule, self.exact_addresses, pages)
            due = DueCase(case, brand, files, _manifest(self.store, case), *rest)
            told = self._deliver(due)
            self.exported.append(case.id)
        self._record(case, number, now, told, withdrawal=False)

    def withdraw(self, case: Case, number: int, now: datetime, written: Collection[tuple[str, int]]) -> None:
        """Tell the destination that a case is not to be acted on, and record that it was told."""
        told = _told(written, case, number)
        if (export_id(case), number) not in written:
            due = DueCase(case, None, (), None, now, number, withdrawn=self._why_dismissed(case))
            told = self._deliver(due)
        self.withdrawn.append(case.id)
        self._record(case, number, now, told, withdrawal=True)

    def _deliver(self, due: DueCase) -> tuple[int | None, str | None]:
        """Deliver, and return the number of the line, if there is one, and the SHA-256 of what the destination was told."""
        draft = self.sink.prepare(due)
        return self.sink.deliver(draft).line, hashlib.sha256(draft.body).hexdigest()

    def _record(
        self, case: Case, number: int, now: datetime, told: tuple[int | None, str | None], *, withdrawal: bool
    ) -> None:
        place = (self.destination, case.id, case.capture_id, export_id(case), now, number, withdrawal)
        delivery = Delivery(*place, *told)
        self.store.deliveries.add(delivery, actor=self.actor)

    def _why_dismissed(self, case: Case) -> str:
        """The comment with which the case was dismissed last; empty where there is none."""
        entries = reversed(self.store.custody.of_case(case.id))
        return next((entry.comment for entry in entries if entry.after is CaseState.DISMISSED), "")


def _told(written: Collection[tuple[str, int]], case: Case, number: int) -> tuple[int | None, str | None]:
    """Line and SHA-256 of what an export that crashed had written; None each where there is none, or nobody can tell."""
    line = written.get((export_id(case), number)) if isinstance(written, Mapping) else None
    return (line.line, line.sha256) if isinstance(line, WrittenLine) else (None, None)


def _latest(deliveries: Iterable[Delivery]) -> Mapping[int, Delivery]:
    """The last delivery of each case; ``deliveries`` are of one destination, oldest first."""
    return {delivery.case_id: delivery for delivery in deliveries}


def _collect(case: Case, evidence: Evidence) -> tuple[DraftFile, ...]:
    """All files of a case, of every visitor's view, each checked against its SHA-256, before anything is written."""
    files = []
    for view in case.capture.views:
        files += [DraftFile(role, view.profile, stored, evidence.get(stored)) for role, stored in view.files()]
        if view.facts is not None:
            files.append(DraftFile("page_facts", view.profile, *facts_file(view.facts)))
    return tuple(files)


def _manifest(store: Store, case: Case) -> ManifestLine | None:
    record = store.chain.manifest_of(case.capture_id)
    return None if record is None else ManifestLine(record.sequence, record.sha256)
