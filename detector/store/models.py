"""The tables of the database.  Migrations under ``migrations/versions`` build exactly these; a test compares the two."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from detector.store.columns import MomentColumn, WordsColumn

NAMES = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}

RUNNING = text("state = 'running' AND job <> ''")
"""Condition of an index that allows one such row for each job: no run begins while another is under way."""


class TableBase(DeclarativeBase):
    """Root of the tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: MomentColumn,
        tuple[str, ...]: WordsColumn,
        str: Text,
        float: Float,
        bytes: LargeBinary,
    }


class CaptureRow(TableBase):
    """A capture and its verdict: columns for what is queried, and both as JSON."""

    __tablename__ = "captures"
    __table_args__ = (
        Index(None, "site"),
        Index(None, "url_key"),
        Index(None, "decision", "brand"),
        Index(None, "started"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    claim_token: Mapped[str | None] = mapped_column(String(32), unique=True)
    url: Mapped[str]
    url_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    final_url: Mapped[str]
    site: Mapped[str]
    outcome: Mapped[str] = mapped_column(String(40))
    decision: Mapped[str] = mapped_column(String(20))
    brand: Mapped[str | None]
    probability: Mapped[float | None]
    profile: Mapped[str]
    source: Mapped[str]
    started: Mapped[datetime]
    stored: Mapped[datetime]
    screenshot_sha256: Mapped[str | None] = mapped_column(String(64))
    # last: long values lie on pages of their own, so walking the columns above does not read them
    capture_json: Mapped[str]
    verdict_json: Mapped[str]


class BacklogRow(TableBase):
    """A candidate and its state.

    ``ready`` rows were due when last looked at; ``waiting`` rows become ready once their time has come.  Keeping
    the two apart lets ``claim`` read the head of one index, however many rows wait for a later day.
    """

    __tablename__ = "backlog"
    __table_args__ = (
        Index("ix_backlog_urgent", "state", "urgency", "due", "id"),
        Index("ix_backlog_due", "state", "due"),
        Index("ix_backlog_lease", "state", "lease_until"),
        Index("ix_backlog_source", "state", "source", "urgency", "due", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    url_key: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    url: Mapped[str]
    host: Mapped[str]
    brands: Mapped[tuple[str, ...]]
    sources: Mapped[tuple[str, ...]]
    reasons: Mapped[tuple[str, ...]]
    urgency: Mapped[float]
    """Minus the candidate's priority: ascending order is the most urgent first, in every database's index."""
    due: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    reason: Mapped[str]
    capture_id: Mapped[int | None] = mapped_column(ForeignKey("captures.id"))
    created: Mapped[datetime]
    updated: Mapped[datetime]
    source: Mapped[str] = mapped_column(Text, server_default=text("''"))
    """The first of ``sources``."""


class BacklogBrandRow(TableBase):
    """Open rows of the backlog by suspected brand, in the order of claims; deleted when the candidate is done."""

    __tablename__ = "backlog_brands"
    __table_args__ = (
        Index("ix_backlog_brands_urgent", "brand", "urgency", "due", "backlog_id"),
        Index("ix_backlog_brands_due", "brand", "due", "backlog_id"),
        Index(None, "backlog_id"),
    )

    brand: Mapped[str] = mapped_column(Text, primary_key=True)
    backlog_id: Mapped[int] = mapped_column(ForeignKey("backlog.id"), primary_key=True)
    urgency: Mapped[float]
    due: Mapped[datetime]


class CaseRow(TableBase):
    """One impersonating site and brand."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("site", "brand"), Index(None, "state"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    site: Mapped[str]
    brand: Mapped[str]
    state: Mapped[str] = mapped_column(String(24))
    decision: Mapped[str] = mapped_column(String(20))
    probability: Mapped[float | None]
    sources: Mapped[tuple[str, ...]]
    opened: Mapped[datetime]
    updated: Mapped[datetime]
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"))
    named: Mapped[str] = mapped_column(Text, server_default=text("''"))
    """Site of the case before accounts of one host were told apart; empty for newer cases."""


class CustodyRow(TableBase):
    """The custody log: who did what to a case, when and why.  Rows are only ever added."""

    __tablename__ = "custody"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    state_before: Mapped[str | None] = mapped_column(String(24))
    state_after: Mapped[str] = mapped_column(String(24))
    comment: Mapped[str]


class DeliveryRow(TableBase):
    """A case that was handed to a takedown destination, or withdrawn from it."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("destination", "case_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    destination: Mapped[str]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"))
    reference: Mapped[str]
    """The id that the destination knows the case by."""
    at: Mapped[datetime]
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first delivery of the case to that destination, then one more for each."""
    withdrawal: Mapped[bool] = mapped_column(Boolean)
    line: Mapped[int | None] = mapped_column(Integer)
    """Number of the line in the destination's file, from 1; None where the destination has no such file."""
    body_sha256: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of what the destination was told; None for deliveries of versions that did not keep it."""


class SourceStateRow(TableBase):
    """A value that a source keeps between runs, such as the position up to which it has read."""

    __tablename__ = "memory"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str]
    updated: Mapped[datetime]


class ProbeRow(TableBase):
    """A name that waits for a probe, or was probed recently."""

    __tablename__ = "probes"
    __table_args__ = (Index(None, "round", "due"), Index(None, "address"))

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """64 bits of the URL's hash."""
    url: Mapped[str]
    source: Mapped[str]
    round: Mapped[int] = mapped_column(Integer)
    """Number of probes so far that showed nothing; after the last round the row only prevents another probe."""
    tries: Mapped[int] = mapped_column(Integer)
    """Probes that were begun and have not ended."""
    due: Mapped[datetime]
    address: Mapped[str | None] = mapped_column(String(45))
    """IP address of the server that answered last."""


class RunRow(TableBase):
    """One run of a crawl job, or of a command: time, machine and result."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("job", "planned"),
        Index(None, "started"),
        Index("uq_runs_running", "job", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    job: Mapped[str]
    """Empty for a run that was started by a command."""
    planned: Mapped[datetime | None]
    """Planned time of the schedule; there is one run for each."""
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    until: Mapped[datetime]
    """Time by which a heartbeat is due; without one the run is lost."""
    state: Mapped[str] = mapped_column(String(10))
    host: Mapped[str]
    pid: Mapped[int] = mapped_column(Integer)
    doing: Mapped[str]
    slots: Mapped[int] = mapped_column(Integer)
    busy: Mapped[int] = mapped_column(Integer)
    counts_json: Mapped[str]
    lag: Mapped[float | None]
    error: Mapped[str]


class PhoneRow(TableBase):
    """A telephone number that a capture shows; one row for each number."""

    __tablename__ = "phones"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """E.164."""
    region: Mapped[str] = mapped_column(String(8))


class PhoneSightingRow(TableBase):
    """A number on a capture: one row for each way in which the page, as one profile saw it, shows the number."""

    __tablename__ = "phone_sightings"
    __table_args__ = (Index(None, "phone_id", "capture_id"), Index(None, "capture_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"))
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"))
    profile: Mapped[str]
    source: Mapped[str] = mapped_column(String(12))
    raw: Mapped[str]
    vanity: Mapped[bool] = mapped_column(Boolean)
    official: Mapped[str | None]
