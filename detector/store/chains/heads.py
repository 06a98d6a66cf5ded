"""Heads of the hash chains: the row that a writer locks to add a link, so that no two links name the same predecessor."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from detector.errors import StoreError
from detector.store.chains.evidence_rows import ChainHeadRow

MANIFESTS, HANDOVERS, JOURNAL = "manifests", "handovers", "journal"
GENESIS = "0" * 64
"""SHA-256 that the first link names in place of a predecessor's."""


def head(connection: Connection, name: str) -> tuple[int, str]:
    """Sequence number and SHA-256 of a chain's last link; 0 and :data:`GENESIS` where there is none."""
    query = select(ChainHeadRow.sequence, ChainHeadRow.sha256).where(ChainHeadRow.name == name)
    row = connection.execute(query).first()
    return (0, GENESIS) if row is None else (row.sequence, row.sha256)


def lock_head(connection: Connection, name: str) -> tuple[int, str]:
    """Read a chain's head and keep other writers from it until the transaction ends.

    Raises:
        StoreError: the database has lost it.
    """
    query = select(ChainHeadRow.sequence, ChainHeadRow.sha256).where(ChainHeadRow.name == name).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise StoreError(f"the database has lost the head of its chain of {name}; put a backup in its place")
    return row.sequence, row.sha256


def advance(connection: Connection, name: str, sequence: int, sha256: str) -> None:
    """Make a link the last one of its chain; the caller holds the head's lock."""
    connection.execute(update(ChainHeadRow).where(ChainHeadRow.name == name).values(sequence=sequence, sha256=sha256))
