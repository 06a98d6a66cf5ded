"""Audit of the year: every URL, every number and every case is looked for in the store, the report and the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.year.plan import Kind, Place
from detector.bundle import check_store
from detector.model import Decision
from detector.takedown import list_exports
from detector.workspace import Workspace

SHOWN = 5
"""Of each kind of loss, so many are named."""


@dataclass(slots=True)
class Account:
    """Result of the audit: counts, and whatever is missing."""

    decisions: Counter[tuple[Kind, Decision]] = field(default_factory=Counter)
    right: Counter[Kind] = field(default_factory=Counter)
    """Flagged or for review, and for the brand that is impersonated."""
    numbers: int = 0
    """Planted telephone numbers that were found."""
    more_numbers: int = 0
    """Others that were taken for one."""
    cases: int = 0
    exported: int = 0
    evidence: int = 0
    """Files of evidence that were read back and are what their manifest says."""
    missing: list[str] = field(default_factory=list)
    """Sentences; empty where nothing is lost."""


def account(workspace: Workspace, places: Sequence[Place], port: int) -> Account:
    """Compare a worked-off workspace with the plan.  Reads all evidence back."""
    found = Account()
    _backlog(workspace, len(places), found)
    _captures(workspace, {place.url(port): place for place in places}, found)
    _numbers(workspace, places, found)
    _cases(workspace, found)
    checked = check_store(workspace.store, workspace.evidence)
    found.evidence = checked.files
    _miss(found, "a problem of the evidence", [str(problem) for problem in checked.problems])
    return found


def _miss(found: Account, what: str, names: Sequence[str]) -> None:
    if names:
        found.missing.append(f"{what}, {len(names)} times: {', '.join(names[:SHOWN])}")


def _backlog(workspace: Workspace, expected: int, found: Account) -> None:
    counts = workspace.store.counts()
    if counts["done"] != expected:
        told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        found.missing.append(f"{expected} URLs should be done, the backlog says: {told}")


def _captures(workspace: Workspace, by_url: dict[str, Place], found: Account) -> None:
    seen: Counter[str] = Counter()
    for _, capture, verdict in workspace.store.captures.stream():
        place = by_url.get(capture.url)
        if place is None:
            _miss(found, "a capture of a URL that nobody asked for", [capture.url])
            continue
        seen[capture.url] += 1
        found.decisions[place.kind, verdict.decision] += 1
        if place.brand is not None and verdict.is_suspect and verdict.brand == place.brand:
            found.right[place.kind] += 1
    _miss(found, "no verdict", [url for url in by_url if not seen[url]])
    _miss(found, "more than one verdict", [url for url, count in seen.items() if count > 1])


def _numbers(workspace: Workspace, places: Sequence[Place], found: Account) -> None:
    planted = {number.e164 for place in places for number in place.numbers}
    known = {phone.number for phone in workspace.store.phones.find()}
    found.numbers, found.more_numbers = len(planted & known), len(known - planted)
    _miss(found, "a telephone number was not found", sorted(planted - known))


def _cases(workspace: Workspace, found: Account) -> None:
    flagged = [case for case in workspace.store.cases.stream() if case.verdict.decision is Decision.FLAGGED]
    found.cases = len(flagged)
    entries = list_exports(workspace.store, rules=workspace.config.takedown.without_review)
    found.exported = sum(entry.exported is not None for entry in entries)
    _miss(found, "a case waits for its export", [entry.host for entry in entries if entry.exported is None])
    pages = workspace.reports_dir / "cases"
    _miss(found, "a case has no page", [case.site for case in flagged if not (pages / f"{case.id}.html").exists()])
