"""Which moments of a plan nobody has answered yet: the book of runs knows, whoever keeps the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from crawler.jobs.schedule.schedule_plan import PlannedJob, SchedulePlan
from detector.errors import StoreError
from detector.model import utcnow
from detector.store import Store

log = structlog.get_logger(__name__)

OWN_MEMORY = "schedule"
JUMP_SECONDS = 30.0
"""Between the clock and the time that went by: the clock was set, or the machine slept."""
Tell = Callable[[str, str], None]
"""Told (job, sentence)."""


class PlannedMoments:
    """The moments of all jobs of a plan."""

    def __init__(self, plan: SchedulePlan, store: Store, keep: timedelta, tell: Tell) -> None:
        """``keep``: for how long runs stay in the book."""
        self.plan = plan
        self._store, self._keep, self._tell = store, keep, tell
        self._drift = time.time() - time.monotonic()

    def since(self, planned: PlannedJob) -> datetime:
        """When the job was first known: what lay before that was not missed.

        Raises:
            StoreError: the store cannot be read.
        """
        key = f"since {planned.job.name}"
        kept = self._store.recall(OWN_MEMORY, key)
        if kept is None:
            kept = utcnow().isoformat()
            self._store.remember(OWN_MEMORY, key, kept)
        return datetime.fromisoformat(kept)

    def missed(self, planned: PlannedJob) -> datetime | None:
        """The moment of a job that should have been answered by now and was not.

        Raises:
            StoreError: the store cannot be read.
        """
        now = utcnow()
        answered = self._store.runs.answered(planned.job.name, now)
        return self.plan.missed(planned, answered or self.since(planned), now)

    def first(self, planned: PlannedJob) -> tuple[datetime | None, bool]:
        """When a job runs next, and whether that is now because its time was missed.

        Raises:
            StoreError: the store cannot be read.
        """
        now = utcnow()
        if self.missed(planned) is None:
            return planned.fires_after(now), False
        self._tell(planned.job.name, "missed its time; it runs now")
        return now, True

    def retimed(self, planned: PlannedJob) -> tuple[datetime | None, bool]:
        """The same after the clock was set; a store that cannot be read then hides no later moment."""
        try:
            return self.first(planned)
        except StoreError as error:
            log.warning("a job's time could not be taken anew", job=planned.job.name, error=str(error))
            return planned.fires_after(utcnow()), False

    def tidy(self) -> None:
        """Take old runs out of the book.

        Raises:
            StoreError: the store cannot be written.
        """
        self._store.runs.forget(utcnow() - self._keep)

    def clock_was_set(self) -> bool:
        """Whether the clock was set, or the machine slept, since it was asked last: then all times are to be taken anew."""
        by = time.time() - time.monotonic() - self._drift
        if abs(by) <= JUMP_SECONDS:
            return False
        self._drift += by
        self._tell("clock", f"was set by {by:+.0f} s, or the machine slept; all times are taken anew")
        return True
