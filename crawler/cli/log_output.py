"""Logging to standard error: sentences for people, or JSON lines for a log collector."""

from __future__ import annotations

import logging
import os
import sys
from enum import StrEnum

import structlog

from crawler.runtime.log_text import ascii_json, keep_logs_legible

VARIABLE = "CLONEWATCH_LOG_FORMAT"


class LogFormat(StrEnum):
    """Format of the log."""

    TEXT = "text"
    JSON = "json"


def log_to_stderr(kind: LogFormat, *, verbose: bool) -> None:
    """Configure logging for this process and for child processes of this program.

    A JSON line has ``timestamp`` (RFC 3339, UTC), ``level``, ``event`` and the event's own fields; what a page or a
    server said is escaped like all text.
    """
    os.environ[VARIABLE] = str(kind)
    chosen: dict[str, object] = {}
    if kind is LogFormat.JSON:
        chosen["processors"] = [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ascii_json, default=str),
        ]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if verbose else logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        **chosen,  # type: ignore[arg-type]
    )
    keep_logs_legible()
