"""Get the time stamps that manifests and the journal lack from a time-stamp authority (RFC 3161 over HTTP, section 3.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography.x509 import Certificate

from crawler.net.bounded_http import ServiceError, ask
from detector.bundle import MAX_STAMP_BYTES, check_stamp, load_roots, stamp_request
from detector.config import EvidenceConfig
from detector.errors import ConfigError, SourceError, UsageError
from detector.sentences import without_secrets
from detector.store import Store

REQUEST_TYPE, ANSWER_TYPE = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class StampingResult:
    """Manifests and entry that were stamped, and the problem that ended the stamping."""

    stamped: int = 0
    """Number of manifests."""
    journal: int = 0
    """The entry of the journal that was stamped: all entries up to it are anchored; 0 where none was due."""
    problem: str = ""
    """Reason why the next manifest got no stamp; the next call asks again."""


def stamp_pending(store: Store, config: EvidenceConfig, on_stamp: Callable[[], None] = lambda: None) -> StampingResult:
    """Get time stamps for the journal's last entry and for all manifests without one, oldest first, until one fails.

    Does nothing without a configured authority.

    Raises:
        ConfigError: the file of root certificates cannot be used.
    """
    if not config.timestamp_url:
        return StampingResult()
    try:
        roots = load_roots(Path(config.timestamp_roots)) if config.timestamp_roots else []
    except UsageError as error:
        raise ConfigError(f"evidence.timestamp_roots: {error}") from error
    ask = partial(_stamp, config, roots)
    stamped = anchored = 0
    try:
        for record in store.chain.unstamped():
            # several programs may ask at the same time: the first answer is kept
            stamped += store.chain.add_stamp(record.sequence, *ask(record.manifest))
            on_stamp()
        # last: the stamps of the manifests are in the journal too
        if (entry := store.journal.unstamped()) is not None:
            anchored = entry.sequence * store.journal.add_stamp(entry.sequence, *ask(entry.entry))
    except SourceError as error:
        return StampingResult(stamped, anchored, str(error))
    return StampingResult(stamped, anchored)


def _stamp(config: EvidenceConfig, roots: list[Certificate], data: bytes) -> tuple[bytes, datetime]:
    """Have ``data`` stamped; the authority's answer, and the time that it states.

    Raises:
        SourceError: there was no answer in time, or it cannot be used.
    """
    request = stamp_request(data)
    answer = request_stamp(config.timestamp_url, request.as_bytes(), config.timestamp_seconds)
    try:
        return answer, check_stamp(answer, data, roots=roots, request=request)
    except ValueError as error:
        raise SourceError(
            f"the time stamp of {without_secrets(config.timestamp_url)} cannot be used: {error}"
        ) from error


def request_stamp(url: str, request: bytes, seconds: float) -> bytes:
    """Send one request to the authority and return its answer of at most 64 KiB, within ``seconds`` in all.

    Raises:
        SourceError: there was no answer in time, or it is not a time stamp.
    """
    headers = {"Content-Type": REQUEST_TYPE, "Accept": ANSWER_TYPE}
    try:
        answer = asyncio.run(ask(url, seconds=seconds, most=MAX_STAMP_BYTES, data=request, headers=headers))
        if problem := answer.problem():
            raise ServiceError(problem)
        if answer.media_type != ANSWER_TYPE:
            raise ServiceError(f"the answer is of type {answer.media_type[:80]!r}, not {ANSWER_TYPE}")
    except ServiceError as error:
        raise SourceError(
            f"time-stamp authority {without_secrets(url)}: {error}; "
            "the manifests are stored, and `clonewatch evidence stamp` asks again"
        ) from error
    return answer.body


def stamp_at_end(store: Store, config: EvidenceConfig) -> str:
    """Get missing time stamps at the end of a run; return a sentence on what failed, or an empty text.  Never fails the run."""
    try:
        result = stamp_pending(store, config)
    except ConfigError as error:
        return f"No time stamps: {error}"
    return f"Some time stamps are still missing: {result.problem}" if result.problem else ""
