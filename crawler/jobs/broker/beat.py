"""Scheduler of crawl jobs for Celery's beat: sends each planned run to the workers, one of which executes it.

Beat's own schedules know neither missed runs nor random delays nor runs in progress.  This one asks the plan and the
records of runs, so that a second beat, or a message that arrives twice, does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import Celery, beat

from crawler.jobs.broker.job_messages import send_job
from crawler.jobs.schedule.moments import PlannedMoments, Tell
from crawler.jobs.schedule.schedule_plan import PlannedJob
from detector.errors import StoreError
from detector.model import utcnow

WAKE_SECONDS = 5.0
"""Seconds between two checks of the clock, and between two attempts to send."""


class JobBeat(beat.Scheduler):  # type: ignore[misc]  # Celery has no types
    """Send due crawl jobs; Celery's beat service calls :meth:`tick` in a loop."""

    def __init__(self, moments: PlannedMoments, tell: Tell, **of_the_service: Any) -> None:
        """``of_the_service``: arguments that :class:`celery.beat.Service` passes to its scheduler.

        Raises:
            StoreError: the store cannot be read.
        """
        self._moments, self._tell = moments, tell
        self._next: dict[str, datetime | None] = {}
        super().__init__(**of_the_service)

    def setup_schedule(self) -> None:
        """Compute the next time of each crawl job; schedules of beat's own configuration are ignored."""
        for planned in self._moments.plan:
            self._moments.since(planned)
        self._take_times(self._moments.first)

    def tick(self, **_: Any) -> float:
        """Send what is due; return the seconds until the next call."""
        if self._moments.clock_was_set():
            self._take_times(self._moments.retimed)
        for planned in self._moments.plan:
            due = self._next[planned.job.name]
            if due is not None and due <= utcnow() and not self._answer(planned):
                break  # the broker, or the store, is unreachable for the others too
        return WAKE_SECONDS

    def _take_times(self, ask: Callable[[PlannedJob], tuple[datetime | None, bool]]) -> None:
        self._next = {planned.job.name: ask(planned)[0] for planned in self._moments.plan}

    def _answer(self, planned: PlannedJob) -> bool:
        """Send the latest planned run that was not executed; False where it must be tried again."""
        name = planned.job.name
        try:
            moment = self._moments.missed(planned)
            if moment is not None:
                if not send_job(self.app, name, moment):
                    return False
                self._tell(name, "sent to the workers")
                self._moments.tidy()
        except StoreError as error:
            self._tell(name, f"could not be sent: {error}")
            return False
        self._next[name] = planned.fires_after(utcnow())
        return True


def run_beat(app: Celery, moments: PlannedMoments, tell: Tell) -> None:
    """Send crawl jobs to the workers at their times until interrupted.

    Raises:
        StoreError: the store cannot be read at the start.
    """

    def scheduler(**of_the_service: Any) -> JobBeat:
        return JobBeat(moments, tell, **of_the_service)

    beat.Service(app, scheduler_cls=scheduler).start()
