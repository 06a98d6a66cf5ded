"""Compare the rows of the database with what the chains vouch for: verdicts, states of cases, deliveries.

Rows are what the program works with, and whoever has the database can change them.  A manifest holds the verdict of its capture as
it was sealed, the handover log each delivery, and the custody log each state that a case came into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from detector.bundle.evidence_manifest import EvidenceManifest
from detector.model import Verdict, from_json
from detector.store import ManifestRecord, Store

DELIVERIES = {"takedown": False, "withdrawal": True}
"""Actions of the handover log that are deliveries; True: a withdrawal."""


def verdict_problem(store: Store, record: ManifestRecord, manifest: EvidenceManifest) -> str:
    """Say in a sentence that the verdict of a sealed capture was altered in its row; empty where it was not."""
    row = store.chain.verdict_row(record.capture_id)
    if row is None:
        return ""
    sealed = _plain(manifest.verdict)
    try:
        verdict = from_json(row.json, Verdict)
    except msgspec.DecodeError:
        return _altered(record, "cannot be read any more")
    written = (str(verdict.decision), verdict.brand, verdict.probability)
    if sealed != (row.decision, row.brand, row.probability) or sealed != written:
        return _altered(
            record, f"is {_shown(row.decision, row.brand, row.probability)}, and was sealed as {_shown(*sealed)}"
        )
    return ""


def case_problems(store: Store) -> Iterator[str]:
    """Name the cases whose state is not that of the custody log, or whose verdict is not that of their capture."""
    logged = store.custody.last_states()
    for case in store.chain.case_rows():
        state = logged.pop(case.case_id, None)
        if state is None:
            yield f"case {case.case_id}: the custody log does not know it"
        elif state != case.state:
            yield f"case {case.case_id} is {case.state} in its row, and {state} by the custody log"
        if case.capture_brand != case.brand:
            yield f"case {case.case_id} is about {case.brand}, and the verdict of its capture about {case.capture_brand}"
    for case_id in logged:
        yield f"case {case_id} is in the custody log, and its row is gone"


def delivery_problems(store: Store) -> Iterator[str]:
    """Name the deliveries that only the handover log knows, or only the table of deliveries.

    Deliveries from before the first entry of the log were made by versions that wrote none.
    """
    log = [record.handover for record in store.chain.handovers()]
    logged = Counter(
        (line.case_id, line.capture_id, line.destination, line.at, DELIVERIES[line.action])
        for line in log
        if line.action in DELIVERIES
    )
    rows = Counter(
        (step.case_id, step.capture_id, step.destination, step.at, step.withdrawal)
        for step in store.deliveries.find()
        if log and step.at >= log[0].at
    )
    for case_id, _, destination, at, withdrawal in (logged - rows).elements():
        yield f"the {_kind(withdrawal)} of case {case_id} to {destination} at {at:%F %T} is in the custody log, and its row is gone"
    for case_id, _, destination, at, withdrawal in (rows - logged).elements():
        yield f"the {_kind(withdrawal)} of case {case_id} to {destination} at {at:%F %T} is not in the custody log"


def _plain(verdict: dict[str, Any]) -> tuple[str, str | None, float | None]:
    return str(verdict.get("decision")), verdict.get("brand"), verdict.get("probability")


def _shown(decision: str, brand: str | None, probability: float | None) -> str:
    about = f" for {brand}" if brand else ""
    return f"{decision}{about}" + (f" {probability:.2f}" if probability is not None else "")


def _altered(record: ManifestRecord, how: str) -> str:
    return (
        f"manifest {record.sequence}: the verdict of capture {record.capture_id} was altered in the database: it {how}"
    )


def _kind(withdrawal: bool) -> str:
    return "withdrawal" if withdrawal else "handover"
