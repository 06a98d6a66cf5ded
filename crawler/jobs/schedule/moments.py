"""Planned times of crawl jobs that no run was made for yet, after the records of runs in the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from crawler.jobs.schedule.schedule_plan import PlannedJob, SchedulePlan
from detector.clock import is_ahead
from detector.errors import StoreError
from detector.model import utcnow
from detector.store import SourceKey, Store, time_key

log = structlog.get_logger(__name__)

OWN_MEMORY = "schedule"
JUMP_SECONDS = 30.0
"""Seconds by which clock and elapsed time must differ to conclude that the clock was set, or the machine slept."""
Tell = Callable[[str, str], None]
"""A function that is called with (job, sentence)."""


def since_key(job: str) -> SourceKey[datetime]:
    """Key of the time at which a job was first planned, kept under :data:`OWN_MEMORY`."""
    return time_key(f"since {job}")


class PlannedMoments:
    """The planned times of all jobs of a plan."""

    def __init__(self, plan: SchedulePlan, store: Store, keep: timedelta, tell: Tell) -> None:
        """``keep``: time for which records of runs are kept."""
        self.plan = plan
        self._store, self._keep, self._tell = store, keep, tell
        self._drift = time.time() - time.monotonic()

    def since(self, planned: PlannedJob) -> datetime:
        """Return when the job was first known; earlier planned times were not missed.

        Raises:
            StoreError: the store cannot be read.
        """
        key = since_key(planned.job.name)
        kept = self._store.sources.get(OWN_MEMORY, key)
        now = utcnow()
        if kept is None or is_ahead(kept, now):
            kept = now
            self._store.sources.put(OWN_MEMORY, key, kept)
        return kept

    def missed(self, planned: PlannedJob) -> datetime | None:
        """Return the latest planned time of a job that should have been run by now and was not; None where there is none.

        Raises:
            StoreError: the store cannot be read.
        """
        now = utcnow()
        answered = self._store.runs.answered(planned.job.name, now)
        return self.plan.missed(planned, answered or self.since(planned), now)

    def first(self, planned: PlannedJob) -> tuple[datetime | None, bool]:
        """Return when a job runs next, and True if that is now because its time was missed.

        Raises:
            StoreError: the store cannot be read.
        """
        now = utcnow()
        if self.missed(planned) is None:
            return planned.fires_after(now), False
        self._tell(planned.job.name, "missed its planned time; it runs now")
        return now, True

    def retimed(self, planned: PlannedJob) -> tuple[datetime | None, bool]:
        """Do the same after the clock was set; if the store cannot be read, later times are still returned."""
        try:
            return self.first(planned)
        except StoreError as error:
            log.warning(
                "the next time of a job was computed without knowing its missed runs",
                job=planned.job.name,
                error=str(error),
            )
            return planned.fires_after(utcnow()), False

    def tidy(self) -> None:
        """Delete old records of runs.

        Raises:
            StoreError: the store cannot be written.
        """
        self._store.runs.forget(utcnow() - self._keep)

    def clock_was_set(self) -> bool:
        """True if the clock was set, or the machine slept, since the last call: then all times must be computed again."""
        by = time.time() - time.monotonic() - self._drift
        if abs(by) <= JUMP_SECONDS:
            return False
        self._drift += by
        self._tell("clock", f"was set by {by:+.0f} s, or the machine slept; all planned times are computed again")
        return True
