"""Celery's beat for crawl jobs: it sends each moment to the workers, one of whom answers it.

Beat's own schedules know neither of missed moments nor of jitter nor of runs that are under way.  This one asks the plan and the
book of runs, so that a second beat, or a message that comes twice, does no harm.
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
"""Between two looks at the time, and between two attempts to send."""


class JobBeat(beat.Scheduler):  # type: ignore[misc]  # Celery has no types
    """Which jobs are due; beat's service asks it again and again."""

    def __init__(self, moments: PlannedMoments, tell: Tell, **of_the_service: Any) -> None:
        """``of_the_service``: what :class:`celery.beat.Service` hands its scheduler.

        Raises:
            StoreError: the store cannot be read.
        """
        self._moments, self._tell = moments, tell
        self._next: dict[str, datetime | None] = {}
        super().__init__(**of_the_service)

    def setup_schedule(self) -> None:
        """Take the times of all jobs; those of beat's own configuration are none of ours."""
        for planned in self._moments.plan:
            self._moments.since(planned)
        self._take_times(self._moments.first)

    def tick(self, **_: Any) -> float:
        """Send what is due; seconds until it wants to be asked again."""
        if self._moments.clock_was_set():
            self._take_times(self._moments.retimed)
        for planned in self._moments.plan:
            due = self._next[planned.job.name]
            if due is not None and due <= utcnow() and not self._answer(planned):
                break  # the broker, or the store, is away for the others too
        return WAKE_SECONDS

    def _take_times(self, ask: Callable[[PlannedJob], tuple[datetime | None, bool]]) -> None:
        self._next = {planned.job.name: ask(planned)[0] for planned in self._moments.plan}

    def _answer(self, planned: PlannedJob) -> bool:
        """Send the latest moment that nobody has answered; False where it must be tried again."""
        name = planned.job.name
        try:
            moment = self._moments.missed(planned)
            if moment is not None:
                if not send_job(self.app, name, moment):
                    return False
                self._tell(name, "is sent to the workers")
                self._moments.tidy()
        except StoreError as error:
            self._tell(name, f"could not be sent: {error}")
            return False
        self._next[name] = planned.fires_after(utcnow())
        return True


def run_beat(app: Celery, moments: PlannedMoments, tell: Tell) -> None:
    """Send jobs at their moments until interrupted.

    Raises:
        StoreError: the store cannot be read at the start.
    """

    def scheduler(**of_the_service: Any) -> JobBeat:
        return JobBeat(moments, tell, **of_the_service)

    beat.Service(app, scheduler_cls=scheduler).start()
