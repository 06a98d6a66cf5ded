"""Run crawl jobs at their planned times, each in a process of its own; none runs twice, and missed runs are made up for.

APScheduler keeps the time; the store keeps the records of runs.  Only the process that first records a run executes it, so that
a second scheduler, by mistake or for safety, does no harm.
"""

from __future__ import annotations

import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from crawler.jobs.job_process import start_job
from crawler.jobs.schedule.moments import PlannedMoments, Tell
from crawler.jobs.schedule.schedule_plan import PlannedJob
from detector.errors import StoreError
from detector.store import Store

WAKE_SECONDS = 5.0
STOP_SECONDS = 60.0
"""Seconds that runs get to end in good order."""


class JobScheduler:
    """Starts runs of crawl jobs until it is stopped."""

    def __init__(self, moments: PlannedMoments, store: Store, workspace: Path, tell: Tell) -> None:
        """``store``: holds the records of runs; ``workspace``: folder that the runs work in; ``tell``: receives messages."""
        self._moments, self._store, self._workspace, self._tell = moments, store, workspace, tell
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._clock = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(moments.plan)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Run jobs until interrupted; then end the runs in progress and wait for them.

        Raises:
            StoreError: the store cannot be read at the start.
        """
        for planned in self._moments.plan:
            self._moments.since(planned)
            first = _on_its_clock(*self._moments.first(planned))
            self._clock.add_job(self._fire, _Delayed(planned), args=[planned], id=planned.job.name, next_run_time=first)
        self._clock.start()
        try:
            self._watch()
        finally:
            self._stop()

    def next_runs(self) -> dict[str, datetime | None]:
        """Return when each job runs next, by its name."""
        return {job.id: job.next_run_time for job in self._clock.get_jobs()}

    # --- runs ---------------------------------------------------------------------------------------------------

    def _fire(self, planned: PlannedJob) -> None:
        """Run a job for its latest planned time, in a thread of APScheduler's."""
        name = planned.job.name
        try:
            moment = self._moments.missed(planned)
        except StoreError as error:
            self._tell(name, f"could not be started: {error}")
            return
        if moment is None or self._stopping.is_set():
            return  # another scheduler has run it
        started = time.monotonic()
        with self._lock:
            if self._stopping.is_set():
                return
            self._tell(name, "started")
            child = self._children[name] = start_job(self._workspace, name, moment)
        code = child.wait()
        with self._lock:
            self._children.pop(name, None)
        self._tell(name, f"{self._came_to(name, moment, code)} after {time.monotonic() - started:.0f} s")

    def _came_to(self, name: str, moment: datetime, code: int) -> str:
        try:
            run = self._store.runs.last(name)
            self._moments.tidy()
        except StoreError as error:
            return f"ended with exit status {code}; its result cannot be read ({error})"
        if run is None or run.planned != moment:
            return f"ended with exit status {code}"
        counts = ", ".join(f"{count} {what}" for what, count in run.counts.items() if count)
        return f"{run.state}{': ' + counts if counts else ''}{'; ' + run.error if run.error else ''}"

    # --- while it runs ------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stopping.wait(WAKE_SECONDS):
            if self._moments.clock_was_set():
                self._retime()
            self._clock.wakeup()

    def _retime(self) -> None:
        for planned in self._moments.plan:
            first = _on_its_clock(*self._moments.retimed(planned))
            self._clock.modify_job(planned.job.name, next_run_time=first)

    def _stop(self) -> None:
        with self._lock:
            self._stopping.set()
            children = dict(self._children)
        for child in children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for name, child in children.items():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._tell(name, "did not end in time and was killed")
                child.kill()
        self._clock.shutdown(wait=True)


def _on_its_clock(moment: datetime | None, late: bool) -> datetime | None:
    """Return the time by the clock that APScheduler reads; a late run begins now."""
    return datetime.now(UTC) if late else moment


class _Delayed(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Trigger at a job's planned times plus their delays; APScheduler's own jitter would differ after each restart."""

    def __init__(self, planned: PlannedJob) -> None:
        self._planned = planned

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the time at which the next run begins."""
        return self._planned.fires_after(max(now, previous_fire_time or now))
