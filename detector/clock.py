"""Tell which stored moments were written while the clock was ahead, so that nothing waits for a day that was never meant."""

from __future__ import annotations

from datetime import datetime, timedelta

SKEW = timedelta(hours=1)
"""Most by which clocks of machines that share a store may differ; what a clock less ahead has written waits for no longer."""
NOW = timedelta(0)


def is_ahead(moment: datetime, now: datetime, wait: timedelta = NOW) -> bool:
    """Check whether a stored moment lies further ahead than anything that is stored there.

    ``wait``: the longest time from writing the moment to the moment itself; nothing for the time of the writing.
    """
    return moment > latest_sane(now, wait)


def latest_sane(now: datetime, wait: timedelta = NOW) -> datetime:
    """Latest moment that a clock which is right can have written by ``now``."""
    return now + wait + SKEW
