"""The sections ``[store]``, ``[evidence]`` and ``[retention]``: where facts and files are kept, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from detector.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class StoreConfig:
    """Location of database and evidence, and the order in which the backlog is processed."""

    database: str = ""
    """SQLAlchemy URL of an SQLite or PostgreSQL database; empty: ``clonewatch.sqlite`` in the workspace."""
    evidence: str = ""
    """Folder, or fsspec URL such as ``s3://BUCKET/PREFIX``; empty: ``evidence/`` in the workspace."""
    lease_seconds: float = 300.0
    """Seconds after which a candidate that a worker has taken and not finished returns to the backlog."""
    max_attempts: int = 3
    """Workers that a candidate may kill before it is quarantined; at least two: the first may have died of another one."""
    fair_share: float = 0.2
    """Share of captures, 0 to 1, that go by turns instead of by priority: to the longest due, to each source, to each brand."""
    per_site: int = 4
    """Captures of one registrable domain at the same time, on all machines together; 0: any number."""

    def __post_init__(self) -> None:
        if not 0 <= self.fair_share <= 1 or self.per_site < 0:
            raise ConfigError("store.fair_share must be from 0 to 1, store.per_site not below 0")


@dataclass(frozen=True, kw_only=True)
class EvidenceConfig:
    """Signatures and time stamps of evidence."""

    key: str = ""
    """File of the Ed25519 key (PEM) that signs manifests, from ``clonewatch evidence keygen``; empty: they are not signed."""
    timestamp_url: str = ""
    """Address of an RFC 3161 time-stamp authority; empty: manifests get no time stamp."""
    timestamp_roots: str = ""
    """PEM file of the root certificates that the authority's time stamps must lead to; empty: they are not checked."""
    timestamp_seconds: float = 20.0
    """Time that one answer of the authority may take."""

    def __post_init__(self) -> None:
        if self.timestamp_url and not self.timestamp_url.startswith(("http://", "https://")):
            raise ConfigError("evidence.timestamp_url must begin with http:// or https://")
        if self.timestamp_seconds <= 0:
            raise ConfigError("evidence.timestamp_seconds must be above 0")


@dataclass(frozen=True, kw_only=True)
class RetentionConfig:
    """Retention of captures of harmless pages; evidence of a case is kept for ever."""

    cleared_days: float = 0.0
    """Days, at least 31, after which ``clonewatch tidy`` deletes captures of cleared pages (clear, owned, unseen); 0: never."""

    def __post_init__(self) -> None:
        if self.cleared_days != 0 and self.cleared_days < 31:
            raise ConfigError(
                "retention.cleared_days must be 0 (never) or at least 31: until then a cleared page may be captured again"
            )
