"""What to do about what a machine refuses, in the words that all messages share."""

from __future__ import annotations

import errno

FILES = "raise the limit on open files (`ulimit -n 1024`, or LimitNOFILE= of the service)"


def remedy_of(error: OSError) -> str:
    """A clause to put behind the error's own words; empty where those say it all."""
    return FILES if error.errno in {errno.EMFILE, errno.ENFILE} else ""
