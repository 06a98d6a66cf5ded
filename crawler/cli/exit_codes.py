"""Exit codes of the command line; documented in docs/cli.md and tested against it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of ``clonewatch``."""

    NOTHING_FLAGGED = 0
    FAILED = 1
    """An unexpected error: a bug."""
    USAGE = 2
    CONFIGURATION = 3
    ENVIRONMENT = 4
    FLAGGED = 10
    ALTERED = 11
    """Evidence differs from what was sealed."""
    INTERRUPTED = 130
