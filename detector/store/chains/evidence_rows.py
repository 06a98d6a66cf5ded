"""The tables of the hash chains: manifests of evidence, handovers, and the journal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from detector.store.models import TableBase


class ChainHeadRow(TableBase):
    """The end of a hash chain: the row that a writer locks to add a link."""

    __tablename__ = "chain_heads"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer)
    """Number of the last link; 0 where there is none yet."""
    sha256: Mapped[str] = mapped_column(String(64))


class ManifestRow(TableBase):
    """A manifest of one capture's evidence, byte for byte, with signature and time stamp.  Rows are only ever added."""

    __tablename__ = "manifests"
    __table_args__ = (Index(None, "case_id"), Index(None, "stamped"))

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the manifest before it; unique: the chain cannot fork."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"), unique=True)
    sealed: Mapped[datetime]
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    stamped: Mapped[datetime | None]
    """The time that the authority vouches for; None while there is no time stamp."""
    stamp: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The authority's whole response (RFC 3161, DER)."""
    manifest: Mapped[bytes]


class HandoverRow(TableBase):
    """A handover of evidence: actor, time, destination.  Rows are only ever added, each chained to the one before."""

    __tablename__ = "handovers"
    __table_args__ = (Index(None, "case_id"),)

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the canonical JSON of all other columns."""
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"))
    manifest: Mapped[int | None] = mapped_column(Integer)
    """Sequence number of the manifest; None where the capture has none."""
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(20))
    destination: Mapped[str] = mapped_column(Text)


class JournalRow(TableBase):
    """An entry of the journal: what a row that somebody relies on holds since then.  Rows are only ever added."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "stamped"),)

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of ``entry``."""
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the entry before it; unique: the chain cannot fork."""
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    stamped: Mapped[datetime | None]
    """The time that an authority vouches for; None where it was not asked about this entry."""
    stamp: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The authority's whole response (RFC 3161, DER)."""
    entry: Mapped[bytes]
    """Canonical JSON (RFC 8785)."""
