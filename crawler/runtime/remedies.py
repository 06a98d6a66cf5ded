"""Remedies for the limits of a machine, in the words that all messages share."""

from __future__ import annotations

import errno

FILES = "raise the limit on open files (`ulimit -n 1024`, or LimitNOFILE= of the service)"


def remedy_of(error: OSError) -> str:
    """Return a remedy to put behind the error's own message; empty where that needs none."""
    return FILES if error.errno in {errno.EMFILE, errno.ENFILE} else ""
