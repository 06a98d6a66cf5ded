"""Compare the verdict in a capture's row with the one in its manifest, which may be signed and time-stamped."""

from __future__ import annotations

from typing import Any

import msgspec

from detector.bundle.evidence_manifest import EvidenceManifest
from detector.model import Verdict, from_json
from detector.store import ManifestRecord, Store


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


def _plain(verdict: dict[str, Any]) -> tuple[str, str | None, float | None]:
    return str(verdict.get("decision")), verdict.get("brand"), verdict.get("probability")


def _shown(decision: str, brand: str | None, probability: float | None) -> str:
    about = f" for {brand}" if brand else ""
    return f"{decision}{about}" + (f" {probability:.2f}" if probability is not None else "")


def _altered(record: ManifestRecord, how: str) -> str:
    return (
        f"manifest {record.sequence}: the verdict of capture {record.capture_id} was altered in the database: it {how}"
    )
