"""What the command line leaves with; documented in docs/cli.md and tested against it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of ``clonewatch``."""

    NOTHING_FLAGGED = 0
    FAILED = 1
    """An error that nobody foresaw: a bug."""
    USAGE = 2
    CONFIGURATION = 3
    ENVIRONMENT = 4
    FLAGGED = 10
    ALTERED = 11
    """Evidence is not what was sealed."""
    INTERRUPTED = 130
