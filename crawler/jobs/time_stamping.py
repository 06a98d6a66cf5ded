"""Asking a time-stamp authority (RFC 3161 over HTTP, section 3.4) for what the store's manifests still lack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crawler.net.bounded_http import ServiceError, ask
from detector.bundle import MAX_STAMP_BYTES, check_stamp, load_roots, stamp_request
from detector.config import EvidenceConfig
from detector.errors import ConfigError, SourceError, UsageError
from detector.store import EvidenceChain

REQUEST_TYPE, ANSWER_TYPE = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class StampingResult:
    """What came of asking."""

    stamped: int = 0
    problem: str = ""
    """Why the first manifest that is left got none; the next call asks again."""


def stamp_pending(
    chain: EvidenceChain, config: EvidenceConfig, on_stamp: Callable[[], None] = lambda: None
) -> StampingResult:
    """Get time stamps for all manifests without one, oldest first, until one fails; nothing where no authority is configured.

    Raises:
        ConfigError: the file of trusted roots cannot be used.
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
            return StampingResult(stamped, f"the time stamp of {config.timestamp_url} cannot be used: {error}")
        # several programs may ask at once: the first answer stays
        stamped += chain.add_stamp(record.sequence, answer, moment)
        on_stamp()
    return StampingResult(stamped)


def request_stamp(url: str, request: bytes, seconds: float) -> bytes:
    """Ask an authority for one time stamp: at most 64 KiB, within ``seconds`` in all.  Not to be called from an event loop.

    Raises:
        SourceError: there was none in time, or it is none; says why.
    """
    headers = {"Content-Type": REQUEST_TYPE, "Accept": ANSWER_TYPE}
    try:
        answer = asyncio.run(ask(url, seconds=seconds, most=MAX_STAMP_BYTES, data=request, headers=headers))
        if problem := answer.problem():
            raise ServiceError(problem)
        if answer.media_type != ANSWER_TYPE:
            raise ServiceError(f"it answered with {answer.media_type[:80]!r}, not with {ANSWER_TYPE}")
    except ServiceError as error:
        raise SourceError(
            f"time-stamp authority {url}: {error}; the manifests are kept, and `clonewatch evidence stamp` asks again"
        ) from error
    return answer.body


def stamp_at_end(chain: EvidenceChain, config: EvidenceConfig) -> str:
    """What a run says of its time stamps when it ends: trouble with the authority spoils no run.  Empty where all is well."""
    try:
        result = stamp_pending(chain, config)
    except ConfigError as error:
        return f"No time stamps: {error}"
    return f"Some time stamps are still missing: {result.problem}" if result.problem else ""
