"""Get the time stamps that manifests lack from a time-stamp authority (RFC 3161 over HTTP, section 3.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crawler.net.bounded_http import ServiceError, ask
from detector.bundle import MAX_STAMP_BYTES, check_stamp, load_roots, stamp_request
from detector.config import EvidenceConfig
from detector.errors import ConfigError, SourceError, UsageError
from detector.sentences import without_secrets
from detector.store import EvidenceChain

REQUEST_TYPE, ANSWER_TYPE = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class StampingResult:
    """Number of stamped manifests, and the problem that ended the stamping."""

    stamped: int = 0
    problem: str = ""
    """Reason why the next manifest got no stamp; the next call asks again."""


def stamp_pending(
    chain: EvidenceChain, config: EvidenceConfig, on_stamp: Callable[[], None] = lambda: None
) -> StampingResult:
    """Get time stamps for all manifests without one, oldest first, until one fails; do nothing without a configured authority.

    Raises:
        ConfigError: the file of root certificates cannot be used.
    """
    if not config.timestamp_url:
        return StampingResult()
    try:
        roots = load_roots(Path(config.timestamp_roots)) if config.timestamp_roots else []
    except UsageError as error:
        raise ConfigError(f"evidence.timestamp_roots: {error}") from error
    stamped = 0
    for record in chain.unstamped():
        request = stamp_request(record.manifest)
        try:
            answer = request_stamp(config.timestamp_url, request.as_bytes(), config.timestamp_seconds)
            moment = check_stamp(answer, record.manifest, roots=roots, request=request)
        except SourceError as error:
            return StampingResult(stamped, str(error))
        except ValueError as error:
            return StampingResult(
                stamped, f"the time stamp of {without_secrets(config.timestamp_url)} cannot be used: {error}"
            )
        # several programs may ask at the same time: the first answer is kept
        stamped += chain.add_stamp(record.sequence, answer, moment)
        on_stamp()
    return StampingResult(stamped)


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


def stamp_at_end(chain: EvidenceChain, config: EvidenceConfig) -> str:
    """Get missing time stamps at the end of a run; return a sentence on what failed, or an empty text.  Never fails the run."""
    try:
        result = stamp_pending(chain, config)
    except ConfigError as error:
        return f"No time stamps: {error}"
    return f"Some time stamps are still missing: {result.problem}" if result.problem else ""
