"""The evidence chain as :attr:`detector.store.Store.chain`: every operation is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from detector.model import utcnow
from detector.store import cases
from detector.store.chains import chain, heads
from detector.store.chains.chain import Handover, HandoverRecord, ManifestRecord, Seal, StoredVerdict
from detector.store.engine import Database

PAGE = 20


class EvidenceChain:
    """Manifests in the order of their chain, their time stamps, and the log of handovers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seal(self, capture_id: int, case_id: int | None, seal: Seal) -> ManifestRecord:
        """Seal a capture that was stored without a manifest; one that has a manifest keeps it."""
        with self._database.write() as connection:
            return chain.append_manifest(connection, seal, capture_id, case_id, utcnow())

    def manifest_of(self, capture_id: int) -> ManifestRecord | None:
        """The manifest of a capture; None where it was never sealed."""
        with self._database.read() as connection:
            return chain.manifest_of(connection, capture_id)

    def manifests(self, *, case_id: int | None = None) -> Iterator[ManifestRecord]:
        """All manifests, or those of one case, in the chain's order, a page at a time."""
        after = 0
        while True:
            with self._database.read() as connection:
                page = chain.manifests(connection, after=after, limit=PAGE, case_id=case_id)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].sequence

    def unstamped(self) -> Iterator[ManifestRecord]:
        """Manifests that wait for a time stamp, oldest first, a page at a time."""
        after = 0
        while True:
            with self._database.read() as connection:
                page = chain.unstamped(connection, after=after, limit=PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].sequence

    def add_stamp(self, sequence: int, stamp: bytes, stamped: datetime) -> bool:
        """Keep the time stamp of a manifest; False where it has one."""
        with self._database.write() as connection:
            return chain.add_stamp(connection, sequence, stamp, stamped)

    def head(self) -> tuple[int, str]:
        """Sequence number and SHA-256 of the last manifest; 0 and zeros where there is none."""
        with self._database.read() as connection:
            return heads.head(connection, heads.MANIFESTS)

    def log_head(self) -> tuple[int, str]:
        """Sequence number and SHA-256 of the last entry of the handover log; 0 and zeros where there is none."""
        with self._database.read() as connection:
            return heads.head(connection, heads.HANDOVERS)

    def log(self, handover: Handover) -> HandoverRecord:
        """Record a handover of evidence."""
        with self._database.write() as connection:
            return chain.append_handover(connection, handover)

    def handovers(self, case_id: int | None = None) -> list[HandoverRecord]:
        """Handovers of one case, or of all cases, oldest first."""
        with self._database.read() as connection:
            return chain.handovers(connection, case_id)

    def unsealed(self) -> list[int]:
        """Ids of flagged and review captures that have no manifest."""
        with self._database.read() as connection:
            return chain.unsealed(connection, [str(decision) for decision in cases.OPENING])

    def verdict_row(self, capture_id: int) -> StoredVerdict | None:
        """The verdict of a stored capture, exactly as the database has it; None where there is no such capture."""
        with self._database.read() as connection:
            return chain.verdict_row(connection, capture_id)

    def capture_json(self, capture_id: int) -> str | None:
        """JSON text of a stored capture, exactly as the database has it; None where there is no such capture."""
        with self._database.read() as connection:
            return chain.capture_json(connection, capture_id)
